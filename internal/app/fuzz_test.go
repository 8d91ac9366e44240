package app

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

// What docker says of containers and images is text of a host: it becomes facts or an error.
func FuzzRead(f *testing.F) {
	f.Add(`{"id":"1","name":"/shop-web-v1","labels":{"service":"shop","destination":"","role":"web"},"created":"2026-11-01T00:00:00Z","restart":"on-failure","retries":3,"state":"running"}`,
		`{"id":"sha256:1","tags":["shop:v1"],"digests":["shop@sha256:a"],"created":"2026-11-01 00:00:00 +0000 UTC"}`)
	f.Add(`{"id":"","labels":{"service":"shop","destination":"","mrsk.placement":"[1]"},"args":null}`+"\n\n{", "null\n[]")
	f.Add(`{"labels":{"service":"shop","destination":"","version":"\u001b[2J"},"created":"0001-01-01T00:00:00Z"}`, `{"tags":["<none>:<none>","shop:"],"digests":[":@"],"created":5}`)
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(shop), nil }})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, containers, images string) {
		seen, err := docker.Lines([]byte(containers), func(s docker.Seen) docker.Seen { return s })
		if err != nil {
			return
		}
		h := facts.Host{Seen: seen}
		if err := Read(c, func(string) []byte { return []byte(images) }, &h); err != nil {
			return
		}
		for i, one := range h.Containers {
			if i > 0 && one.Created.After(h.Containers[i-1].Created) {
				t.Error("the newest container is not first")
			}
		}
		ids := map[string]bool{}
		for _, one := range h.Images {
			if ids[one.ID] {
				t.Errorf("image %q is there twice", one.ID)
			}
			ids[one.ID] = true
			for _, tag := range one.Tags {
				if strings.HasSuffix(tag, "<none>") {
					t.Errorf("tag %q", tag)
				}
			}
		}
		for _, s := range seen {
			_, _, _ = s.Alias(), s.Policy(), s.Detached()
		}
	})
}
