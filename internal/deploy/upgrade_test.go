package deploy

import (
	"errors"
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/traefik"
)

// kamals is the shop as Kamal leaves it: vm1 and vm2 behind kamal-proxy.
func kamals(t *testing.T, more string) Upgrade {
	t.Helper()
	c := load(t, shop+more)
	seen := map[string]facts.Host{
		"vm1": kamal("vm1", container("web", "v2", "running", 2), container("web", "v1", "exited", 1)),
		"vm2": kamal("vm2", container("web", "v2", "running", 2), container("workers", "v2", "running", 3)),
	}
	return Upgrade{Scope: c, Secrets: secretsOf(c, known), Hosts: []string{"vm1", "vm2"}, Facts: seen}
}

func kamal(name string, containers ...facts.Container) facts.Host {
	h := facts.Host{Name: name, Former: []facts.Former{{ID: "old", Name: "kamal-proxy", State: "running", Restart: "unless-stopped", Ports: []int{80, 443}}}}
	for _, k := range containers {
		k.Alias = ""
		h.Containers = append(h.Containers, k)
		if k.Running() {
			h.Others = append(h.Others, facts.Other{Name: k.Name, Service: "shop", Role: k.Role})
		}
	}
	h.Others = append(h.Others, facts.Other{Name: "kamal-proxy"}, facts.Other{Name: "cron", Service: "cron"})
	return h
}

func (u Upgrade) on(host string, change func(*facts.Host)) Upgrade {
	h := u.Facts[host]
	change(&h)
	u.Facts[host] = h
	return u
}

// database is an accessory that Kamal has made.
func database(h *facts.Host) {
	k := facts.Container{ID: "d1", Name: "shop-db", State: "running", Restart: "unless-stopped"}
	h.Accessories = []facts.Accessory{{Service: "shop-db", Container: k, Reference: "mysql:8"}}
}

func TestUpgradeProxies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		more   string
		change func(Upgrade) Upgrade
	}{
		"upgrade": {},
		"one-host-only": {change: func(u Upgrade) Upgrade {
			return u.on("vm1", func(h *facts.Host) { h.Former = nil })
		}},
		"older-traefik": {change: func(u Upgrade) Upgrade {
			return u.on("vm1", func(h *facts.Host) { h.Former[0].Name = "traefik" })
		}},
		"another-traefik": {change: func(u Upgrade) Upgrade {
			u.Facts["vm2"] = facts.Host{}
			return u.on("vm1", func(h *facts.Host) { h.Former[0].Name, h.Former[0].Ports = "traefik", []int{8000} })
		}},
		"nothing-runs": {change: func(u Upgrade) Upgrade {
			u.Facts["vm2"] = facts.Host{}
			return u.on("vm1", func(h *facts.Host) { h.Containers, h.Others = nil, nil })
		}},
		// An earlier upgrade was killed after its commit.
		"half-done": {change: func(u Upgrade) Upgrade {
			u.Facts["vm2"] = facts.Host{}
			return u.on("vm1", func(h *facts.Host) { established(u.Scope.Project, h) })
		}},
		"accessory": {more: "accessories:\n  db: {image: 'mysql:8', host: vm1}\n", change: func(u Upgrade) Upgrade {
			u.Facts["vm2"] = facts.Host{}
			return u.on("vm1", database)
		}},
		"proxied-accessory": {more: "accessories:\n  db: {image: 'mysql:8', host: vm1, proxy: {host: db.example.com}}\n", change: func(u Upgrade) Upgrade {
			u.Facts["vm2"] = facts.Host{}
			return u.on("vm1", func(h *facts.Host) {
				database(h)
				h.Others = append(h.Others, facts.Other{Name: "shop-db", Service: "shop-db", Served: true})
			})
		}},
		"certificates": {more: "proxy: {host: shop.example.com, ssl: true}\n", change: func(u Upgrade) Upgrade {
			u.Facts["vm2"] = facts.Host{}
			return u
		}},
		"carried": {more: "proxy: {hosts: [shop.example.com, new.example.com], ssl: true}\n", change: func(u Upgrade) Upgrade {
			for name := range u.Facts {
				u.on(name, func(h *facts.Host) { h.Former[0].Certificates = issued(t, "shop.example.com")[0].PEM })
			}
			return u
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := shop
			if strings.HasPrefix(tt.more, "proxy:") {
				base = strings.Replace(shop, "proxy: {host: shop.example.com}\n", "", 1)
			}
			u := kamals(t, "")
			u.Scope = load(t, base+tt.more)
			u.Secrets = secretsOf(u.Scope, known)
			if tt.change != nil {
				u = tt.change(u)
			}
			p, err := UpgradeProxies(u)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, "testdata/upgrade/"+name+".golden", p.String())
		})
	}
	p, err := UpgradeProxies(kamals(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/upgrade/commands.golden", p.Commands())
}

func established(c *config.Project, h *facts.Host) {
	h.Former[0].State = "exited"
	*h = traefik.Booted(*h, traefik.SettingsOn(c, "vm1", config.Secrets{}))
}

// docker connects no container that has the network of the host, or none.
func TestUpgradeProxies_connects_no_container_without_networks_of_its_own(t *testing.T) {
	t.Parallel()
	for section, want := range map[string]bool{
		"": true, ", network: host": false, ", network: none": false, ", options: {net: host}": false, ", network: backend": true,
	} {
		u := kamals(t, "accessories: {db: {image: 'mysql:8', host: vm1"+section+"}}\n").on("vm1", database)
		p, err := UpgradeProxies(u)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(p.String(), "connect container shop-db to"); got != want {
			t.Errorf("%q: connects it: %t", section, got)
		}
	}
}

// A former proxy may run where nothing of the app is behind it. The one in its place needs secrets, too.
func TestUpgradeProxies_passes_secrets_to_every_proxy(t *testing.T) {
	t.Parallel()
	c := load(t, "service: shop\nimage: acme/shop\nservers: {web: [vm1], workers: {hosts: [vm2], proxy: false}}\n"+
		"proxy: {host: shop.example.com, ssl: true, run: {acme: {dns: route53, env: {secret: [TOKEN]}}}}\n")
	p, err := UpgradeProxies(Upgrade{Scope: c, Secrets: secretsOf(c, known), Hosts: []string{"vm1", "vm2"}, Facts: map[string]facts.Host{
		"vm1": kamal("vm1", container("web", "v2", "running", 2)), "vm2": kamal("vm2", container("workers", "v2", "running", 2)),
	}})
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, host := range p.Phases[0].Hosts {
		for _, stage := range host.Stages {
			for _, s := range stage.Steps {
				makes := strings.HasPrefix(s.Name, "start the proxy") || strings.HasPrefix(s.Name, "create the proxy")
				if has := strings.Contains(s.Run.Wire().Reveal(), "_secret1='s3cr3t"); has != makes {
					t.Errorf("%s: %s: has the secret: %t", host.Name, s.Name, has)
				} else if has {
					made++
				}
			}
		}
	}
	if made != 4 {
		t.Errorf("%d containers have the secret", made)
	}
}

func TestUpgradeProxies_refuses(t *testing.T) {
	t.Parallel()
	other := facts.Other{Name: "blog-web-v1", Service: "blog", Role: "web"}
	staging := facts.Other{Name: "shop-web-staging-v1", Service: "shop", Role: "web", Destination: "staging"}
	whoami := facts.Other{Name: "whoami", Traefik: true}
	behind := func(others ...facts.Other) func(*facts.Host) {
		return func(h *facts.Host) { h.Others = append(h.Others, others...) }
	}
	for name, tt := range map[string]struct {
		change func(*facts.Host)
		says   string
	}{
		"another app": {behind(other, staging), "vm1: kamal-proxy also serves blog, shop (staging), which would no longer get any requests"},
		"a container behind an older Traefik": {func(h *facts.Host) {
			h.Former[0].Name = "traefik"
			behind(whoami)(h)
		}, "vm1: traefik also serves whoami"},
		"an accessory without a proxy section": {func(h *facts.Host) {
			database(h)
			behind(facts.Other{Name: "shop-db", Service: "shop-db", Served: true})(h)
		}, "vm1: kamal-proxy also serves shop-db"},
		"a proxy of mrsk's that is another": {func(h *facts.Host) {
			h.Proxy = facts.Proxy{ID: "p", State: "running", Image: "traefik:v3.0"}
		}, "vm1: the proxy runs traefik:v3.0"},
		"a host without flock": {func(h *facts.Host) { h.Missing = []string{"flock"} }, "vm1: the host lacks flock"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := UpgradeProxies(kamals(t, "").on("vm1", tt.change))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %v, want %q", err, tt.says)
			}
			if behind := new(BehindFormerError); errors.As(err, &behind) && !strings.Contains(behind.Hint(), "stop them") {
				t.Error("no hint")
			}
		})
	}
	// A container for a Traefik that is not there does not matter.
	if _, err := UpgradeProxies(kamals(t, "").on("vm1", behind(whoami))); err != nil {
		t.Error(err)
	}
	u := kamals(t, "")
	u.Scope = narrow(t, State{Scope: u.Scope}, "web").Scope
	if _, err := UpgradeProxies(u); err == nil || !strings.Contains(err.Error(), "leave --roles out") {
		t.Errorf("with a role left out it says %v", err)
	}
}
