package deploy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/prune"
)

// shopfloor is a model of hosts that deploys change, as far as retention goes.
type shopfloor struct {
	t       *testing.T
	config  *config.Scope
	hosts   map[string]facts.Host
	served  []string // versions that were healthy on all hosts, the current one last
	moments int
	story   []string
}

func newShopfloor(t *testing.T, retain int, hosts ...string) *shopfloor {
	f := &shopfloor{t: t, hosts: map[string]facts.Host{}}
	f.configure(retain, hosts...)
	return f
}

// configure puts role web on the hosts, and role workers on the first of them.
func (f *shopfloor) configure(retain int, hosts ...string) {
	f.story = append(f.story, fmt.Sprintf("%d kept on %s", retain, strings.Join(hosts, " ")))
	f.config = load(f.t, fmt.Sprintf(`
service: shop
image: acme/shop
servers:
  web: {hosts: [%s]}
  workers: {hosts: [%s], cmd: bin/work, proxy: false}
registry: {username: user, password: [PASSWORD]}
retain_containers: %d
`, strings.Join(hosts, ", "), hosts[0], retain))
	for _, name := range hosts {
		if _, there := f.hosts[name]; !there {
			f.hosts[name] = facts.Host{Name: name, Proxy: facts.Proxy{ID: "proxy", State: "running", Image: config.DefaultProxyImage}}
		}
	}
}

func (f *shopfloor) now() time.Time {
	f.moments++
	return time.Date(2026, 1, 1, 0, f.moments, 0, 0, time.UTC)
}

// pull brings the image of a version to all hosts.
func (f *shopfloor) pull(version string) {
	image := facts.Image{ID: "sha256:" + version, Tags: []string{"acme/shop:" + version}, Digests: []string{"acme/shop@sha256:" + version}}
	for _, name := range f.config.AppHosts() {
		h := f.hosts[name]
		if _, there := app.FindImage(h, image.Tags[0]); !there {
			h.Images = append(slices.Clone(h.Images), image)
			f.hosts[name] = h
		}
	}
}

func (f *shopfloor) request(version string) Request {
	return Request{Scope: f.config, Secrets: secretsOf(f.config, known), Verb: "deploy", Version: version, Token: f.now().String(), Facts: f.hosts, Prune: true}
}

// deploy rolls a version out that becomes healthy.
func (f *shopfloor) deploy(version string) {
	f.story = append(f.story, "deploy "+version)
	f.pull(version)
	f.rollOut(version)
}

// rollback rolls a version out; a host that lacks the image fetches it.
func (f *shopfloor) rollback(version string) {
	f.t.Helper()
	f.story = append(f.story, "roll back to "+version)
	if err := f.request(version).MissingImage(); err != nil {
		f.t.Fatalf("%s: %v", f, err)
	}
	f.deploy(version)
}

func (f *shopfloor) rollOut(version string) {
	f.t.Helper()
	r := f.request(version)
	p, err := Rollout(r)
	if err != nil {
		f.t.Fatalf("%s: %v", f, err)
	}
	for _, name := range f.config.AppHosts() {
		for _, b := range r.bootsOn(name) {
			f.boot(name, b.boot)
		}
	}
	f.apply(p)
	f.served = append(slices.DeleteFunc(f.served, func(v string) bool { return v == version }), version)
}

// boot starts a new container, which is kept.
func (f *shopfloor) boot(host string, b app.Boot) {
	h := f.hosts[host]
	for i := range h.Containers {
		if h.Containers[i].Name == b.Name() {
			h.Containers[i].Name += "_replaced_" + fmt.Sprint(f.moments)
		}
	}
	k := facts.Container{
		ID: b.Alias(), Name: b.Name(), Image: "sha256:" + b.Version, Role: b.Role.Name, Version: b.Version, Alias: b.Alias(),
		State: "running", Restart: b.Role.Restart, Created: f.now(), Started: f.now(),
	}
	h.Containers = append([]facts.Container{k}, h.Containers...)
	f.hosts[host] = h
}

// fail is a deploy of a version that never is healthy; one that was killed leaves a container.
func (f *shopfloor) fail(version string, killed bool) {
	f.story = append(f.story, fmt.Sprintf("deploy %s fails, leaves a container: %t", version, killed))
	f.pull(version)
	for _, name := range f.config.AppHosts() {
		h := f.hosts[name]
		k := facts.Container{
			ID: "failed" + fmt.Sprint(f.moments), Name: "shop-web-" + version + fmt.Sprint(f.moments), Image: "sha256:" + version, Role: "web", Version: version,
			State: "exited", Restart: "no", Created: f.now(), Started: f.now(), Finished: f.now(),
		}
		if killed {
			h.Containers = append([]facts.Container{k}, h.Containers...)
		}
		f.hosts[name] = h
	}
}

func (f *shopfloor) prune(what What) {
	f.story = append(f.story, fmt.Sprintf("prune %+v", what))
	f.apply(Prune(State{Scope: f.config, Facts: f.hosts}, what))
}

// apply carries out what a plan stops and removes.
func (f *shopfloor) apply(p *plan.Plan) {
	for _, phase := range p.Phases {
		for _, host := range phase.Hosts {
			h := f.hosts[host.Name]
			for _, stage := range host.Stages {
				for _, step := range stage.Steps {
					h = f.effect(h, strings.Fields(step.Run.Wire().Reveal()))
				}
			}
			f.hosts[host.Name] = h
		}
	}
}

func (f *shopfloor) effect(h facts.Host, words []string) facts.Host {
	h.Containers, h.Images = slices.Clone(h.Containers), slices.Clone(h.Images)
	switch last := words[len(words)-1]; {
	case len(words) > 1 && words[0] == "halt":
		for i := range h.Containers {
			if h.Containers[i].ID == words[1] {
				h.Containers[i].State, h.Containers[i].Finished = "exited", f.now()
			}
		}
	case len(words) > 1 && words[1] == "rm":
		h.Containers = slices.DeleteFunc(h.Containers, func(k facts.Container) bool { return k.ID == last })
	case len(words) > 2 && words[1] == "image" && words[2] == "rm":
		h.Images = slices.DeleteFunc(h.Images, func(i facts.Image) bool { return slices.Contains(words[3:], i.Tags[0]) })
	}
	return h
}

// expect fails when one of the versions is missing on one of the hosts.
func (f *shopfloor) expect(versions ...string) {
	f.t.Helper()
	for _, name := range f.config.AppHosts() {
		for _, version := range versions {
			if _, there := app.FindImage(f.hosts[name], "acme/shop:"+version); !there {
				f.t.Fatalf("%s: version %s is no longer on %s", f, version, name)
			}
		}
	}
}

func (f *shopfloor) String() string { return strings.Join(f.story, "; ") }

func TestRetention_counts_versions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		retain int
		do     func(*shopfloor)
		want   []string
		gone   string
	}{
		"one version again and again": {2, func(f *shopfloor) {
			f.deploy("a")
			for range 7 {
				f.deploy("b")
			}
			f.rollback("a")
		}, []string{"a", "b"}, ""},
		"deploys that fail": {1, func(f *shopfloor) {
			f.deploy("a")
			f.deploy("b")
			for i := range 5 {
				f.fail(fmt.Sprint("c", i), i%2 == 0)
			}
			f.deploy("b")
		}, []string{"a", "b"}, "c4"},
		"a rollback, then a deploy": {1, func(f *shopfloor) {
			f.deploy("a")
			f.deploy("b")
			f.rollback("a")
			f.deploy("c")
		}, []string{"a", "c"}, "b"},
		"rollbacks to and fro": {1, func(f *shopfloor) {
			f.deploy("a")
			f.deploy("b")
			for range 3 {
				f.rollback("a")
				f.rollback("b")
			}
		}, []string{"a", "b"}, ""},
		"no more versions than are kept": {2, func(f *shopfloor) {
			for _, v := range []string{"a", "b", "c", "d", "d", "d"} {
				f.deploy(v)
			}
		}, []string{"b", "c", "d"}, "a"},
		"pruned again and again": {1, func(f *shopfloor) {
			f.deploy("a")
			f.deploy("b")
			f.deploy("b")
			f.fail("c", true)
			for range 2 {
				f.prune(What{Containers: true, Images: true, Retain: 1})
				f.prune(What{Images: true})
				f.prune(What{Containers: true, Retain: 1})
			}
		}, []string{"a", "b"}, "c"},
		"a host without the versions of the others": {1, func(f *shopfloor) {
			f.deploy("a")
			f.configure(1, "vm1")
			f.deploy("b")
			f.configure(1, "vm1", "vm2")
			f.deploy("c")
			f.rollback("b")
		}, []string{"b", "c"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newShopfloor(t, tt.retain, "vm1", "vm2")
			tt.do(f)
			f.expect(tt.want...)
			if slices.ContainsFunc(Versions(f.config, f.hosts), func(v Version) bool { return v.Name == tt.gone }) {
				t.Errorf("%s: version %s is still there", f, tt.gone)
			}
		})
	}
}

// Another program removed the stopped containers, as docker system prune does.
func TestRetention_keeps_images_where_no_container_tells_which_were_healthy(t *testing.T) {
	t.Parallel()
	f := newShopfloor(t, 1, "vm1", "vm2")
	f.deploy("a")
	f.deploy("b")
	for name, h := range f.hosts {
		h.Containers = slices.DeleteFunc(slices.Clone(h.Containers), func(k facts.Container) bool { return !k.Running() })
		f.hosts[name] = h
	}
	f.deploy("b")
	f.prune(What{Containers: true, Images: true, Retain: 1})
	f.expect("a")
	f.rollback("a")
}

// Each host keeps the versions that the others would go back to.
func TestRetention_keeps_one_version_on_all_hosts(t *testing.T) {
	t.Parallel()
	f := newShopfloor(t, 1, "vm1", "vm2")
	f.deploy("a")
	both := f.config
	f.configure(1, "vm1")
	f.deploy("b")
	f.config = both
	f.deploy("c")
	f.expect("a", "c")
	f.prune(What{Containers: true, Images: true, Retain: 1})
	f.expect("a", "c")
}

func TestRetention_of_any_sequence_keeps_the_last_other_healthy_version_on_every_host(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 0))
		f := newShopfloor(t, 1+random.IntN(3), "vm1", "vm2")
		f.deploy("v0")
		for n := range 25 {
			f.random(random, fmt.Sprint("v", n+1))
			if len(f.served) < 2 {
				continue
			}
			last := f.served[len(f.served)-2]
			f.expect(last, f.served[len(f.served)-1])
			if err := f.request(last).MissingImage(); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			for _, name := range f.config.AppHosts() {
				p := prune.Request{Scope: f.config, Host: f.hosts[name]}
				if slices.ContainsFunc(p.LastOther(), func(v string) bool { return v != last }) {
					t.Fatalf("%s: %s would go back to %s, not to %s", f, name, p.LastOther(), last)
				}
			}
		}
	}
}

func (f *shopfloor) random(random *rand.Rand, fresh string) {
	switch random.IntN(8) {
	case 0, 1:
		f.deploy(fresh)
	case 2, 3:
		f.deploy(f.served[len(f.served)-1])
	case 4:
		f.fail(fresh, random.IntN(2) == 0)
	case 5:
		f.fail(f.served[random.IntN(len(f.served))], true)
	case 6:
		if len(f.served) > 1 {
			f.rollback(f.served[len(f.served)-2])
		}
	case 7:
		f.prune(What{Containers: random.IntN(2) == 0, Images: random.IntN(2) == 0, Retain: 1 + random.IntN(3)})
	}
}
