package accessory

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// The names of the steps that fetch the facts.
const (
	seeContainers = "look at the accessories"
	seeImages     = "look at the accessories' images"
	seeFolders    = "look at the accessories' folders"
)

// format is that of a container's facts, with what people want to see of an accessory.
const format = `{"seen":` + docker.SeenFormat + `,"reference":{{json .Config.Image}},"path":{{json .Path}},"args":{{json .Args}}}`

// Observe are the steps that fetch what there is of accessories.
func Observe(all []config.Accessory) []plan.Step {
	if len(all) == 0 {
		return nil
	}
	var list, images, folders shell.Line
	for _, a := range all {
		list = list.Then(shell.Cmd("docker", "ps", "--all", "--quiet", "--no-trunc").Lits(filters(a)...))
		images = images.Then(shell.Cmd("docker", "image", "inspect", "--format", `{"service":"`+a.Service+`","image":{{json .ID}}}`, a.Image))
		folders = folders.Then(shell.Text("[ -d").Add(home(a.Service), shell.Raw("]")).And(shell.Cmd("echo", a.Service)))
	}
	return []plan.Step{
		{Name: seeContainers, Run: docker.Inspect(list.Group(), "inspect", format), Private: true},
		{Name: seeImages, Run: images.Group().Add(shell.Raw("2>/dev/null || :")), Private: true},
		{Name: seeFolders, Run: folders.Then(shell.Text(":")), Private: true},
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

type (
	seenContainer struct {
		Seen            docker.Seen
		Reference, Path string
		Args            []string
	}
	seenImage struct{ Service, Image string }
)

func (s seenContainer) fact() facts.Accessory {
	return facts.Accessory{
		Service: s.Seen.Labels[docker.LabelService], Container: facts.ContainerOf(s.Seen), Config: s.Seen.Labels[docker.LabelConfig],
		Reference: s.Reference, Command: strings.Join(append([]string{s.Path}, s.Args...), " "),
	}
}

func (s seenImage) fact() facts.Accessory { return facts.Accessory{Service: s.Service, Image: s.Image} }

// Read fills in what there is of accessories; output is the text that the step of that name
// printed.
func Read(output func(step string) []byte, h *facts.Host) error {
	containers, err := docker.Lines(output(seeContainers), seenContainer.fact)
	if err != nil {
		return fmt.Errorf("read docker's list of accessories: %w", err)
	}
	images, err := docker.Lines(output(seeImages), seenImage.fact)
	if err != nil {
		return fmt.Errorf("read docker's list of the accessories' images: %w", err)
	}
	h.Accessories = containers
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
		run = run.And(shell.Cmd("expect_containers", u.Container().ID).Lits(filters(u.Accessory)...))
	}
	return plan.Step{Name: "check that nothing has changed", Cause: "the plan stands on what was seen", Run: run, Private: true, Minor: true}
}
