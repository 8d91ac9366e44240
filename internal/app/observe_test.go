package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

// Docker tells of each name of an image in a line of its own; what a run has brought since comes
// behind them, and takes its tag with it.
func TestRead_puts_the_names_of_an_image_together(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	const out = `{"id":"sha256:1","tags":["shop:v1"],"digests":["shop@sha256:a"]}
{"id":"sha256:1","tags":["shop:latest"],"digests":["shop@sha256:a"]}
{"id":"sha256:0","tags":["shop:<none>"],"digests":["shop@<none>"]}

{"id":"sha256:2","tags":["shop:v2","shop:latest"],"digests":[]}`
	var h facts.Host
	if err := Read(c.Project, func(string) []byte { return []byte(out) }, &h); err != nil {
		t.Fatal(err)
	}
	want := []facts.Image{
		{ID: "sha256:0"},
		{ID: "sha256:1", Tags: []string{"shop:v1"}, Digests: []string{"shop@sha256:a"}},
		{ID: "sha256:2", Tags: []string{"shop:v2", "shop:latest"}},
	}
	if diff := cmp.Diff(want, h.Images, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h = facts.Host{Seen: []docker.Seen{
		{ID: "mine", Labels: map[string]string{"service": c.Project.Service, "destination": c.Project.Destination}},
		{ID: "elsewhere", Labels: map[string]string{"service": c.Project.Service, "destination": "other"}},
		{ID: "accessory", Labels: map[string]string{"service": c.Project.Service}},
	}}
	if err := Read(c.Project, func(string) []byte { return nil }, &h); err != nil || len(h.Containers) != 1 || h.Containers[0].ID != "mine" {
		t.Errorf("containers %+v, %v", h.Containers, err)
	}
}

// Docker leaves the name of Docker Hub out, and finds nothing by it.
func TestRead_calls_images_of_docker_hub_as_the_configuration_does(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	for server, shown := range map[string]string{"docker.io": "acme/shop", "index.docker.io/": "acme/shop", "docker.io/acme": "acme/shop", "": "acme/shop", "ghcr.io": "ghcr.io/acme/shop"} {
		c.Project.Registry.Server, c.Project.Image = server, "acme/shop"
		if strings.HasSuffix(server, "/acme") {
			c.Project.Image = "shop"
		}
		if line := Observe(c.Project)[0].Run.Wire().Reveal(); !strings.HasSuffix(line, " "+shown) {
			t.Errorf("%s: %s", server, line)
		}
		out := fmt.Sprintf(`{"id":"sha256:1","tags":["%[1]s:v1","other/shop:v1"],"digests":["%[1]s@sha256:a"]}`, shown)
		var h facts.Host
		if err := Read(c.Project, func(string) []byte { return []byte(out) }, &h); err != nil {
			t.Fatal(err)
		}
		image, found := FindImage(h, c.Project.AbsoluteImage("v1"))
		if !found || !slices.Contains(image.Digests, c.Project.Repository()+"@sha256:a") || !slices.Contains(image.Tags, "other/shop:v1") {
			t.Errorf("%s: %+v", server, h.Images)
		}
	}
}

// A host may name more images than there can be.
func TestLatest_of_very_many_images(t *testing.T) {
	t.Parallel()
	var seen []facts.Image
	for i := range 50_000 {
		seen = append(seen, facts.Image{ID: fmt.Sprint("sha256:", i), Tags: []string{"shop:latest", fmt.Sprint("shop:", i)}, Digests: []string{"shop@sha256:a"}})
	}
	got := latest(append(seen, seen[0]))
	if len(got) != len(seen) || !slices.Equal(got[0].Tags, seen[0].Tags) || len(got[1].Tags) != 1 || len(got[0].Digests) != 1 {
		t.Errorf("%d images, the first %+v", len(got), got[:2])
	}
}
