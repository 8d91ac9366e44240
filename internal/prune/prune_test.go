package prune

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

func load(t *testing.T) *config.Scope {
	t.Helper()
	text := "service: shop\nimage: acme/shop\nservers: [vm1]\nregistry: {username: user, password: [PASSWORD]}\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
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
		Role: role, Version: version, State: "running", Created: minute(n), Started: minute(n), Restart: "unless-stopped",
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

// redone is a container of a version that was deployed before, under the name that it got when the
// next one took its own.
func redone(role, version string, n int) facts.Container {
	k := gone(role, version, n)
	k.ID += "-" + k.Finished.Format("04")
	k.Name += "_replaced_" + k.Finished.Format("04")
	return k
}

// failed is a container that never was healthy, and stays behind.
func failed(role, version string, n int) facts.Container {
	k := redone(role, version, n)
	k.Restart = "no"
	return k
}

func TestContainers_keeps_the_newest_versions_of_each_role(t *testing.T) {
	t.Parallel()
	many := []facts.Container{
		up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29), gone("web", "v1", 19),
		up("cron", "v4", 41), gone("cron", "v3", 30),
	}
	again := []facts.Container{
		up("web", "v2", 40), redone("web", "v2", 39), redone("web", "v2", 38), redone("web", "v2", 37), gone("web", "v1", 9),
	}
	tests := map[string]struct {
		containers []facts.Container
		retain     int
		stopping   []string
		next       string
		keep       []string
		want       []string
	}{
		"nothing there":                      {},
		"no more than are kept":              {containers: many, retain: 3},
		"one too many":                       {containers: many, retain: 2, want: []string{"web-v1"}},
		"the last one stays":                 {containers: many, retain: 0, want: []string{"web-v2", "web-v1"}},
		"one that stops just now":            {containers: many, retain: 2, stopping: []string{"web-v4"}, next: "v5", want: []string{"web-v2", "web-v1"}},
		"one that another host goes back to": {containers: many, retain: 1, keep: []string{"v1"}, want: []string{"web-v2"}},
		"never one that runs":                {containers: []facts.Container{up("web", "v1", 1), up("web", "v2", 2)}},
		"one version again and again":        {containers: again, retain: 1, want: []string{"web-v2_replaced_38", "web-v2_replaced_37"}},
		"the version before that is deployed again": {
			containers: again, retain: 1, stopping: []string{"web-v2"}, next: "v1",
			want: []string{"web-v2_replaced_39", "web-v2_replaced_38", "web-v2_replaced_37", "web-v1"},
		},
		"those that were never healthy": {
			containers: []facts.Container{up("web", "v2", 40), failed("web", "v4", 45), failed("web", "v3", 42), gone("web", "v1", 9)}, retain: 1,
			want: []string{"web-v4_replaced_45", "web-v3_replaced_42"},
		},
		"one that failed of a version that had been healthy": {
			containers: []facts.Container{up("web", "v2", 40), failed("web", "v1", 45), gone("web", "v1", 9)}, retain: 1,
			want: []string{"web-v1_replaced_45"},
		},
		"whatever ran where nothing was healthy for sure": {
			containers: []facts.Container{up("web", "v3", 40), failed("web", "v2", 30), failed("web", "v1", 20)}, retain: 1,
		},
		"those that never ran": {
			containers: []facts.Container{{ID: "x", Name: "shop-x", Role: "web", State: "created"}, gone("web", "v1", 5)}, retain: 1,
			want: []string{"x"},
		},
		"the one that ran last of an app that is stopped": {
			containers: []facts.Container{gone("web", "v3", 30), gone("web", "v2", 20), gone("web", "v1", 10)}, retain: 1,
			want: []string{"web-v1"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Request{Scope: load(t), Host: host(tt.containers...), Retain: tt.retain, Stopping: tt.stopping, Keep: tt.keep, Next: map[string]string{"web": tt.next}}
			if diff := cmp.Diff(tt.want, removed(Containers(r))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// removed are the containers that steps remove, without the service in their names.
func removed(steps []plan.Step) []string {
	out := names(steps)
	for i := range out {
		out[i] = strings.TrimPrefix(out[i], "remove container shop-")
	}
	return out
}

// A second container that ran by mistake was newer than the one that served, and pushed it out:
// the next rollback had nothing to go back to.
func TestContainers_keeps_the_one_that_served_before_a_stale_one(t *testing.T) {
	t.Parallel()
	r := Request{
		Scope: load(t), Host: host(up("web", "v2", 20), up("web", "v3", 30), gone("web", "v1", 10)),
		Retain: 1, Stopping: []string{"web-v2", "web-v3"}, Next: map[string]string{"web": "v4"},
	}
	if diff := cmp.Diff([]string{"web-v3", "web-v1"}, removed(Containers(r))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Docker has no other restart policy for a role that is to be started once.
func TestContainers_of_a_role_without_a_restart_policy_were_healthy_when_they_ran(t *testing.T) {
	t.Parallel()
	c := load(t)
	c.Roles[0].Restart = "no"
	h := host(up("web", "v4", 40), failed("web", "v3", 30), failed("web", "v2", 20), failed("web", "v1", 10))
	got := removed(Containers(Request{Scope: c, Host: h, Retain: 2}))
	if diff := cmp.Diff([]string{"web-v1_replaced_10"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestImages_stay_as_long_as_a_version_needs_them(t *testing.T) {
	t.Parallel()
	latest := host(up("web", "v4", 40), gone("web", "v3", 39))
	latest.Images[0].Tags = append(latest.Images[0].Tags, "acme/shop:latest")
	loose := host(up("web", "v4", 40), gone("web", "v3", 39))
	loose.Images = []facts.Image{{ID: "sha256:x"}, {ID: "sha256:y", Tags: []string{"acme/shop:a", "acme/shop:b"}}}
	staging := host(up("web", "v4", 40), gone("web", "v3", 39))
	staging.Seen = []docker.Seen{{ID: "other", Image: "sha256:v1"}, {ID: "third", Image: "sha256:elsewhere", Reference: "acme/shop:v2"}}
	tests := map[string]struct {
		host   facts.Host
		retain int
		keep   []string
		want   []string
	}{
		"each container keeps its own": {
			host: host(up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29)), retain: 2, want: []string{"acme/shop:v1"},
		},
		"one goes with its container": {
			host: host(up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29)), retain: 1, want: []string{"acme/shop:v1", "acme/shop:v2"},
		},
		"another role's container keeps it": {
			host:   host(up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v1", 9), gone("cron", "v1", 9), up("cron", "v4", 41)),
			retain: 1, want: []string{"acme/shop:v2"},
		},
		"one version again and again": {
			host: host(up("web", "v2", 40), redone("web", "v2", 39), redone("web", "v2", 38), gone("web", "v1", 9)), retain: 1,
			want: []string{"acme/shop:v3", "acme/shop:v4"},
		},
		"the version at hand stays without a container": {
			host: host(up("web", "v3", 30), gone("web", "v2", 29)), retain: 1, keep: []string{"v4"}, want: []string{"acme/shop:v1"},
		},
		"latest stays":                       {host: latest, retain: 1, want: []string{"acme/shop:v2"}},
		"one without a tag goes by its id":   {host: loose, retain: 1, want: []string{"sha256:x", "acme/shop:a"}},
		"another destination's stay":         {host: staging, retain: 1},
		"all stay where no other is known":   {host: host(up("web", "v4", 40), redone("web", "v4", 39)), retain: 1},
		"one that never was healthy is none": {host: host(up("web", "v4", 40), failed("web", "v3", 39), gone("web", "v2", 9)), retain: 1, want: []string{"acme/shop:v1", "acme/shop:v3"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := names(Images(Request{Scope: load(t), Host: tt.host, Retain: tt.retain, Keep: tt.keep}))
			want := []string{}
			for _, image := range tt.want {
				want = append(want, "remove image "+image)
			}
			if diff := cmp.Diff(append(want, "remove untagged images of shop"), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Without containers that go, none frees its image.
func TestImages_alone_keep_those_of_all_containers(t *testing.T) {
	t.Parallel()
	h := host(up("web", "v4", 40), gone("web", "v3", 39), gone("web", "v2", 29))
	got := names(Images(Request{Scope: load(t), Host: h, Retain: 1, ImagesOnly: true}))
	if diff := cmp.Diff([]string{"remove image acme/shop:v1", "remove untagged images of shop"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestImages_are_removed_under_all_their_tags(t *testing.T) {
	t.Parallel()
	h := host(up("web", "v4", 40), gone("web", "v3", 39))
	h.Images = []facts.Image{{ID: "sha256:y", Tags: []string{"acme/shop:a", "acme/shop:b"}}}
	if got := Images(Request{Scope: load(t), Host: h})[0].Run.Wire().Reveal(); got != "docker image rm acme/shop:a acme/shop:b" {
		t.Errorf("got %s", got)
	}
}

// A new container gets its restart policy once it has been healthy, and nothing takes it away from
// one that is stopped.
func TestWasHealthy_is_known_of_a_stopped_container(t *testing.T) {
	t.Parallel()
	c := &config.Project{Placement: config.Placement{Roles: []config.Role{{Name: "web", Restart: "always"}, {Name: "once", Restart: "no"}}}}
	ran := minute(1)
	for name, tt := range map[string]struct {
		container facts.Container
		want      bool
	}{
		"kept":                          {facts.Container{Role: "web", Restart: "unless-stopped", Started: ran}, true},
		"of a former role":              {facts.Container{Role: "jobs", Restart: "on-failure:3", Started: ran}, true},
		"of a deploy that failed":       {facts.Container{Role: "web", Restart: "no", Started: ran}, false},
		"without a policy":              {facts.Container{Role: "web", Started: ran}, false},
		"of a role without a policy":    {facts.Container{Role: "once", Restart: "no", Started: ran}, true},
		"of such a role that never ran": {facts.Container{Role: "once", Restart: "no"}, false},
	} {
		if got := WasHealthy(c.All().Project, tt.container); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
