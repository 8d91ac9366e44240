package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// SeeImages is the name of the step that prints the app's images, each name of one in a line.
const SeeImages = "look at the images"

// SeeImageFormat makes docker image inspect tell of an image as SeeImages does.
const SeeImageFormat = `{"id":{{json .ID}},"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}},"created":{{json .Created}}}`

// listFormat makes docker image ls tell of a name of an image. A part that the image has not is
// <none>.
const listFormat = `{"id":"{{.ID}}","tags":["{{.Repository}}:{{.Tag}}"],"digests":["{{.Repository}}@{{.Digest}}"],"created":"{{.CreatedAt}}"}`

// Observe are the steps that fetch the app's images. Its containers are among those that are seen
// of all services.
func Observe(c *config.Project) []plan.Step {
	// Without --all, the command line of Docker 29 hides images that have a digest and no tag.
	images := docker.Cmd("image", "ls", "--all", "--no-trunc", "--digests", "--format", listFormat, config.Familiar(c.Repository()))
	return []plan.Step{{Name: SeeImages, Run: images, Captured: true, Cacheable: true}}
}

// Read fills in the app's part of the facts; output is the text that the step of that name
// printed.
func Read(c *config.Project, output func(step string) []byte, h *facts.Host) error {
	images, err := docker.Lines(output(SeeImages), func(i image) facts.Image { return i.fact(c) })
	if err != nil {
		return fmt.Errorf("read docker's list of images: %w", err)
	}
	h.Images = latest(images)
	for _, seen := range h.Seen {
		if isOf(c, seen.Labels) {
			h.Containers = append(h.Containers, fact(seen))
		}
	}
	slices.SortStableFunc(h.Containers, func(a, b facts.Container) int { return b.Created.Compare(a.Created) })
	return nil
}

// isOf tells the app's containers by their labels, as filters does.
func isOf(c *config.Project, labels map[string]string) bool {
	destination, told := labels[docker.LabelDestination]
	return labels[docker.LabelService] == c.Service && told && destination == c.Destination
}

// latest puts what was seen of images, one name after the other, together: a tag belongs to the
// image that had it last.
func latest(seen []facts.Image) []facts.Image {
	var images []facts.Image
	for _, i := range seen {
		for k := range images {
			images[k].Tags = slices.DeleteFunc(images[k].Tags, func(tag string) bool { return slices.Contains(i.Tags, tag) })
		}
		k := slices.IndexFunc(images, func(old facts.Image) bool { return old.ID == i.ID })
		if k < 0 {
			k = len(images)
			images = append(images, facts.Image{ID: i.ID, Created: i.Created})
		}
		images[k].Tags = union(images[k].Tags, i.Tags)
		images[k].Digests = union(images[k].Digests, i.Digests)
	}
	slices.SortFunc(images, func(a, b facts.Image) int { return cmp.Compare(a.ID, b.ID) })
	return images
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func fact(seen docker.Seen) facts.Container {
	c := facts.ContainerOf(seen)
	c.Role = seen.Labels[docker.LabelRole]
	c.Placement = placementIn(seen.Labels)
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
	Created       string
}

// built is when the image was built. Docker writes the time in other words in a list than where it
// tells of one image.
func (i image) built() time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05 -0700 MST"} {
		if t, err := time.Parse(layout, i.Created); err == nil {
			return t
		}
	}
	return time.Time{}
}

// fact calls the app's repository as the configuration does.
func (i image) fact(c *config.Project) facts.Image {
	shown := config.Familiar(c.Repository())
	named := func(names []string) (out []string) {
		for _, name := range names {
			switch rest, own := strings.CutPrefix(name, shown); {
			case strings.HasSuffix(name, "<none>"):
			case own && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "@")):
				out = append(out, c.Repository()+rest)
			default:
				out = append(out, name)
			}
		}
		return out
	}
	return facts.Image{ID: i.ID, Tags: named(i.Tags), Digests: named(i.Digests), Created: i.built()}
}
