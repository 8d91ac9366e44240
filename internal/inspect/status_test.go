package inspect

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/traefik"
)

const fleet = `
service: shop
image: acme/shop
servers:
  web: [vm1, vm2, vm3]
  workers: {hosts: [vm3], cmd: bin/work}
proxy: {host: shop.example.com, ssl: true}
registry: {server: "localhost:5000"}
accessories:
  db: {image: "mysql:8", host: vm4}
`

func scopeOf(t *testing.T, text string) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

// steady are the facts of a fleet on which all is as configured.
func steady(c *config.Scope) map[string]*facts.Host {
	all := map[string]*facts.Host{}
	for i, name := range []string{"vm1", "vm2", "vm3", "vm4"} {
		h := &facts.Host{Name: name, Engine: facts.Engine{Version: "26.1"}, Disk: facts.Disk{Total: 40e9, Free: 30e9}}
		for _, role := range c.RolesOn(name) {
			started := noon.Add(-time.Duration(i+48) * time.Hour)
			k := facts.Container{ID: "c-" + role.Name, Name: "shop-" + role.Name + "-v2", Role: role.Name, Version: "v2", Alias: "m-" + role.Name, State: "running", Restart: "unless-stopped", Created: started, Started: started}
			h.Containers = append(h.Containers, k)
			h.Audit = append(h.Audit, facts.Audit{At: started, Who: "ann@example.com", Role: role.Name, Kind: facts.AuditBooted, Version: "v2"})
			if role.Proxy != nil {
				route := traefik.ForRole(c.Project, role, k.Alias)
				h.Routes = append(h.Routes, facts.Route{File: route.File(), Content: route.Content()})
				*h = traefik.Booted(*h, traefik.SettingsOn(c.Project, name, config.Secrets{}))
			}
		}
		all[name] = h
	}
	all["vm4"].Accessories = []facts.Accessory{{Service: "shop-db", Reference: "mysql:8", Container: facts.Container{ID: "d", State: "running", Started: noon.Add(-time.Hour)}}}
	return all
}

func seenOf(all map[string]*facts.Host) []facts.Host {
	var seen []facts.Host
	for _, name := range []string{"vm1", "vm2", "vm3", "vm4"} {
		if h := all[name]; h != nil {
			seen = append(seen, *h)
		}
	}
	return seen
}

func TestStatus_of_a_steady_fleet(t *testing.T) {
	t.Parallel()
	c := scopeOf(t, strings.Replace(fleet, ", ssl: true", "", 1))
	s := StatusOf(c, seenOf(steady(c)), nil, noon)
	text, err := JSON(s)
	if err != nil || !s.Steady() {
		t.Errorf("%v, drift: %+v", err, s.Drift)
	}
	golden.Equal(t, "testdata/status_steady.golden", s.Text(noon)+"\n"+string(text))
}

// Each change of a steady fleet is found, and named on its hosts alone.
func TestStatus_finds_drift(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(map[string]*facts.Host)
		want   string
	}{
		"stopped":     {func(all map[string]*facts.Host) { all["vm2"].Containers[0].State = "exited" }, "role-down on vm2: mrsk app start"},
		"gone":        {func(all map[string]*facts.Host) { all["vm2"].Containers = nil }, "role-down on vm2: mrsk sync"},
		"unhealthy":   {func(all map[string]*facts.Host) { all["vm3"].Containers[1].Health = "unhealthy" }, "role-unhealthy on vm3: mrsk logs --hosts vm3"},
		"restarting":  {func(all map[string]*facts.Host) { all["vm3"].Containers[1].State = "restarting" }, "role-unhealthy on vm3: mrsk logs --hosts vm3"},
		"unrouted":    {func(all map[string]*facts.Host) { all["vm1"].Routes = nil }, "role-unrouted on vm1: mrsk app start"},
		"version":     {func(all map[string]*facts.Host) { all["vm3"].Containers[0].Version = "v1" }, "version-differs on vm3: mrsk sync"},
		"other role":  {func(all map[string]*facts.Host) { all["vm3"].Containers[1].Role = "old" }, "role-down on vm3: mrsk sync; container-left on vm3: mrsk deploy"},
		"no proxy":    {func(all map[string]*facts.Host) { all["vm1"].Proxy = facts.Proxy{} }, "proxy-down on vm1: mrsk proxy boot"},
		"ended proxy": {func(all map[string]*facts.Host) { all["vm1"].Proxy.State = "exited" }, "proxy-down on vm1: mrsk proxy start"},
		"detached":    {func(all map[string]*facts.Host) { all["vm1"].Proxy.Detached = true }, "proxy-down on vm1: mrsk proxy restart"},
		"other proxy": {func(all map[string]*facts.Host) {
			all["vm1"].Proxy.Image, all["vm2"].Proxy.Image = "traefik:1", "traefik:1"
		}, "proxy-differs on vm1, vm2: mrsk proxy reboot"},
		"disk":                  {func(all map[string]*facts.Host) { all["vm4"].Disk.Free = 3e9 }, "disk-full on vm4: mrsk prune all"},
		"no accessory":          {func(all map[string]*facts.Host) { all["vm4"].Accessories = nil }, "accessory-down on vm4: mrsk accessory boot db"},
		"accessory stopped":     {func(all map[string]*facts.Host) { all["vm4"].Accessories[0].Container.State = "exited" }, "accessory-down on vm4: mrsk accessory start db"},
		"accessory ill":         {func(all map[string]*facts.Host) { all["vm4"].Accessories[0].Container.Health = "unhealthy" }, "accessory-unhealthy on vm4: mrsk accessory logs db"},
		"other image":           {func(all map[string]*facts.Host) { all["vm4"].Accessories[0].Reference = "mysql:5" }, "accessory-differs on vm4: mrsk accessory reboot db"},
		"off network":           {func(all map[string]*facts.Host) { all["vm2"].Containers[0].Detached = true }, "role-unhealthy on vm2: mrsk app boot"},
		"accessory off network": {func(all map[string]*facts.Host) { all["vm4"].Accessories[0].Container.Detached = true }, "accessory-unhealthy on vm4: mrsk accessory restart db"},
		"departed": {func(all map[string]*facts.Host) {
			all["vm1"].Containers[0].Placement = map[string][]string{"web": {"vm1", "vm9"}}
		}, "host-departed on vm9: mrsk app remove --departed vm9"},
		"departed twice": {func(all map[string]*facts.Host) {
			all["vm1"].Containers[0].Placement = map[string][]string{"web": {"vm1", "vm8", "vm9"}}
		}, "host-departed on vm8, vm9: mrsk app remove --departed vm8,vm9"},
		"unhealthy twice": {func(all map[string]*facts.Host) {
			all["vm1"].Containers[0].Health, all["vm2"].Containers[0].Health = "unhealthy", "unhealthy"
		}, "role-unhealthy on vm1, vm2: mrsk logs --hosts vm1,vm2"},
		"stale": {func(all map[string]*facts.Host) {
			old := all["vm1"].Containers[0]
			old.ID, old.Name, old.Alias = "c-old", "shop-web-v1", "m-old"
			all["vm1"].Containers = append(all["vm1"].Containers, old)
		}, "container-left on vm1: mrsk app stale-containers --stop"},
		"maintenance": {func(all map[string]*facts.Host) {
			r := &all["vm1"].Routes[0]
			r.Content = strings.Replace(r.Content, `"service": "shop.web.m-web"`, `"service": "noop@internal"`, 1)
		}, "role-maintenance on vm1: mrsk app live"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scopeOf(t, strings.Replace(fleet, ", ssl: true", "", 1))
			all := steady(c)
			tt.change(all)
			var got []string
			for _, d := range StatusOf(c, seenOf(all), nil, noon).Drift {
				got = append(got, string(d.ID)+" on "+strings.Join(d.Hosts, ", ")+": "+d.Next)
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

// The status takes no secrets, so it cannot tell whether a proxy that has some was made with those of today.
func TestDrift_does_not_compare_secrets_of_the_proxy(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]string{
		"a CA certificate": "acme: {ca_pem: CA}", "a DNS provider": "acme: {dns: route53, env: {secret: [TOKEN]}}",
	} {
		c := scopeOf(t, strings.Replace(fleet, "ssl: true", "ssl: true, run: {"+run+"}", 1))
		for image, want := range map[string]string{config.DefaultProxyImage: "", "traefik:1": "the proxy runs traefik:1 and the configuration says " + config.DefaultProxyImage} {
			h := facts.Host{Name: "vm1", Proxy: facts.Proxy{ID: "p", State: "running", Image: image, Config: "of its options"}}
			var d drifts
			if d.proxy(c, h); len(d) > 0 != (want != "") || len(d) > 0 && d[0].What != want {
				t.Errorf("%s, image %s: %+v", name, image, d)
			}
		}
	}
}

func TestStatus_as_people_see_trouble(t *testing.T) {
	t.Parallel()
	c := scopeOf(t, fleet)
	all := steady(c)
	all["vm2"].Containers[0].State, all["vm2"].Containers[0].Finished = "exited", noon.Add(-time.Minute)
	all["vm3"].Containers[0].Version, all["vm3"].Containers[0].Restarts = "v1\x1b[2J", 3
	all["vm3"].Disk.Free = 1e9
	all["vm1"].Lock = facts.Lock{
		Holder: `{"who":"ann","since":"2026-01-02T12:00:00Z","version":"v3","command":"deploy","holder":"a"}`,
		Freeze: `{"who":"bob","since":"2026-01-01T12:00:00Z","message":"until noon","holder":"b"}`,
	}
	all["vm4"] = nil
	s := StatusOf(c, seenOf(all), []Unreachable{{"vm4", "connect: no route to host"}}, noon)
	golden.Equal(t, "testdata/status_trouble.golden", s.Text(noon))
	if s.Steady() {
		t.Error("steady")
	}
}

// A screen of many equal hosts stays short.
func TestStatus_folds_equal_hosts(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 40 {
		names = append(names, "host-"+string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	c := scopeOf(t, "service: shop\nimage: shop\nregistry: {server: 'localhost:5000'}\nprimary_role: workers\nservers: {workers: {cmd: x, proxy: false, hosts: ["+strings.Join(names, ", ")+"]}}\n")
	var seen []facts.Host
	for i, name := range names {
		seen = append(seen, facts.Host{Name: name, Containers: []facts.Container{{ID: "a", Role: "workers", Version: "v1", State: "running", Started: noon.Add(-time.Duration(i) * time.Minute)}}})
	}
	text := StatusOf(c, seen, nil, noon).Text(noon)
	if strings.Count(text, "\n") > 9 || !strings.Contains(text, "host-aa, host-ab, host-ac, host-ad, host-ae and 35 more") {
		t.Error(text)
	}
}

// An accessory that may exit is not down when it has.
func TestDrift_of_an_accessory_that_has_ended(t *testing.T) {
	t.Parallel()
	for restart, want := range map[string]map[int]string{
		"unless-stopped": {0: "accessory-down: mrsk accessory start db", 1: "accessory-down: mrsk accessory start db"},
		"on-failure:3":   {0: "", 1: "accessory-down: mrsk accessory logs db"},
		`"no"`:           {0: "", 1: "accessory-down: mrsk accessory logs db"},
	} {
		c := scopeOf(t, strings.Replace(strings.Replace(fleet, ", ssl: true", "", 1), "host: vm4", "host: vm4, options: {restart: "+restart+"}", 1))
		if a, _ := c.Accessory("db"); a.Restart != strings.Trim(restart, `"`) {
			t.Fatalf("the accessory has the policy %s", a.Restart)
		}
		for code, want := range want {
			all, got := steady(c), ""
			all["vm4"].Accessories[0].Container.State, all["vm4"].Accessories[0].Container.ExitCode = "exited", code
			for _, d := range StatusOf(c, seenOf(all), nil, noon).Drift {
				got += string(d.ID) + ": " + d.Next
			}
			if got != want {
				t.Errorf("restart %s, exit status %d: got %q, want %q", restart, code, got, want)
			}
		}
	}
}

// docs/status.md names every kind of drift, and no other.
func TestDrift_is_documented(t *testing.T) {
	t.Parallel()
	var documented []string
	for _, row := range golden.Table(t, "../../docs/status.md", "## Kinds of drift") {
		documented = append(documented, strings.Trim(row[0], "`"))
	}
	kinds := []DriftID{
		RoleDown, RoleUnhealthy, RoleUnrouted, RoleMaintenance, VersionDiffers, ContainerLeft, HostDeparted, ProxyDown, ProxyDiffers,
		AccessoryDown, AccessoryUnhealthy, AccessoryDiffers, CertificateMissing, CertificateExpiring, DiskFull,
	}
	var want []string
	for _, k := range kinds {
		want = append(want, string(k))
	}
	if !slices.Equal(documented, want) {
		t.Errorf("documented: %v", documented)
	}
}

// Fields of the JSON form are documented.
func TestStatus_fields_are_documented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/status.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []any{Status{}, RoleStatus{}, HostStatus{}, Unreachable{}, Drift{}, History{}, PastRun{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("docs/status.md does not name %s", name)
			}
		}
	}
}

// Status sends people to sync for exactly the hosts that sync changes, but for those where a start is enough.
func TestStatus_suggests_sync_for_the_hosts_that_sync_changes(t *testing.T) {
	t.Parallel()
	deployed := func(k *facts.Container, version string, hours int) {
		k.Version, k.Created = version, noon.Add(time.Duration(hours)*time.Hour)
	}
	for name, tt := range map[string]struct {
		change  func(map[string]*facts.Host)
		version string
		synced  string
	}{
		"nothing":                             {func(map[string]*facts.Host) {}, "v2", ""},
		"a host has the version before":       {func(all map[string]*facts.Host) { deployed(&all["vm2"].Containers[0], "v1", -99) }, "v2", "vm2"},
		"one host alone has the last version": {func(all map[string]*facts.Host) { deployed(&all["vm2"].Containers[0], "v3", -1) }, "v3", "vm1 vm3"},
		"one host was rolled back last":       {func(all map[string]*facts.Host) { deployed(&all["vm1"].Containers[0], "v1", -1) }, "v1", "vm2 vm3"},
		"a role lags behind":                  {func(all map[string]*facts.Host) { deployed(&all["vm3"].Containers[1], "v1", -99) }, "v2", "vm3"},
		"a host is new":                       {func(all map[string]*facts.Host) { all["vm2"].Containers = nil }, "v2", "vm2"},
		"the new version was never healthy": {func(all map[string]*facts.Host) {
			deployed(&all["vm2"].Containers[0], "v3", -1)
			all["vm2"].Containers[0].Restart = "no"
		}, "v2", "vm2"},
		"an older version was stopped": {func(all map[string]*facts.Host) {
			deployed(&all["vm2"].Containers[0], "v1", -99)
			all["vm2"].Containers[0].State = "exited"
		}, "v2", "vm2"},
		"nothing runs": {func(all map[string]*facts.Host) {
			all["vm1"].Containers, all["vm2"].Containers, all["vm3"].Containers = nil, nil, nil
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scopeOf(t, strings.Replace(fleet, ", ssl: true", "", 1))
			all := steady(c)
			tt.change(all)
			s := StatusOf(c, seenOf(all), nil, noon)
			var synced []string
			for _, d := range s.Drift {
				if d.Next == "mrsk sync" {
					synced = append(synced, d.Hosts...)
				}
			}
			slices.Sort(synced)
			synced = slices.Compact(synced)
			if got := strings.Join(synced, " "); got != tt.synced || s.Version != tt.version {
				t.Errorf("version %q, and sync for %q: %+v", s.Version, got, s.Drift)
			}
			if _, behind := deploy.Behind(c, byName(seenOf(all))); strings.Join(behind, " ") != tt.synced {
				t.Errorf("sync changes %v", behind)
			}
		})
	}
}

// What hosts run that did not answer is not known, so that it differs from nothing.
func TestStatus_of_hosts_that_did_not_answer_has_no_version(t *testing.T) {
	t.Parallel()
	c := scopeOf(t, strings.Replace(fleet, ", ssl: true", "", 1))
	all := steady(c)
	all["vm1"] = nil
	if s := StatusOf(c, seenOf(all), []Unreachable{{"vm1", "connect: no route to host"}}, noon); s.Version != "v2" || len(s.Drift) > 0 {
		t.Errorf("version %q: %+v", s.Version, s.Drift)
	}
}

func TestRuns_counts_containers_that_run_in_any_way(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]bool{"": false, "exited": false, "created": false, "running": true, "restarting": true, "paused": true} {
		if got := (Status{Roles: []RoleStatus{{}, {State: state}}}).Runs(); got != want {
			t.Errorf("%q: %t", state, got)
		}
	}
}
