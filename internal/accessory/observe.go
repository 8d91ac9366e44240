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

// The names of the steps that fetch the facts.
const (
	seeImages  = "look at the accessories' images"
	seeFolders = "look at the accessories' folders"
)

// Observe are the steps that fetch what there is of accessories, besides their containers, which
// are among those that are seen of all services.
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

// filters find an accessory's container in docker ps: its label alone could be that of another
// app, called as the accessory is.
func filters(a config.Accessory) []string {
	return []string{"--filter", "label=" + docker.LabelService + "=" + a.Service, "--filter", "name=^" + a.Service + "$"}
}

// home is a path on the host, below the user's home unless it is absolute; ${NAME} is filled in.
func home(path string) shell.Word {
	if !strings.HasPrefix(path, "/") {
		path = "${HOME}/" + path
	}
	return shell.Expand(path)
}

// fact is what there is of an accessory that has a container.
func fact(s docker.Seen) facts.Accessory {
	return facts.Accessory{
		Service: s.Labels[docker.LabelService], Container: facts.ContainerOf(s), Config: s.Labels[docker.LabelConfig],
		Reference: s.Reference, Command: strings.Join(append([]string{s.Path}, s.Args...), " "),
	}
}

type seenImage struct{ Service, Image string }

func (s seenImage) fact() facts.Accessory { return facts.Accessory{Service: s.Service, Image: s.Image} }

// Read fills in what there is of these accessories; output is the text that the step of that name
// printed.
func Read(all []config.Accessory, output func(step string) []byte, h *facts.Host) error {
	images, err := docker.Lines(output(seeImages), seenImage.fact)
	if err != nil {
		return fmt.Errorf("read docker's list of the accessories' images: %w", err)
	}
	for _, a := range all {
		// The label alone could be that of another app, called as the accessory is.
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

// of is the entry of an accessory among the facts, made where there is none.
func of(h *facts.Host, service string) *facts.Accessory {
	i := slices.IndexFunc(h.Accessories, func(a facts.Accessory) bool { return a.Service == service })
	if i < 0 {
		i = len(h.Accessories)
		h.Accessories = append(h.Accessories, facts.Accessory{Service: service})
	}
	return &h.Accessories[i]
}

// Expect refuses to go on when the containers of accessories on the host are no longer those that
// the plan was made for.
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
