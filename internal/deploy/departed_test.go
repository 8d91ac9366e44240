package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

// placed is a container that was started when the roles were to run there.
func placed(k facts.Container, placement map[string][]string) facts.Container {
	k.Placement = placement
	return k
}

func TestDepartedHosts_are_known_by_what_runs_elsewhere(t *testing.T) {
	t.Parallel()
	c := load(t, shop)
	here := map[string][]string{"web": {"vm1", "vm2"}, "workers": {"vm2"}}
	earlier := map[string][]string{"web": {"vm1", "vm2", "vm3"}, "workers": {"vm3", "vm4"}}
	failed := placed(container("web", "v3", "exited", 5), map[string][]string{"web": {"vm9"}})
	failed.Restart = "no"
	tests := map[string]struct {
		containers []facts.Container
		want       []Departed
	}{
		"nothing there":          {},
		"made by another tool":   {containers: []facts.Container{container("web", "v2", "running", 2)}},
		"all are there":          {containers: []facts.Container{placed(container("web", "v2", "running", 2), here)}},
		"never deployed there":   {containers: []facts.Container{failed}},
		"not the name of a host": {containers: []facts.Container{placed(container("web", "v2", "running", 2), map[string][]string{"web": {"x\x1b[2J", "-oProxyCommand=x"}})}},
		"all are there under other names": {containers: []facts.Container{placed(container("web", "v2", "running", 2),
			map[string][]string{"web": {"root@vm1", "VM2:22"}})}},
		"one has left under two names": {
			containers: []facts.Container{
				placed(container("web", "v2", "running", 2), map[string][]string{"web": {"vm3"}}),
				placed(container("web", "v1", "exited", 1), map[string][]string{"web": {"root@VM3"}}),
			},
			want: []Departed{{"vm3", []string{"web"}, "v2"}},
		},
		"two have left": {
			containers: []facts.Container{placed(container("web", "v2", "running", 2), here), placed(container("web", "v1", "exited", 1), earlier)},
			want:       []Departed{{"vm3", []string{"web", "workers"}, "v1"}, {"vm4", []string{"workers"}, "v1"}},
		},
		"deployed twice since": {
			containers: []facts.Container{
				placed(container("web", "v3", "running", 3), here), placed(container("web", "v2", "exited", 2), here), placed(container("web", "v1", "exited", 1), earlier),
			},
		},
		"one version deployed twice since": {
			containers: []facts.Container{
				placed(container("web", "v2", "running", 3), here), placed(container("web", "v2", "exited", 2), here), placed(container("web", "v1", "exited", 1), earlier),
			},
			want: []Departed{{"vm3", []string{"web", "workers"}, "v1"}, {"vm4", []string{"workers"}, "v1"}},
		},
		"the last version counts": {
			containers: []facts.Container{placed(container("web", "v2", "running", 2), map[string][]string{"web": {"vm3"}}), placed(container("web", "v1", "exited", 1), earlier)},
			want:       []Departed{{"vm3", []string{"web"}, "v2"}, {"vm4", []string{"workers"}, "v1"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[string]facts.Host{"vm1": {Containers: tt.containers}, "vm2": {Containers: tt.containers}}
			if diff := cmp.Diff(tt.want, DepartedHosts(c, seen)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDepartedHosts_may_have_accessories(t *testing.T) {
	t.Parallel()
	c := load(t, shop+"accessories: {db: {image: db, host: vm3}}\n")
	k := placed(container("web", "v2", "running", 2), map[string][]string{"web": {"vm3", "vm5"}})
	r := Request{Scope: c, Secrets: secretsOf(c, known), Facts: map[string]facts.Host{"vm1": {Containers: []facts.Container{k}}}}
	want := []string{
		"vm3 has no role in the configuration any more and may still run v2 with role web; `mrsk app remove --departed vm3` removes it",
		"vm5 is no longer in the configuration and may still run v2 with role web; `mrsk app remove --departed vm5` removes it",
	}
	if diff := cmp.Diff(want, r.departed()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Hosts that a run leaves out are still in the configuration.
func TestDepartedHosts_are_not_those_that_a_run_leaves_out(t *testing.T) {
	t.Parallel()
	c, err := load(t, shop).Project.Select(config.Selection{Hosts: []string{"vm1"}})
	if err != nil {
		t.Fatal(err)
	}
	k := placed(container("web", "v2", "running", 2), map[string][]string{"web": {"vm1", "vm2"}})
	if got := DepartedHosts(c, map[string]facts.Host{"vm1": {Containers: []facts.Container{k}}}); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

const moved = `
service: shop
image: acme/shop
servers:
  web: {hosts: [vm1]}
  workers: {hosts: [vm2], cmd: bin/work, proxy: false}
registry: {server: registry.example.com, username: user, password: [PASSWORD]}
proxy: {host: shop.example.com}
`

// A host that served as web and has only workers from now on leaves its clients alone.
func TestRollout_asks_before_a_host_no_longer_serves(t *testing.T) {
	t.Parallel()
	r := rolledOut(t, "")
	h := r.Facts["vm2"]
	h.Containers = slices.Clone(h.Containers)
	h.Containers[0] = placed(h.Containers[0], map[string][]string{"web": {"vm1", "vm2", "192.0.2.12"}})
	r.Facts["vm2"] = h
	tests := map[string]struct {
		text string
		want []string
	}{
		"nothing moves":  {text: shop},
		"web leaves vm2": {text: moved, want: []string{"vm2 no longer serves requests: role web leaves it, which now has role workers; clients that come to vm2 get 502"}},
		"web has no proxy": {text: "service: shop\nimage: acme/shop\nservers: {web: {hosts: [vm1, vm2], proxy: false}}\nregistry: {server: registry.example.com, username: user, password: [PASSWORD]}\n", want: []string{
			"vm1 no longer serves requests: role web is no longer behind the proxy; clients that come to vm1 get 502",
			"vm2 no longer serves requests: role web is no longer behind the proxy; clients that come to vm2 get 502",
		}},
		"web is called site": {text: "service: shop\nimage: acme/shop\nservers: {site: {hosts: [vm1, vm2]}}\nprimary_role: site\nregistry: {server: registry.example.com, username: user, password: [PASSWORD]}\nproxy: {host: shop.example.com}\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			changed := r
			changed.Scope = load(t, tt.text)
			p, err := Rollout(changed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.Questions); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			setup, err := Setup(changed, Accessories{Scope: changed.Scope, Secrets: changed.Secrets})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, setup.Questions); diff != "" {
				t.Errorf("setup: -want +got:\n%s", diff)
			}
			if name == "web leaves vm2" {
				golden.Equal(t, "testdata/rollout/host-no-longer-serves.golden", p.String())
			}
		})
	}
}

// Another role behind the proxy of the host does not serve what a role served that leaves it.
func TestRollout_asks_before_a_route_is_gone_from_a_host_that_serves_others(t *testing.T) {
	t.Parallel()
	head := "service: shop\nimage: acme/shop\nregistry: {server: registry.example.com, username: user, password: [PASSWORD]}\nservers:\n"
	before := load(t, head+"  web: {hosts: [vm1], proxy: {host: a.example.com}}\n  api: {hosts: [vm1], proxy: {hosts: [b.example.com, c.example.com], path_prefix: /api}}\n")
	r := rolledOut(t, "")
	h := served(t, before, "vm1", container("web", "v2", "running", 2), container("api", "v2", "running", 3))
	h.Images = r.Facts["vm1"].Images
	r.Facts = map[string]facts.Host{"vm1": h}
	tests := map[string]struct{ servers, want string }{
		"removed":                {"web: {hosts: [vm1], proxy: {host: a.example.com}}", "vm1 no longer serves b.example.com/api, c.example.com/api: role api leaves it, which now has role web; clients that come for it get 502"},
		"no longer routed":       {"web: {hosts: [vm1], proxy: {host: a.example.com}}\n  api: {hosts: [vm1], proxy: false}", "vm1 no longer serves b.example.com/api, c.example.com/api: role api is no longer behind the proxy; clients that come for it get 502"},
		"in part":                {"web: {hosts: [vm1], proxy: {hosts: [a.example.com, b.example.com]}}", "vm1 no longer serves c.example.com/api: role api leaves it, which now has role web; clients that come for it get 502"},
		"another takes it":       {"web: {hosts: [vm1], proxy: {hosts: [a.example.com, '*.example.com']}}", ""},
		"another takes all":      {"web: {hosts: [vm1], proxy: {}}", ""},
		"another, longer prefix": {"web: {hosts: [vm1], proxy: {path_prefix: /apis}}", "vm1 no longer serves b.example.com/api, c.example.com/api: role api leaves it, which now has role web; clients that come for it get 502"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			changed := r
			changed.Scope = load(t, head+"  "+tt.servers+"\n")
			p, err := Rollout(changed)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Questions, "\n"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A host that has left is taken down as a whole, whatever role runs there.
func TestRemoveApp_takes_a_departed_host_down(t *testing.T) {
	t.Parallel()
	c := load(t, moved)
	left, err := c.Project.Departed([]string{"vm3"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]facts.Host{"vm3": served(t, load(t, shop), "vm3", container("web", "v2", "running", 2), container("web", "v1", "exited", 1))}
	golden.Equal(t, "testdata/manage/remove-departed.golden", RemoveApp(State{Scope: left, Facts: seen}).String())
}
