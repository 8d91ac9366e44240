package prune

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

func load(t *testing.T) *config.Config {
	t.Helper()
	text := "service: shop\nimage: acme/shop\nservers: [vm1]\nregistry: {username: user, password: [PASSWORD]}\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// gone is a container that ended n minutes after the beginning.
func gone(role, version string, n int) facts.Container {
	k := up(role, version, n-1)
	k.State, k.Finished = "exited", minute(n)
	return k
}

func up(role, version string, n int) facts.Container {
	return facts.Container{
		ID: role + "-" + version, Name: "shop-" + role + "-" + version, Image: "sha256:" + version,
		Role: role, Version: version, State: "running", Created: minute(n), Started: minute(n),
	}
}

func minute(n int) time.Time { return time.Date(2026, 1, 1, 12, n, 0, 0, time.UTC) }

// host has the containers, newest first, and an image of each version.
func host(containers ...facts.Container) facts.Host {
	h := facts.Host{Name: "vm1", Containers: slices.Clone(containers)}
	slices.SortStableFunc(h.Containers, func(a, b facts.Container) int { return b.Created.Compare(a.Created) })
	for _, v := range []string{"v1", "v2", "v3", "v4"} {
		h.Images = append(h.Images, facts.Image{ID: "sha256:" + v, Tags: []string{"acme/shop:" + v}})
	}
	return h
}

func names(steps []plan.Step) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Name)
	}
	return out
}

func TestContainers_keeps_the_newest_of_each_role(t *testing.T) {
	t.Parallel()
	many := []facts.Container{
		up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29), gone("web", "v1", 19),
		up("cron", "v4", 41), gone("cron", "v3", 30),
	}
	tests := map[string]struct {
		containers []facts.Container
		retain     int
		stopping   []string
		want       []string
	}{
		"nothing there":              {},
		"no more than are kept":      {containers: many, retain: 3},
		"one too many":               {containers: many, retain: 2, want: []string{"remove container shop-web-v1"}},
		"none kept":                  {containers: many, retain: 0, want: []string{"remove container shop-cron-v3", "remove container shop-web-v3", "remove container shop-web-v2", "remove container shop-web-v1"}},
		"one that stops just now":    {containers: many, retain: 1, stopping: []string{"web-v4"}, want: []string{"remove container shop-web-v3", "remove container shop-web-v2", "remove container shop-web-v1"}},
		"never one that runs":        {containers: []facts.Container{up("web", "v1", 1), up("web", "v2", 2)}, retain: 0},
		"those that never ran first": {containers: []facts.Container{{ID: "x", Name: "x", Role: "web", State: "created"}, gone("web", "v1", 5)}, retain: 1, want: []string{"remove container x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := names(Containers(Request{Config: load(t), Host: host(tt.containers...), Retain: tt.retain, Stopping: tt.stopping}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A second container that ran by mistake was newer than the one that served, and pushed it out:
// the next rollback had nothing to go back to.
func TestContainers_keeps_the_one_that_served_before_a_stale_one(t *testing.T) {
	t.Parallel()
	r := Request{
		Config: load(t), Host: host(up("web", "v2", 20), up("web", "v3", 30), gone("web", "v1", 10)),
		Retain: 1, Stopping: []string{"web-v2", "web-v3"},
	}
	want := []string{"remove container shop-web-v3", "remove container shop-web-v1"}
	if diff := cmp.Diff(want, names(Containers(r))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestImages_stay_as_long_as_a_container_needs_them(t *testing.T) {
	t.Parallel()
	untagged := "remove untagged images of shop"
	latest := host(up("web", "v4", 40))
	latest.Images[0].Tags = append(latest.Images[0].Tags, "acme/shop:latest")
	loose := host(up("web", "v4", 40))
	loose.Images = []facts.Image{{ID: "sha256:x"}, {ID: "sha256:y", Tags: []string{"acme/shop:a", "acme/shop:b"}}}
	tests := map[string]struct {
		host   facts.Host
		retain int
		keep   []string
		want   []string
	}{
		"each container keeps its own": {
			host: host(up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29)), retain: 2,
			want: []string{"remove image acme/shop:v1", untagged},
		},
		"one goes with its container": {
			host: host(up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29)), retain: 1,
			want: []string{"remove image acme/shop:v1", "remove image acme/shop:v2", untagged},
		},
		"another role's container keeps it": {
			host: host(up("web", "v4", 40), gone("web", "v1", 9), gone("cron", "v1", 9), up("cron", "v4", 41)), retain: 0,
			want: []string{"remove image acme/shop:v1", "remove image acme/shop:v2", "remove image acme/shop:v3", untagged},
		},
		"the version at hand stays without a container": {
			host: host(up("web", "v3", 30)), retain: 1, keep: []string{"v4"},
			want: []string{"remove image acme/shop:v1", "remove image acme/shop:v2", untagged},
		},
		"latest stays": {host: latest, retain: 1, want: []string{"remove image acme/shop:v2", "remove image acme/shop:v3", untagged}},
		"one without a tag goes by its id": {
			host: loose, retain: 1, want: []string{"remove image sha256:x", "remove image acme/shop:a", untagged},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := names(Images(Request{Config: load(t), Host: tt.host, Retain: tt.retain, Keep: tt.keep}))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestImages_are_removed_under_all_their_tags(t *testing.T) {
	t.Parallel()
	h := host()
	h.Images = []facts.Image{{ID: "sha256:y", Tags: []string{"acme/shop:a", "acme/shop:b"}}}
	if got := Images(Request{Config: load(t), Host: h})[0].Run.Wire(); got != "docker image rm acme/shop:a acme/shop:b" {
		t.Errorf("got %s", got)
	}
}
