package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/deploy"
)

func TestListVersions_and_AuditLog_tell_what_was_deployed(t *testing.T) {
	t.Parallel()
	s := newShop(t, shopText, "vm1")
	s.deployed("v1", "v2")
	var names []string
	versions, err := ListVersions(t.Context(), s.env(""))
	for _, v := range versions {
		names = append(names, v.Name)
	}
	if err != nil || strings.Join(names, " ") != "v2 v1" {
		t.Errorf("%v, %v", names, err)
	}
	log, err := AuditLog(t.Context(), s.env(""))
	if lines := strings.Count(log["vm1"], "[ann] [web] Booted app version v"); err != nil || lines != 2 {
		t.Errorf("%v: %s", err, log["vm1"])
	}
}

func TestPlanDeploy_changes_nothing_and_tells_what_comes_before(t *testing.T) {
	t.Parallel()
	s := newShop(t, shopText, "vm1")
	s.deployed("v1")
	s.Freeze("vm1", "bob", "moving house")
	before := s.state()
	p, err := PlanDeploy(t.Context(), s.env("v2"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"locked on vm1 by bob: moving house",
		"first, the image registry.example.com/shop:v2 is built and pulled on vm1",
	}
	if len(p.Notes) < 2 || p.Notes[1] != want[1] || !strings.HasSuffix(p.Notes[0], "moving house") {
		t.Errorf("notes %q", p.Notes)
	}
	if p.Empty() || s.state() != before {
		t.Errorf("after the plan: %s", s.state())
	}
	p, err = PlanDeploy(t.Context(), s.env("v1"))
	if err != nil || slices.ContainsFunc(p.Notes, func(n string) bool { return strings.HasPrefix(n, "the image") }) {
		t.Errorf("the image is there: %q, %v", p.Notes, err)
	}
}

func TestUse_cases_need_a_host_of_the_app(t *testing.T) {
	t.Parallel()
	s := newShop(t, "service: shop\nimage: shop\nregistry: {server: registry.example.com, username: u, password: p}\naccessories: {db: {image: mysql, host: vm1}}\n", "vm1")
	for name, do := range map[string]func(context.Context, Env) error{
		"deploy":   deployOf("v1").do,
		"boot":     func(ctx context.Context, env Env) error { return Boot(ctx, env, BootOptions{}) },
		"rollback": func(ctx context.Context, env Env) error { return Rollback(ctx, env, RollbackOptions{}) },
	} {
		if err := do(t.Context(), s.env("v1")); !errors.Is(err, errNoHosts) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRemovalQuestion_names_hosts_and_lost_data(t *testing.T) {
	t.Parallel()
	text := accessoryText + "  cache: {image: redis, hosts: [vm1, vm3]}\n"
	env := Env{Scope: scopeOf(t, text)}
	for keep, want := range map[bool]string{
		false: "Remove db, cache from vm2, vm1, vm3? This deletes the folder shop-db and all data in it on vm2.",
		true:  "Remove db, cache from vm2, vm1, vm3?",
	} {
		if got := removalQuestion(env, RemoveAccessoriesOptions{KeepData: keep}); got != want {
			t.Errorf("got %s", got)
		}
	}
}

func TestStopStale_stops_what_the_proxy_does_not_lead_to(t *testing.T) {
	t.Parallel()
	s := newShop(t, shopText, "vm1")
	s.deployed("v1")
	s.Docker("vm1", "pull", "registry.example.com/shop:v3")
	s.Docker("vm1", "run", "--detach", "--name", "shop-web-v3", "--label", "service=shop", "--label", "role=web", "--label", "destination=",
		"--label", "mrsk.version=v3", "registry.example.com/shop:v3")
	if err := StopStale(t.Context(), s.env("v1")); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"container shop-web-v1: running", "container shop-web-v3: exited 0", "route shop.web.http0: shop-web-v1\n"} {
		if !strings.Contains(s.state(), line) {
			t.Errorf("no %q in\n%s", line, s.state())
		}
	}
}

func TestPrune_keeps_as_many_versions_as_it_is_told(t *testing.T) {
	t.Parallel()
	s := newShop(t, strings.Replace(shopText, "retain_containers: 1", "retain_containers: 5", 1), "vm1")
	s.deployed("v1", "v2", "v3")
	for _, tt := range []struct {
		what       deploy.What
		containers int
		images     int
	}{
		{deploy.What{Containers: true, Images: true}, 3, 3}, // as configured
		{deploy.What{Containers: true, Retain: 1}, 2, 3},
		{deploy.What{Images: true, Retain: 1}, 2, 2},
	} {
		if err := Prune(t.Context(), s.env(""), tt.what); err != nil {
			t.Fatal(err)
		}
		if c, i := strings.Count(s.state(), "container shop-web-"), strings.Count(s.state(), "image "); c != tt.containers || i != tt.images {
			t.Errorf("%+v: %d containers, %d images\n%s", tt.what, c, i, s.state())
		}
	}
}
