package workflow

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/hook"
	"mrsk/internal/testhost/engine"
)

// builds is a shop whose docker on this machine is a stand-in as well.
func builds(t *testing.T) (*shop, *engine.Engine, string) {
	t.Helper()
	s := newShop(t, shopText, "vm1")
	here := engine.New("here", s.Registry)
	t.Setenv("PATH", engine.Serve(t, here)+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "Dockerfile"), []byte("FROM scratch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.text = strings.Replace(s.text, "\n", "\nbuilder: {context: .}\n", 1)
	t.Cleanup(func() {
		for _, command := range here.Unknown() {
			t.Error(command)
		}
	})
	return s, here, project
}

func TestBuild_pushes_the_image_and_brings_it_to_hosts_when_asked(t *testing.T) {
	s, here, project := builds(t)
	env, ran := s.hooked(s.env("v4"), "")
	if err := PushImage(t.Context(), env, BuildOptions{Project: project}); err != nil {
		t.Fatal(err)
	}
	if got := ran(); got != "pre-build vm1, post-push vm1" {
		t.Errorf("ran %s", got)
	}
	if tags := s.Registry.Tags(); !slices.Contains(tags, "registry.example.com/shop:v4") {
		t.Errorf("the registry has %q", tags)
	}
	if got := s.state(); strings.Contains(got, "v4") {
		t.Errorf("on the hosts: %s", got)
	}
	if err := DeliverImage(t.Context(), s.env("v5"), BuildOptions{Project: project}); err != nil {
		t.Fatal(err)
	}
	if got := s.state(); !strings.Contains(got, "image registry.example.com/shop:v5\n") {
		t.Errorf("on the hosts: %s", got)
	}
	if err := BuildDev(t.Context(), s.env("v6"), BuildOptions{Project: project, Output: "docker"}); err != nil {
		t.Fatal(err)
	}
	if got := here.State(); got != "image registry.example.com/shop:latest-dirty registry.example.com/shop:v6-dirty\n" {
		t.Errorf("here: %s", got)
	}
}

func TestDeploy_builds_and_a_build_that_fails_changes_nothing(t *testing.T) {
	s, here, project := builds(t)
	o := DeployOptions{Verb: "deploy", BuildOptions: BuildOptions{Project: project}}
	if err := Deploy(t.Context(), s.env("v4"), o); err != nil {
		t.Fatal(err)
	}
	before := s.state()
	if !strings.Contains(before, "route shop.web.http0: shop-web-v4\n") {
		t.Errorf("after the deploy: %s", before)
	}
	here.Fail(engine.Fault{Command: "buildx build", Says: "failed to solve: no such file"})
	err := Deploy(t.Context(), s.env("v5"), o)
	if err == nil || !strings.Contains(err.Error(), "failed to solve: no such file") || s.state() != before {
		t.Errorf("%v: %s", err, s.state())
	}
	here.Heal()
	env, ran := s.hooked(s.env("v5"), hook.PreBuild)
	if err := Deploy(t.Context(), env, o); err == nil || ran() != "pre-build vm1" || s.state() != before {
		t.Errorf("%v, ran %s: %s", err, ran(), s.state())
	}
}

func TestRegistry_logins_are_where_they_are_asked_for(t *testing.T) {
	s, here, _ := builds(t)
	s.Registry.Protect("registry.example.com", "u", "value of PASSWORD")
	pulls := func(e *engine.Engine) bool {
		return e.Run(t.Context(), engine.Call{Args: []string{"pull", "registry.example.com/shop:v1"}, Stdout: new(strings.Builder), Stderr: new(strings.Builder)}) == 0
	}
	for _, tt := range []struct {
		do          func(context.Context, Env, Where) error
		where       Where
		local, host bool
	}{
		{LoginRegistry, Where{Local: true}, true, false},
		{LoginRegistry, Where{Hosts: true}, true, true},
		{LogoutRegistry, Where{Local: true}, false, true},
		{LogoutRegistry, Where{Hosts: true}, false, false},
		{LoginRegistry, Where{Local: true, Hosts: true}, true, true},
	} {
		if err := tt.do(t.Context(), s.env("v1"), tt.where); err != nil {
			t.Fatal(err)
		}
		if local, host := pulls(here), pulls(s.Engines["vm1"]); local != tt.local || host != tt.host {
			t.Errorf("%+v: logged in here %t, on the host %t", tt.where, local, host)
		}
	}
	s.Registry.Protect("registry.example.com", "u", "another")
	if err := LoginRegistry(t.Context(), s.env("v1"), Where{Local: true}); err == nil {
		t.Error("a wrong password is accepted")
	}
	if err := LoginRegistry(t.Context(), s.env("v1"), Where{Hosts: true}); err == nil {
		t.Error("a wrong password is accepted on the host")
	}
}
