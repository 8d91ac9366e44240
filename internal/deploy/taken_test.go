package deploy

import (
	"errors"
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/traefik"
)

const twoRoles = "service: shop\nimage: acme/shop\nservers:\n  web: {hosts: [vm1], proxy: {host: a.com}}\n  api: {hosts: [vm1], proxy: {host: b.com}}\n" +
	"accessories: {ui: {image: i, host: vm1, proxy: {host: ui.com}}}\n"

// routeOn is the file of a route for these names.
func routeOn(service, role string, hosts ...string) facts.Route {
	p := &config.Proxy{Hosts: hosts, AppPort: 80}
	r := traefik.ForRole(&config.Project{Service: service}, config.Role{Name: role, Proxy: p}, "m-x")
	return facts.Route{File: r.File(), Content: r.Content()}
}

// A host name may go from one role to another in one run, which writes both routes.
func TestRollout_refuses_a_route_that_somebody_else_keeps(t *testing.T) {
	t.Parallel()
	accessory := traefik.ForAccessory(config.Accessory{Service: "shop-ui", Proxy: &config.Proxy{Hosts: []string{"b.com"}}}, "m-x")
	for name, tt := range map[string]struct {
		roles       []string
		there       facts.Route
		formers     []string
		error, hint string
	}{
		"another app has one of several names": {
			there: routeOn("store", "web", "x.com", "b.com"),
			error: "vm1: role api has the same route as store.web.yml, which another app serves already",
			hint:  "both are for b.com: use another host or path_prefix, or remove the other route first",
		},
		"the names change places": {there: routeOn("shop", "api", "a.com")},
		"one of the two only": {
			roles: []string{"web"}, there: routeOn("shop", "api", "a.com"),
			error: "vm1: role web has the same route as shop.api.yml, which role api serves already",
			hint:  "both are for a.com: change both in one run, without --roles",
		},
		"a role that goes in this run": {there: routeOn("shop", "old", "a.com"), formers: []string{"old"}},
		"a role of which nothing but the route is left": {
			there: routeOn("shop", "old", "a.com"),
			error: "vm1: role web has the same route as shop.old.yml, which another app serves already",
			hint:  "both are for a.com: use another host or path_prefix, or remove the other route first",
		},
		"an accessory that had the name": {
			there: facts.Route{File: accessory.File(), Content: accessory.Content()},
			error: "vm1: role api has the same route as shop-ui.-accessory.yml, which accessory ui serves already",
			hint:  "both are for b.com: run mrsk accessory reboot for the accessory first",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, twoRoles).Project.Select(config.Selection{Roles: tt.roles})
			if err != nil {
				t.Fatal(err)
			}
			r := onHosts(c, func(h *facts.Host) {
				h.Routes = []facts.Route{tt.there}
				for _, role := range tt.formers {
					h.Containers = append(h.Containers, container(role, "v1", "running", 1))
				}
			})
			_, err = Rollout(r)
			isTaken(t, err, tt.error, tt.hint)
		})
	}
}

func isTaken(t *testing.T, err error, text, hint string) {
	t.Helper()
	var taken *RouteTakenError
	if errors.As(err, &taken) != (text != "") || text == "" && err != nil {
		t.Fatalf("err = %v", err)
	}
	if text != "" && (err.Error() != text || taken.Hint() != hint) {
		t.Errorf("got\n%s\n%s\nwant\n%s\n%s", err, taken.Hint(), text, hint)
	}
}

// Whatever was stopped may have lost its route to another app meanwhile.
func TestStart_refuses_a_route_that_somebody_else_has_by_now(t *testing.T) {
	t.Parallel()
	s := stopped(t)
	h := s.Facts["vm1"]
	h.Routes = []facts.Route{routeOn("store", "web", s.Scope.Roles[0].Proxy.Hosts...)}
	s.Facts["vm1"] = h
	_, err := Start(s)
	isTaken(t, err, "vm1: role web has the same route as store.web.yml, which another app serves already",
		"both are for shop.example.com: use another host or path_prefix, or remove the other route first")
}

func TestAccessories_refuse_a_route_that_somebody_else_has_by_now(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(Accessories) (*plan.Plan, error){
		"boot": BootAccessories, "reboot": RebootAccessories, "restart": RestartAccessories, "start": StartAccessories,
	} {
		a := helping(t)
		for host, h := range a.Facts {
			h.Routes = append(h.Routes, routeOn("store", "web", a.Scope.Accessories[1].Proxy.Hosts...))
			a.Facts[host] = h
		}
		if _, err := change(a); !errors.As(err, new(*RouteTakenError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRouteTakenError_says_what_goes_first(t *testing.T) {
	t.Parallel()
	c := load(t, shop+"accessories: {ui: {image: ui, host: vm1, proxy: {host: ui.example.com}}}\n").Project
	h := facts.Host{Name: "vm1", Containers: []facts.Container{container("former", "v1", "running", 1)}}
	web, site := party{aRole, "web"}, party{aRole, "site"}
	for name, tt := range map[string]struct {
		what       party
		file, hint string
	}{
		"a role":                  {web, "shop.workers.yml", "change both in one run, without --roles"},
		"a role that was renamed": {site, "shop.former.yml", "change both in one run, without --roles"},
		"one without a container": {web, "shop.gone.yml", "use another host or path_prefix"},
		"an accessory":            {web, "shop-ui.-accessory.yml", "run mrsk accessory reboot for the accessory first"},
		"a role, by an accessory": {party{anAccessory, "ui"}, "shop.web.yml", "run mrsk deploy first"},
		"another app":             {web, "blog.web.yml", "use another host or path_prefix"},
		"another destination":     {web, "shop.web.staging.yml", "use another host or path_prefix"},
	} {
		err := &RouteTakenError{Host: "vm1", What: tt.what, File: tt.file, Owner: ownerOf(c, h, tt.file), Common: []string{"a.example.com"}}
		if hint := err.Hint(); !strings.HasPrefix(hint, "both are for a.example.com: "+tt.hint) {
			t.Errorf("%s: %s", name, hint)
		}
	}
}

// The kind decides, and not the words: a name may be like the name of another kind.
func TestRouteTakenError_tells_parties_by_their_kind(t *testing.T) {
	t.Parallel()
	for owner, want := range map[party]string{
		{aRole, "accessory db"}: "role accessory db",
		{anAccessory, "role"}:   "accessory role",
		{}:                      "another app",
	} {
		if owner.String() != want {
			t.Errorf("%+v is %q, want %q", owner, owner, want)
		}
		err := &RouteTakenError{What: party{aRole, "web"}, Owner: owner}
		if reboot := strings.Contains(err.Hint(), "accessory reboot"); reboot != (owner.kind == anAccessory) {
			t.Errorf("%+v: %s", owner, err.Hint())
		}
	}
}
