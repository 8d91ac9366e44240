package accessory

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// The names of the steps that observe accessories.
const (
	seeImages  = "look at the accessories' images"
	seeFolders = "look at the accessories' folders"
)

// Observe returns the steps that look for the images and folders of accessories. Their containers are in
// facts.Host.Seen, which another package observes.
func Observe(all []config.Accessory) []plan.Step {
	if len(all) == 0 {
		return nil
	}
	var images, folders shell.Line
	for _, a := range all {
		images = images.Then(docker.Cmd("image", "inspect", "--format", `{"service":"`+a.Service+`","image":{{json .ID}}}`, a.Image))
		folders = folders.Then(shell.Text("[ -d").Add(home(a.Service), shell.Raw("]")).And(shell.Cmd("echo", a.Service)))
	}
	return []plan.Step{
		{Name: seeImages, Run: images.Group().Add(shell.Raw("2>/dev/null || :")), Captured: true},
		{Name: seeFolders, Run: folders.Then(shell.Text(":")), Captured: true},
	}
}

// filters returns options of docker ps that select an accessory's container. The label is not enough: an app
// may have the same name.
func filters(a config.Accessory) []string {
	return []string{"--filter", "label=" + docker.LabelService + "=" + a.Service, "--filter", "name=^" + a.Service + "$"}
}

// home returns a path on the host as a shell word. A relative path is below the user's home. The shell fills
// in ${NAME}.
func home(path string) shell.Word {
	if !strings.HasPrefix(path, "/") {
		path = "${HOME}/" + path
	}
	return shell.Expand(path)
}

// fact converts the container of an accessory.
func fact(s docker.Seen) facts.Accessory {
	return facts.Accessory{
		Service: s.Labels[docker.LabelService], Container: facts.ContainerOf(s), Config: s.Labels[docker.LabelConfig],
		Reference: s.Reference, Command: strings.Join(append([]string{s.Path}, s.Args...), " "),
	}
}

type seenImage struct{ Service, Image string }

func (s seenImage) fact() facts.Accessory { return facts.Accessory{Service: s.Service, Image: s.Image} }

// Read sets the facts about accessories. output returns the output of a step by name.
func Read(all []config.Accessory, output func(step string) []byte, h *facts.Host) error {
	images, err := docker.Lines(output(seeImages), seenImage.fact)
	if err != nil {
		return fmt.Errorf("read docker's list of the accessories' images: %w", err)
	}
	for _, a := range all {
		// The label is checked, too: an app's container may have the name of the accessory.
		if seen := docker.Named(h.Seen, a.Service); seen.Labels[docker.LabelService] == a.Service {
			h.Accessories = append(h.Accessories, fact(seen))
		}
	}
	for _, i := range images {
		of(h, i.Service).Image = i.Image
	}
	for service := range strings.FieldsSeq(string(output(seeFolders))) {
		of(h, service).Folder = true
	}
	return nil
}

// of returns the entry of an accessory in the facts. It adds one if there is none.
func of(h *facts.Host, service string) *facts.Accessory {
	i := slices.IndexFunc(h.Accessories, func(a facts.Accessory) bool { return a.Service == service })
	if i < 0 {
		i = len(h.Accessories)
		h.Accessories = append(h.Accessories, facts.Accessory{Service: service})
	}
	return &h.Accessories[i]
}

// Expect returns the step that fails if the accessories' containers on the host are no longer those of the
// plan.
func Expect(units []Unit) plan.Step {
	var run shell.Line
	for _, u := range units {
		run = run.And(docker.ExpectContainers.Call(u.Container().ID).Lits(filters(u.Accessory)...))
	}
	return plan.Step{
		Name: "check that nothing has changed", Kind: script.Expect, Cause: "the plan is for the containers that were seen",
		Run: run, Captured: true, VerboseOnly: true,
	}
}
