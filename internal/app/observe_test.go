package app

import (
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
	if err := Read(c, func(string) []byte { return []byte(out) }, &h); err != nil {
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
		{ID: "mine", Labels: map[string]string{"service": c.Service, "destination": c.Destination}},
		{ID: "elsewhere", Labels: map[string]string{"service": c.Service, "destination": "other"}},
		{ID: "accessory", Labels: map[string]string{"service": c.Service}},
	}}
	if err := Read(c, func(string) []byte { return nil }, &h); err != nil || len(h.Containers) != 1 || h.Containers[0].ID != "mine" {
		t.Errorf("containers %+v, %v", h.Containers, err)
	}
}
