package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// SeeImages is the name of the step that prints the app's images, one line per name of an image.
const SeeImages = "look at the images"

// SeeImageFormat is the format of docker image inspect that prints an image like the step SeeImages.
const SeeImageFormat = `{"id":{{json .ID}},"tags":{{json .RepoTags}},"digests":{{json .RepoDigests}},"created":{{json .Created}}}`

// listFormat is the format of docker image ls. It prints <none> for a tag or digest that the image does not
// have.
const listFormat = `{"id":"{{.ID}}","tags":["{{.Repository}}:{{.Tag}}"],"digests":["{{.Repository}}@{{.Digest}}"],"created":"{{.CreatedAt}}"}`

// Observe returns the steps that list the app's images. The app's containers are in facts.Host.Seen, which
// another package observes.
func Observe(c *config.Project) []plan.Step {
	// Without --all, the command line of Docker 29 hides images that have a digest and no tag.
	images := docker.Cmd("image", "ls", "--all", "--no-trunc", "--digests", "--format", listFormat, config.Familiar(c.Repository()))
	return []plan.Step{{Name: SeeImages, Run: images, Captured: true, Cacheable: true}}
}

// Read sets the facts about the app. output returns the output of a step by name.
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

// isOf reports whether labels are those of a container of the app. It selects the same containers as
// filters.
func isOf(c *config.Project, labels map[string]string) bool {
	destination, labelled := labels[docker.LabelDestination]
	return labels[docker.LabelService] == c.Service && labelled && destination == c.Destination
}

// latest merges the entries of each image. If two images have the same tag, it belongs to the later one:
// a pull during the run moved it.
func latest(seen []facts.Image) []facts.Image {
	owner := map[string]string{} // by tag the image that had it last
	for _, i := range seen {
		for _, tag := range i.Tags {
			owner[tag] = i.ID
		}
	}
	byID, known := map[string]*facts.Image{}, map[[2]string]bool{}
	added := func(id, name string) bool {
		before := known[[2]string{id, name}]
		known[[2]string{id, name}] = true
		return !before
	}
	for _, i := range seen {
		if byID[i.ID] == nil {
			byID[i.ID] = &facts.Image{ID: i.ID, Created: i.Created}
		}
		for _, tag := range i.Tags {
			if owner[tag] == i.ID && added(i.ID, tag) {
				byID[i.ID].Tags = append(byID[i.ID].Tags, tag)
			}
		}
		for _, digest := range i.Digests {
			if added(i.ID, digest) {
				byID[i.ID].Digests = append(byID[i.ID].Digests, digest)
			}
		}
	}
	return sorted(byID)
}

func sorted(byID map[string]*facts.Image) []facts.Image {
	var images []facts.Image
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		images = append(images, *byID[id])
	}
	return images
}

func fact(seen docker.Seen) facts.Container {
	c := facts.ContainerOf(seen)
	c.Role = docker.Owner(seen.Labels, docker.LabelRole)
	c.Placement = placementIn(seen.Labels)
	c.Settings = settingsIn(seen.Labels)
	c.Version = cmp.Or(docker.Owner(seen.Labels, docker.LabelVersion), versionIn(c.Name, seen.Labels))
	return c
}

// versionIn returns the version in the name of a container that Kamal or MRSK created, which has no label
// for it.
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

// built returns the time when the image was built. docker image ls and docker image inspect print it in
// different formats.
func (i image) built() time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05 -0700 MST"} {
		if t, err := time.Parse(layout, i.Created); err == nil {
			return t
		}
	}
	return time.Time{}
}

// fact converts an image. Docker abbreviates names of Docker Hub; fact uses the name of the configuration.
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
