package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// The names of the steps that fetch the app's facts.
const (
	seeContainers = "look at the containers"
	// SeeImages prints the app's images as a line of SeeImageFormat each.
	SeeImages = "look at the images"
)

// SeeImageFormat picks the fields of docker image inspect that plans stand on.
const SeeImageFormat = `{"id":{{json .ID}},"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}}}`

// Observe are the steps that fetch the app's part of the facts.
func Observe(c *config.Config) []plan.Step {
	list := shell.Cmd("docker", "ps", "--all", "--quiet", "--no-trunc").Lits(filters(c, "")...)
	images := shell.Cmd("docker", "image", "ls", "--quiet", "--no-trunc", c.Repository())
	return []plan.Step{
		{Name: seeContainers, Run: docker.Inspect(list, "inspect", docker.SeenFormat), Private: true},
		{Name: SeeImages, Run: docker.Inspect(images, "image", "inspect", SeeImageFormat), Private: true, Lasting: true},
	}
}

// Read fills in the app's part of the facts; output is the text that the step of that name
// printed.
func Read(output func(step string) []byte, h *facts.Host) error {
	containers, err := docker.Lines(output(seeContainers), fact)
	if err != nil {
		return fmt.Errorf("read docker's list of containers: %w", err)
	}
	images, err := docker.Lines(output(SeeImages), image.fact)
	if err != nil {
		return fmt.Errorf("read docker's list of images: %w", err)
	}
	slices.SortStableFunc(containers, func(a, b facts.Container) int { return b.Created.Compare(a.Created) })
	h.Containers = containers
	h.Images = latest(images)
	return nil
}

// latest puts what was seen of images, one look after the other, together: of an image the last
// look counts, and a tag belongs to the image that had it last.
func latest(seen []facts.Image) []facts.Image {
	var images []facts.Image
	for _, i := range seen {
		images = slices.DeleteFunc(images, func(old facts.Image) bool { return old.ID == i.ID })
		for k := range images {
			images[k].Tags = slices.DeleteFunc(images[k].Tags, func(tag string) bool { return slices.Contains(i.Tags, tag) })
		}
		images = append(images, i)
	}
	slices.SortFunc(images, func(a, b facts.Image) int { return cmp.Compare(a.ID, b.ID) })
	return images
}

func fact(seen docker.Seen) facts.Container {
	c := facts.ContainerOf(seen)
	c.Role = seen.Labels[docker.LabelRole]
	c.Version = cmp.Or(seen.Labels[docker.LabelVersion], versionIn(c.Name, seen.Labels))
	return c
}

// versionIn takes the version out of the name of a container that another tool of the family
// made, which has no label for it.
func versionIn(name string, labels map[string]string) string {
	prefix := labels[docker.LabelService] + "-" + labels[docker.LabelRole] + "-"
	if d := labels[docker.LabelDestination]; d != "" {
		prefix += d + "-"
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_replaced_")
	return version
}

type image struct {
	ID            string
	Tags, Digests []string
}

func (i image) fact() facts.Image { return facts.Image(i) }
