package deploy

import (
	"cmp"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

// clinic is an app with about everything in its configuration, on three hosts.
const clinic = `
service: clinic
image: acme/clinic
servers:
  web: {hosts: [vm1, vm2, vm3], options: {memory: 1g, network: backend}}
  workers: {hosts: [vm3], cmd: "bin/work --queue 'slow jobs'", proxy: false}
registry: {server: registry.example.com, username: user, password: [PASSWORD]}
proxy: {hosts: [clinic.example.com, www.clinic.example.com], ssl: {certificate_pem: CERT, private_key_pem: KEY}}
release: bin/migrate --name 'it''s'
volumes: ["data:/data", "${HOME}/files:/files"]
labels: {note: "costs 5$ &"}
env:
  clear: {GREETING: "it's ${HOST_NAME:-me}", PRICE: 5$}
  secret: [TOKEN, LINES]
retain_containers: 2
`

// values are those of some secrets, see known.
var values = map[string]string{"PASSWORD": "hunter2", "TOKEN": "s3cr3t'token", "LINES": "first s3cr3t\nsecond $HOME", "CERT": "s3cr3t\ncertificate", "KEY": "s3cr3t\nkey"}

// secretsOf returns all secrets of a configuration.
func secretsOf(c *config.Scope, value func(key string) string) config.Secrets {
	lookup := func(key string) (redact.String, error) { return redact.New(value(key)), nil }
	all, err := c.Secrets(lookup, config.Needs{App: true, Accessories: true, AllProxies: true})
	if err != nil {
		panic(err)
	}
	return all
}

// known is a lookup of secretsOf.
func known(key string) string { return cmp.Or(values[key], "the "+key) }

// onHosts is the request to bring v3 of c up on hosts that all have its image and nothing else
// but what see adds.
func onHosts(c *config.Scope, see func(*facts.Host)) Request {
	return onHostsWith(c, secretsOf(c, known), see)
}

func onHostsWith(c *config.Scope, secrets config.Secrets, see func(*facts.Host)) Request {
	seen := map[string]facts.Host{}
	for _, name := range c.AppHosts() {
		h := facts.Host{
			Name: name, Engine: facts.Engine{Version: "26.1", Arch: "amd64"}, Network: true,
			Images: []facts.Image{
				{ID: "sha256:v2", Tags: []string{c.Project.AbsoluteImage("latest"), c.Project.AbsoluteImage("v2")}},
				{ID: "sha256:v3", Tags: []string{c.Project.AbsoluteImage("v3")}, Digests: []string{c.Project.Repository() + "@sha256:d3"}},
			},
			Proxy: proxyOf(traefik.SettingsOn(c.Project, name, secrets)),
		}
		if see != nil {
			see(&h)
		}
		seen[name] = h
	}
	return Request{Scope: c, Secrets: secrets, Verb: "deploy", Version: "v3", Token: "t", Facts: seen, Release: true, Prune: true}
}

// proxyOf is the proxy as mrsk started it.
func proxyOf(s traefik.Settings) facts.Proxy {
	p := traefik.Booted(facts.Host{}, s).Proxy
	p.ID = "proxy"
	return p
}

// runs adds a container of each of the host's roles, with the route that leads to it.
func runs(c *config.Scope, version string) func(*facts.Host) {
	return runsWith(c, secretsOf(c, known), version)
}

func runsWith(c *config.Scope, secrets config.Secrets, version string) func(*facts.Host) {
	return func(h *facts.Host) {
		for i, role := range c.RolesOn(h.Name) {
			k := container(role.Name, version, "running", i+1)
			k.Name = c.Project.Service + "-" + role.Name + "-" + version
			h.Containers = append(h.Containers, k)
			if role.Proxy != nil {
				r := traefik.ForRole(c.Project, role, k.Alias).With(secrets)
				h.Routes = append(h.Routes, facts.Route{File: traefik.OfRole(c.Project, role.Name).File(), Content: r.Content()})
			}
		}
	}
}

func planned(t *testing.T, r Request) *plan.Plan {
	t.Helper()
	p, err := Rollout(r)
	if err != nil {
		t.Fatal(err)
	}
	parses(t, p)
	return p
}

// parses checks every command of a plan, and the shell text that a command keeps for eval.
func parses(t *testing.T, p *plan.Plan) {
	t.Helper()
	for _, s := range everyStep(p) {
		for _, line := range []shell.Line{s.Run, s.Undo} {
			parsesAs(t, s.Name, line.Wire().Reveal())
			parsesAs(t, s.Name+", as it is shown", strings.ReplaceAll(line.String(), redact.Mark, "x"))
		}
	}
}

func everyStep(p *plan.Plan) []plan.Step {
	var all []plan.Step
	for _, phase := range p.Phases {
		for _, h := range phase.Hosts {
			all = append(all, plan.Step{Name: "kept", Run: h.Kept})
			for _, stage := range h.Stages {
				all = append(all, stage.Steps...)
			}
		}
	}
	return all
}

func parsesAs(t *testing.T, name, text string) {
	t.Helper()
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), name); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestRollout_with_every_setting(t *testing.T) {
	t.Parallel()
	c := load(t, clinic)
	r := onHosts(c, runs(c, "v2"))
	golden.Equal(t, "testdata/rollout/three-hosts.golden", planned(t, r).String())

	// One host has a container of each role.
	narrow, err := c.Project.Select(config.Selection{Hosts: []string{"vm3"}})
	if err != nil {
		t.Fatal(err)
	}
	r.Scope = narrow
	golden.Equal(t, "testdata/rollout/commands.golden", planned(t, r).Commands())

	first := onHosts(c, nil)
	bare(&first)
	golden.Equal(t, "testdata/rollout/three-hosts-first.golden", planned(t, first).String())
}

func TestRollout_shows_no_secret(t *testing.T) {
	t.Parallel()
	c := load(t, clinic)
	p := planned(t, onHosts(c, runs(c, "v2")))
	document, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{p.String(), p.Commands(), string(document)} {
		if strings.Contains(text, "s3cr3t") {
			t.Errorf("a secret is shown:\n%s", text)
		}
	}
}

// What a role is like decides how it changes places; these are the cases that are decided by
// what was seen and not by one key of the configuration.
func TestRollout_follows_what_was_seen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config string
		change func(*Request)
	}{
		"fixed-port": {config: "service: dns\nimage: acme/dns\nservers: {web: {hosts: [vm1], proxy: false, options: {publish: [\"9000\", \"127.0.0.1:5353:53/udp\"]}}}\n"},
		"host-network": {
			config: "service: dns\nimage: acme/dns\nservers: {web: {hosts: [vm1], proxy: false, options: {network: host}}}\n",
		},
		"host-network-start-first": {
			config: "service: dns\nimage: acme/dns\nservers: {web: {hosts: [vm1], proxy: false, options: {network: host}, boot: {order: start_first}}}\n",
		},
		"rollback-fetches-by-digest": {config: shop, change: func(r *Request) {
			r.Verb = "rollback"
			withoutImages(r, "vm2")
		}},
		"stale": {config: shop, change: func(r *Request) {
			// It was started last, and yet the route says that the other one serves.
			h := r.Facts["vm1"]
			h.Containers = append([]facts.Container{container("web", "v0", "running", 7)}, h.Containers...)
			r.Facts["vm1"] = h
		}},
		"proxy-differs": {config: shop, change: func(r *Request) {
			h := r.Facts["vm1"]
			h.Proxy.Image = "traefik:v3.1"
			r.Facts["vm1"] = h
		}},
		"proxy-stopped": {config: shop, change: func(r *Request) {
			h := r.Facts["vm1"]
			h.Proxy.State, h.Network = "exited", false
			r.Facts["vm1"] = h
		}},
		"renamed-role": {config: shop, change: func(r *Request) {
			h := r.Facts["vm2"]
			k := container("jobs", "v2", "running", 5)
			route := traefik.ForRole(r.Scope.Project, config.Role{Name: "jobs", Proxy: r.Scope.Roles[0].Proxy}, k.Alias)
			h.Containers = append([]facts.Container{k}, h.Containers...)
			h.Routes = append(h.Routes, facts.Route{File: traefik.OfRole(r.Scope.Project, "jobs").File(), Content: route.Content()})
			r.Facts["vm2"] = h
		}},
		"renamed-role-in-part-of-a-run": {config: shop, change: func(r *Request) {
			h := r.Facts["vm2"]
			h.Containers = append([]facts.Container{container("jobs", "v2", "running", 5)}, h.Containers...)
			r.Facts["vm2"] = h
			only(r, "web")
		}},
		"leaves-the-proxy": {config: shop, change: func(r *Request) {
			r.Scope.Roles[0].Proxy = nil
		}},
		"foreign-route": {config: shop, change: func(r *Request) {
			h := r.Facts["vm1"]
			h.Routes = append(h.Routes, facts.Route{File: "own.yml", Content: `{"http": {"unknown": 1}}`})
			r.Facts["vm1"] = h
		}},
		"batches-of-stop-first": {config: shop + "boot: {limit: 1, order: stop_first}\n"},
		"held-back-role-alone": {config: shop + "boot: {barrier: before_start}\n", change: func(r *Request) {
			only(r, "workers")
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, tt.config)
			r := onHosts(c, runs(c, "v2"))
			if tt.change != nil {
				tt.change(&r)
			}
			golden.Equal(t, "testdata/rollout/"+name+".golden", planned(t, r).String())
		})
	}
}

func only(r *Request, role string) {
	narrow, err := r.Scope.Project.Select(config.Selection{Roles: []string{role}})
	if err != nil {
		panic(err)
	}
	r.Scope = narrow
}

func withoutImages(r *Request, hosts ...string) {
	for _, name := range hosts {
		h := r.Facts[name]
		h.Images = h.Images[:1]
		r.Facts[name] = h
	}
}

func TestRollout_tells_all_that_stands_against_it(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config string
		see    func(*facts.Host)
	}{
		"missing-programs": {config: shop, see: func(h *facts.Host) { h.Missing = []string{"flock", "xargs"} }},
		"proxy-lacks-programs": {config: shop, see: func(h *facts.Host) {
			h.Proxy.Lacks = []string{"nc"}
		}},
		"clash": {config: shop, see: func(h *facts.Host) {
			runs(load(t, strings.Replace(shop, "service: shop", "service: store", 1)), "v1")(h)
			h.Containers = nil
		}},
		"host-network-behind-the-proxy": {config: "service: dns\nimage: acme/dns\nservers: {web: {hosts: [vm1], options: {network: host}}}\n"},
		"no-image": {config: shop, see: func(h *facts.Host) {
			h.Images = h.Images[:1]
		}},
		"no-image-anywhere": {config: shop, see: func(h *facts.Host) { h.Images = nil }},
		"image-on-one-host-without-digest": {config: shop, see: func(h *facts.Host) {
			h.Images[1].Digests = nil
			if h.Name == "vm2" {
				h.Images = h.Images[:1]
			}
		}},
		"env": {config: shop + "env: {secret: [\"PATH:LINES\", \"a.b:LINES\", \"FINE:LINES\"]}\n"},
		"all-at-once": {config: shop + "env: {secret: [\"PATH:LINES\"]}\n", see: func(h *facts.Host) {
			h.Missing = []string{"flock"}
			h.Images = h.Images[:1]
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, tt.config)
			p, err := Rollout(onHosts(c, tt.see))
			if err == nil {
				t.Fatalf("it plans:\n%s", p)
			}
			golden.Equal(t, "testdata/obstacles/"+name+".golden", err.Error()+"\n")
		})
	}
}

func TestCommands_of_all_other_plans_are_shell(t *testing.T) {
	t.Parallel()
	c := load(t, clinic)
	seen := onHosts(c, runs(c, "v2")).Facts
	s := State{Scope: c, Secrets: secretsOf(c, known), Facts: seen}
	on := Proxy{Scope: c, Secrets: s.Secrets, Hosts: c.ProxyHosts(), Facts: seen}
	start, err := Start(s)
	if err != nil {
		t.Fatal(err)
	}
	restart, err := RestartProxy(on)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*plan.Plan{
		start, restart, Stop(s), StopStale(s), RemoveApp(s), Remove(s, shell.Cmd("docker", "logout")),
		Prune(s, What{Containers: true, Images: true}), BootProxy(on), RebootProxy(on), StopProxy(on), RemoveProxy(on, true),
	} {
		parses(t, p)
	}
}

func TestRollout_plans_the_same_twice(t *testing.T) {
	t.Parallel()
	c := load(t, clinic)
	r := onHosts(c, runs(c, "v2"))
	if once, twice := planned(t, r).Commands(), planned(t, r).Commands(); once != twice {
		t.Errorf("first\n%s\nthen\n%s", once, twice)
	}
}
