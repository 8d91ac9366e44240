package deploy

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

const helped = shop + `
readiness_delay: 3
accessories:
  db:
    image: mysql:8.0
    hosts: [vm2, vm1]
    env: {secret: [DB]}
    files: [config/my.cnf:/etc/mysql/my.cnf]
    directories: [data:/var/lib/mysql]
    volumes: [backup:/backup, /srv:/srv]
  ui:
    image: acme/ui
    host: vm3
    options: {restart: always}
    proxy: {host: ui.example.com, app_port: 5601, ssl: {certificate_pem: CERT, private_key_pem: KEY}}
`

// unhelped are hosts on which there is nothing yet.
func unhelped(t *testing.T) Accessories {
	t.Helper()
	c := load(t, helped)
	a := Accessories{Scope: c, Secrets: secretsOf(c, func(key string) string { return key + " s3cret" }), Facts: map[string]facts.Host{}, Token: "t", Files: accessory.Files{"db": {"[mysqld] s3cret"}}}
	for _, name := range []string{"vm1", "vm2", "vm3"} {
		a.Facts[name] = facts.Host{Name: name}
	}
	return a
}

// helping are hosts on which the accessories run as the configuration has them.
func helping(t *testing.T) Accessories {
	t.Helper()
	a := unhelped(t)
	for _, u := range a.units() {
		h := a.Facts[u.Host.Name]
		h.Network = true
		h.Accessories = append(h.Accessories, facts.Accessory{
			Service: u.Accessory.Service, Reference: u.Accessory.Image, Config: configOf(t, u), Image: "sha256:1", Folder: u.Accessory.Name == "db",
			Container: facts.Container{
				ID: u.Accessory.Name + "-" + h.Name, Name: u.Accessory.Service, Image: "sha256:1", Alias: "m-" + u.Accessory.Name,
				State: "running", Restart: u.Accessory.Restart, Created: at(0), Started: at(0),
			},
		})
		if u.Accessory.Proxy != nil {
			h.Proxy = facts.Proxy{ID: "proxy", State: "running", Image: config.DefaultProxyImage, Client: true}
			route := traefik.ForAccessory(u.Accessory, "m-ui").With(a.Secrets)
			h.Routes = []facts.Route{{File: route.File(), Content: route.Content()}}
		}
		a.Facts[h.Name] = h
	}
	return a
}

// configOf is the hash that a unit's container gets.
func configOf(t *testing.T, u unit) string {
	t.Helper()
	_, after, found := strings.Cut(u.Run("").Run.Wire().Reveal(), "--label mrsk.config=")
	if !found {
		t.Fatal("a container gets no hash of its configuration")
	}
	return after[:12]
}

// with changes what there is of the accessories.
func (a Accessories) with(change func(*facts.Accessory)) Accessories {
	a.Facts = maps.Clone(a.Facts)
	for name, h := range a.Facts {
		all := append([]facts.Accessory(nil), h.Accessories...)
		for i := range all {
			change(&all[i])
		}
		h.Accessories = all
		a.Facts[name] = h
	}
	return a
}

func stop(a *facts.Accessory)  { a.Container.State, a.Container.Finished = "exited", at(5) }
func newer(a *facts.Accessory) { a.Image = "sha256:2" }

// neverRan is what a failed first start leaves.
func neverRan(a *facts.Accessory) {
	a.Container.State, a.Container.Restart, a.Container.Started = "created", "no", time.Time{}
}

func detached(a *facts.Accessory) { a.Container.Detached = true }

func TestPlans_of_accessories(t *testing.T) {
	t.Parallel()
	planned := func(p *plan.Plan, err error) *plan.Plan {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	changed := helping(t)
	changed.Files = accessory.Files{"db": {"[mysqld] changed"}}
	halfUp := helping(t).with(func(a *facts.Accessory) { a.Container.Restart = "no" })
	broken := changed.with(stop).with(func(a *facts.Accessory) { a.Container.Restart = "no" })
	for name, p := range map[string]*plan.Plan{
		"boot":              planned(BootAccessories(unhelped(t))),
		"boot-running":      planned(BootAccessories(helping(t))),
		"boot-changed":      planned(BootAccessories(changed)),
		"boot-stopped":      planned(BootAccessories(helping(t).with(stop))),
		"boot-unfinished":   planned(BootAccessories(halfUp)),
		"boot-after-broken": planned(BootAccessories(broken)),
		"reboot":            planned(RebootAccessories(helping(t))),
		"reboot-none":       planned(RebootAccessories(unhelped(t))),
		"restart":           planned(RestartAccessories(helping(t))),
		"restart-newer":     planned(RestartAccessories(helping(t).with(newer))),
		"start":             planned(StartAccessories(helping(t).with(stop))),
		"start-created":     planned(StartAccessories(helping(t).with(neverRan))),
		"restart-created":   planned(RestartAccessories(helping(t).with(neverRan))),
		"boot-detached":     planned(BootAccessories(helping(t).with(detached))),
		"restart-detached":  planned(RestartAccessories(helping(t).with(detached))),
		"start-running":     planned(StartAccessories(helping(t))),
		"stop":              StopAccessories(helping(t)),
		"stop-stopped":      StopAccessories(helping(t).with(func(a *facts.Accessory) { stop(a) })),
		"remove":            RemoveAccessories(helping(t), false),
		"remove-keep-data":  RemoveAccessories(helping(t), true),
		"remove-none":       RemoveAccessories(unhelped(t), false),
	} {
		golden.Equal(t, "testdata/accessory/"+name+".golden", p.String())
		if strings.Contains(p.Commands(), "s3cret") {
			t.Errorf("%s shows a secret", name)
		}
	}
	golden.Equal(t, "testdata/accessory/boot-commands.golden", planned(BootAccessories(unhelped(t))).Commands())
	golden.Equal(t, "testdata/accessory/remove-commands.golden", RemoveAccessories(helping(t), false).Commands())
	app := running(t)
	app.Scope = helping(t).Scope
	for name, h := range helping(t).Facts {
		seen := app.Facts[name]
		seen.Name, seen.Accessories = name, h.Accessories
		if name == "vm3" {
			seen = h
		}
		app.Facts[name] = seen
	}
	golden.Equal(t, "testdata/accessory/remove-all.golden", Remove(app, shell.Cmd("docker", "logout")).String())
}

// Setup has the proxies first, then the accessories, and only then the app.
func TestSetup_boots_accessories_between_the_proxies_and_the_app(t *testing.T) {
	t.Parallel()
	a := unhelped(t)
	for _, name := range a.Scope.AppHosts() {
		h := a.Facts[name]
		h.Images = []facts.Image{{ID: "sha256:v1", Tags: []string{"registry.example.com/acme/shop:v1"}}}
		a.Facts[name] = h
	}
	r := Request{Scope: a.Scope, Secrets: a.Secrets, Verb: "setup", Version: "v1", Token: "t", Facts: a.Facts}
	p, err := Setup(r, a)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/accessory/setup.golden", p.String())

	alone, err := a.Scope.Project.Select(config.Selection{Hosts: []string{"vm3"}})
	if err != nil {
		t.Fatal(err)
	}
	r.Scope, a.Scope = alone, alone
	if p, err = Setup(r, a); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/accessory/setup-without-app.golden", p.String())
}

func TestAccessories_are_refused_with_all_reasons(t *testing.T) {
	t.Parallel()
	a := unhelped(t)
	h := a.Facts["vm3"]
	h.Missing, h.Proxy.Lacks = []string{"flock"}, []string{"nc"}
	other := traefik.ForAccessory(config.Accessory{Service: "other", Proxy: a.Scope.Accessories[1].Proxy}, "m-x").With(a.Secrets)
	h.Routes = []facts.Route{{File: other.File(), Content: other.Content()}}
	a.Facts["vm3"] = h
	_, err := BootAccessories(a)
	want := `vm3: the host lacks flock
vm3: the proxy's image lacks nc
vm3: accessory ui has the same route as other.-accessory.yml, which another app serves already`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAccessories_without_a_container_cannot_be_started(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(Accessories) (*plan.Plan, error){"start": StartAccessories, "restart": RestartAccessories} {
		_, err := change(unhelped(t))
		var none *NoAccessoryError
		if !errors.As(err, &none) || none.Hint() != "mrsk accessory boot db makes one" {
			t.Fatalf("%s: %v", name, err)
		}
		want := "vm2: there is no container of accessory db\nvm1: there is no container of accessory db\nvm3: there is no container of accessory ui"
		if err.Error() != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, err, want)
		}
	}
	foreign := helping(t).with(func(a *facts.Accessory) { a.Config, a.Container.Alias = "", "" })
	_, err := BootAccessories(foreign)
	var none *NoAccessoryError
	if !errors.As(err, &none) || none.Error() != "vm3: the proxy cannot reach the container of accessory ui" || none.Hint() != "mrsk accessory reboot ui makes a new container" {
		t.Errorf("%v", err)
	}
}
