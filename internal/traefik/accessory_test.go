package traefik

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// Destinations share an accessory, and its files must not be those of a role, whatever that is
// called: roles begin with a letter or a digit.
func TestForAccessory_has_names_that_no_role_can_have(t *testing.T) {
	t.Parallel()
	p := &config.Proxy{Hosts: []string{"ui.example.com"}, AppPort: 80, Healthcheck: config.Healthcheck{Path: "/up"}}
	r := ForAccessory(config.Accessory{Name: "ui", Service: "shop-ui", Proxy: p}, "m-1")
	for got, want := range map[string]string{
		r.File(): "shop-ui.-accessory.yml", r.Router(): "shop-ui.-accessory.http0", r.Service(): "shop-ui.-accessory.m-1",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	h := facts.Host{Routes: []facts.Route{{File: r.File(), Content: r.Content()}}}
	if got := OfAccessory(config.Accessory{Service: "shop-ui"}).Serving(h); got != "m-1" {
		t.Errorf("it leads to %q", got)
	}
	app := ForRole(&config.Project{Service: "shop"}, config.Role{Name: "web", Proxy: p}, "m-2")
	if file := app.Clash(h); file != r.File() {
		t.Errorf("a role with the same route clashes with %q", file)
	}
	steps := append(OfAccessory(config.Accessory{Service: "shop-ui"}).Remove("", h), r.Await("shop-ui", 0), r.Switch("shop-web-v1", h, 0))
	for _, s := range steps {
		if s.Role != "" || strings.Contains(s.Name, "role") {
			t.Errorf("step %q is about role %q", s.Name, s.Role)
		}
	}
}

// After Network and Boot a host needs neither, and its proxy is as it was asked for.
func TestBooted_is_the_host_as_Boot_leaves_it(t *testing.T) {
	t.Parallel()
	run := Settings{ProxyRun: config.ProxyRun{Image: config.DefaultProxyImage, Publish: true, HTTPPort: 80}}
	for name, proxy := range map[string]facts.Proxy{
		"none":                        {},
		"stopped":                     {ID: "p", State: "exited", Image: run.Image, Config: run.hash()},
		"stopped, with other options": {ID: "p", State: "exited", Image: "traefik:v2", Config: "old"},
	} {
		h := Booted(facts.Host{Proxy: proxy}, run)
		if len(Network(h)) > 0 || len(Boot(h, run)) > 0 || Differs(h, run) != "" {
			t.Errorf("%s: %+v", name, h)
		}
	}
	old := facts.Proxy{ID: "p", State: "running", Image: "traefik:v2", Config: "old"}
	if h := Booted(facts.Host{Proxy: old}, run); Differs(h, run) == "" {
		t.Error("a proxy that runs is not changed by Boot")
	}
}
