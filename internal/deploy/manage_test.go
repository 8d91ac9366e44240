package deploy

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

const shop = `
service: shop
image: acme/shop
servers:
  web: {hosts: [vm1, vm2]}
  workers: {hosts: [vm2], cmd: bin/work, proxy: false}
registry: {server: registry.example.com, username: user, password: [PASSWORD]}
proxy: {host: shop.example.com}
retain_containers: 1
`

func load(t *testing.T, text string) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

// at is a moment some minutes after the beginning.
func at(minutes int) time.Time {
	return time.Date(2026, 1, 1, 12, minutes, 0, 0, time.UTC)
}

// container is one of the shop, of version v and with the id and alias made from role and n.
func container(role, version, state string, n int) facts.Container {
	id := role + string(rune('0'+n))
	k := facts.Container{
		ID: id, Name: "shop-" + role + "-" + version, Image: "sha256:" + version, Role: role, Version: version, Alias: "m-" + id,
		State: state, Created: at(n), Started: at(n), Restart: "unless-stopped",
	}
	if state != "running" {
		k.Finished = at(n + 1)
	}
	return k
}

// served is a host on which the shop runs, with a route to its web container.
func served(t *testing.T, c *config.Scope, name string, containers ...facts.Container) facts.Host {
	t.Helper()
	h := facts.Host{
		Name: name, Engine: facts.Engine{Version: "26.1", Arch: "amd64"}, Containers: containers, Network: true,
		Images: []facts.Image{
			{ID: "sha256:v1", Tags: []string{"registry.example.com/acme/shop:v1"}},
			{ID: "sha256:v2", Tags: []string{"registry.example.com/acme/shop:latest", "registry.example.com/acme/shop:v2"}},
		},
		Proxy: facts.Proxy{ID: "proxy", State: "running", Image: config.DefaultProxyImage, Client: true},
	}
	for _, k := range containers {
		if role, _ := c.Role(k.Role); role.Proxy != nil && k.Running() {
			r := traefik.ForRole(c.Project, role, k.Alias).With(secretsOf(c, known))
			h.Routes = append(h.Routes, facts.Route{File: traefik.OfRole(c.Project, k.Role).File(), Content: r.Content()})
		}
	}
	return h
}

// running is the shop as it is after two deploys.
func running(t *testing.T) State {
	c := load(t, shop)
	return State{Scope: c, Facts: map[string]facts.Host{
		"vm1": served(t, c, "vm1", container("web", "v2", "running", 2), container("web", "v1", "exited", 1)),
		"vm2": served(t, c, "vm2", container("web", "v2", "running", 2), container("workers", "v2", "running", 3), container("web", "v1", "exited", 1)),
	}}
}

// stopped is the shop after app stop.
func stopped(t *testing.T) State {
	c := load(t, shop)
	return State{Scope: c, Facts: map[string]facts.Host{
		"vm1": served(t, c, "vm1", container("web", "v2", "exited", 2), container("web", "v1", "exited", 1)),
		"vm2": served(t, c, "vm2", container("web", "v2", "exited", 2), container("workers", "v2", "exited", 3)),
	}}
}

func narrow(t *testing.T, s State, roles ...string) State {
	t.Helper()
	c, err := s.Scope.Project.Select(config.Selection{Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	s.Scope = c
	return s
}

func TestPlans_of_the_app(t *testing.T) {
	t.Parallel()
	started, err := Start(stopped(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Start(running(t))
	if err != nil {
		t.Fatal(err)
	}
	stale := running(t)
	h := stale.Facts["vm1"]
	h.Containers = append([]facts.Container{container("web", "v3", "running", 4)}, h.Containers...)
	stale.Facts["vm1"] = h
	closed, err := Maintenance(running(t), "back at noon", 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*plan.Plan{
		"maintenance":   closed,
		"stop":          Stop(running(t)),
		"stop-stopped":  Stop(stopped(t)),
		"start":         started,
		"start-running": again,
		"stale":         StopStale(stale),
		"remove-app":    RemoveApp(running(t)),
		"remove-role":   RemoveApp(narrow(t, running(t), "workers")),
		"remove":        Remove(running(t), shell.Cmd("docker", "logout", "registry.example.com")),
		"prune":         Prune(running(t), What{Containers: true, Images: true, Retain: 0}),
		"prune-images":  Prune(stopped(t), What{Images: true}),
	} {
		golden.Equal(t, "testdata/manage/"+name+".golden", p.String())
	}
	golden.Equal(t, "testdata/manage/freeze.golden", Freeze(running(t).Scope, plan.Step{Name: "set the freeze"}).Commands())
	golden.Equal(t, "testdata/manage/start-commands.golden", started.Commands())
	golden.Equal(t, "testdata/manage/remove-commands.golden", Remove(running(t), shell.Line{}).Commands())
}

// inMaintenance is the shop as it is after app maintenance on one of its hosts.
func inMaintenance(t *testing.T) State {
	t.Helper()
	s := running(t)
	steps, err := traefik.OfRole(s.Scope.Project, "web").Maintenance(s.Scope.Roles[0].Proxy, "", s.Facts["vm1"])
	if err != nil {
		t.Fatal(err)
	}
	line := steps[0].Run.Wire().Reveal()
	h := s.Facts["vm1"]
	h.Routes = []facts.Route{{File: traefik.OfRole(s.Scope.Project, "web").File(), Content: line[strings.Index(line, "'")+1 : len(line)-1]}}
	s.Facts["vm1"] = h
	return s
}

func TestMaintenance_ends_with_live_and_with_a_deploy(t *testing.T) {
	t.Parallel()
	s := inMaintenance(t)
	live, err := Live(s)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/manage/live.golden", live.String())
	deployed, err := Rollout(Request{Scope: s.Scope, Secrets: secretsOf(s.Scope, known), Verb: "deploy", Version: "v2", Token: "0123", Facts: s.Facts})
	if err != nil {
		t.Fatal(err)
	}
	if want := "role web is in maintenance on vm1; with version v2 it is live again"; len(deployed.Notes) == 0 || deployed.Notes[0] != want {
		t.Errorf("notes %q", deployed.Notes)
	}
	if again, err := Maintenance(s, "", 0); err != nil || strings.Contains(again.String(), "start on vm1") || again.Empty() {
		t.Errorf("where it is in maintenance already: %v\n%s", err, again)
	}
	bare := stopped(t)
	if _, err := Maintenance(bare, "", 0); err == nil || err.Error() != "vm1: the proxy has no route for role web\nvm2: the proxy has no route for role web" {
		t.Errorf("where the app is stopped: %v", err)
	}
}

func TestStart_tells_every_role_without_a_container(t *testing.T) {
	t.Parallel()
	s := stopped(t)
	s.Facts["vm1"] = served(t, s.Scope, "vm1")
	foreign := container("web", "v1", "exited", 1)
	foreign.Alias = ""
	s.Facts["vm2"] = served(t, s.Scope, "vm2", foreign)
	_, err := Start(s)
	var nothing *NothingToStartError
	if !errors.As(err, &nothing) {
		t.Fatal(err)
	}
	want := `vm1: there is no container of role web
vm2: the proxy cannot reach container shop-web-v1 of role web
vm2: there is no container of role workers`
	if err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
}

func TestPlans_of_the_proxy(t *testing.T) {
	t.Parallel()
	up, down := running(t), running(t)
	for name, h := range down.Facts {
		h.Proxy.State, h.Routes = "exited", nil
		down.Facts[name] = h
	}
	none := map[string]facts.Host{"vm1": {Name: "vm1"}, "vm2": {Name: "vm2"}}
	on := func(all map[string]facts.Host) Proxy {
		return Proxy{Scope: up.Scope, Secrets: secretsOf(up.Scope, known), Hosts: []string{"vm1", "vm2"}, Facts: all}
	}
	start, err := StartProxy(on(down.Facts))
	if err != nil {
		t.Fatal(err)
	}
	restart, err := RestartProxy(on(up.Facts))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*plan.Plan{
		"boot":         BootProxy(on(none)),
		"boot-running": BootProxy(on(up.Facts)),
		"reboot":       RebootProxy(on(up.Facts)),
		"start":        start,
		"restart":      restart,
		"stop":         StopProxy(on(up.Facts)),
		"remove":       RemoveProxy(on(up.Facts), false),
		"remove-force": RemoveProxy(on(down.Facts), true),
		"remove-none":  RemoveProxy(on(none), false),
	} {
		golden.Equal(t, "testdata/proxy/"+name+".golden", p.String())
	}
	golden.Equal(t, "testdata/proxy/remove-commands.golden", RemoveProxy(on(up.Facts), false).Commands())
	if _, err := StartProxy(on(none)); err == nil || strings.Count(err.Error(), "there is no proxy") != 2 {
		t.Errorf("starting no proxy: %v", err)
	}
}
