package workflow

import (
	"context"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/event"
	"mrsk/internal/testfleet"
	"mrsk/internal/testhost/engine"
)

func TestSplitByMirror_takes_one_host_for_each_mirror_first(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		mirrors     map[string]string
		first, rest string
	}{
		"no mirrors":               {map[string]string{}, "", "a b c d"},
		"one of one host alone":    {map[string]string{"b": "x"}, "", "a b c d"},
		"one of all":               {map[string]string{"a": "x", "b": "x", "c": "x", "d": "x"}, "a", "b c d"},
		"two, and a host with one": {map[string]string{"a": "y", "b": "x", "c": "x", "d": "y"}, "a b", "c d"},
		"not all have it":          {map[string]string{"c": "x", "d": "x"}, "c", "a b d"},
	} {
		first, rest := splitByMirror([]string{"a", "b", "c", "d"}, tt.mirrors)
		if strings.Join(first, " ") != tt.first || strings.Join(rest, " ") != tt.rest {
			t.Errorf("%s: %q before %q", name, first, rest)
		}
	}
}

// puller is a run on three hosts, whose Docker engines have the same mirror.
func puller(t *testing.T, registry string) (Env, *testfleet.Fleet) {
	t.Helper()
	f := testfleet.NewWithDocker(t, "vm1", "vm2", "vm3")
	for _, e := range f.Engines {
		e.Mirror("https://mirror.example.com/")
	}
	scope := scopeOf(t, "service: shop\nimage: acme/shop\nservers: [vm1, vm2, vm3]\nregistry: "+registry+"\n")
	f.Registry.Push(scope.Project.AbsoluteImage("v2"), map[string]string{"service": "shop"}, nil)
	return testEnv(scope, f), f
}

// pulls are the hosts in the order in which their pulls begin and end.
func pulls(f *testfleet.Fleet) string {
	var all []string
	for _, e := range f.Events() {
		if s, ok := e.(event.Step); ok && strings.HasPrefix(s.Name, "pull ") {
			all = append(all, s.Host+" "+string(s.State))
		}
	}
	return strings.Join(all, ", ")
}

func TestPull_fills_a_mirror_by_one_host(t *testing.T) {
	t.Parallel()
	r, f := puller(t, "{username: u, password: p}")
	if err := PullImage(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := pulls(f); !strings.HasPrefix(got, "vm1 began, vm1 done, vm") || strings.Count(got, "done") != 3 {
		t.Error(got)
	}
}

// Mirrors save time alone: one that a host does not tell of must not stop a deploy.
func TestPull_goes_on_where_a_host_does_not_tell_its_mirror(t *testing.T) {
	t.Parallel()
	r, f := puller(t, "{username: u, password: p}")
	f.Engines["vm1"].Fail(engine.Fault{Command: "info"})
	if err := PullImage(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := pulls(f); !strings.HasPrefix(got, "vm2 began, vm2 done, vm") || strings.Count(got, "done") != 3 {
		t.Error(got)
	}
}

// Docker asks a mirror for images of Docker Hub alone.
func TestPull_looks_for_mirrors_of_docker_hub_only(t *testing.T) {
	t.Parallel()
	r, f := puller(t, "{server: ghcr.io, username: u, password: p}")
	if err := PullImage(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if asked(f) {
		t.Error("hosts are asked for their mirrors")
	}
}

// A registry can be named by the image, too, and Docker Hub be named.
func TestPull_knows_the_registry_by_the_name_of_the_image(t *testing.T) {
	t.Parallel()
	for name, hub := range map[string]bool{
		"acme/shop": true, "shop": true, "docker.io/acme/shop": true, "ghcr.io/acme/shop": false, "registry:5000/shop": false, "localhost/shop": false,
	} {
		r, f := puller(t, "{username: u, password: p}")
		r.Scope.Project.Image = name
		f.Registry.Push(r.Scope.Project.AbsoluteImage("v2"), map[string]string{"service": "shop"}, nil)
		if err := PullImage(t.Context(), r); err != nil || asked(f) != hub {
			t.Errorf("%s: asked for mirrors %v, %v", name, asked(f), err)
		}
	}
}

// failedHosts are the hosts whose work has failed, with the reasons.
func failedHosts(f *testfleet.Fleet) []string {
	var all []string
	for _, e := range f.Events() {
		if failed, ok := e.(event.HostFailed); ok {
			all = append(all, failed.Host+": "+failed.Err.Error())
		}
	}
	return all
}

// hang makes docker of vm2 wait, and calls do once it has been asked to pull.
func hang(t *testing.T, r Env, f *testfleet.Fleet, do func()) {
	t.Helper()
	f.Hosts["vm2"].Put("docker", "#!/bin/sh\nuntil [ -e \"$HOME/over\" ]; do sleep 0.05; done\nexit 1\n")
	f.When("vm2", "pull "+r.Scope.Project.AbsoluteImage("v2"), event.Began, do)
	t.Cleanup(func() { f.Write("vm2", "over", "") })
}

// No step says that the connection is gone, so the row of the host would wait for ever.
func TestPull_tells_a_host_that_fails_outside_of_a_step(t *testing.T) {
	t.Parallel()
	r, f := puller(t, "{server: ghcr.io, username: u, password: p}")
	if err := PullImage(t.Context(), r); err != nil || len(failedHosts(f)) != 0 {
		t.Fatal(err, failedHosts(f))
	}
	hang(t, r, f, f.Hosts["vm2"].Drop)
	err := PullImage(t.Context(), r)
	if told := failedHosts(f); err == nil || len(told) != 1 || told[0] != err.Error() {
		t.Errorf("told %q of %v", told, err)
	}
}

func TestPull_of_an_interrupted_run_blames_no_host(t *testing.T) {
	t.Parallel()
	r, f := puller(t, "{server: ghcr.io, username: u, password: p}")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hang(t, r, f, cancel)
	if err := PullImage(ctx, r); err == nil || len(failedHosts(f)) != 0 {
		t.Errorf("told %q of %v", failedHosts(f), err)
	}
}

// asked reports whether a host was asked for its mirror.
func asked(f *testfleet.Fleet) bool {
	return slices.ContainsFunc(f.Events(), func(e event.Event) bool {
		s, ok := e.(event.Step)
		return ok && s.Name == "look for a registry mirror"
	})
}
