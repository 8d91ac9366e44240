package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const helped = `service: app
image: org/app
servers:
  web: [w1, w2]
  jobs: [j1]
registry: {server: registry.example.com, username: u, password: [PASSWORD]}
env: {secret: [APP]}
builder: {secrets: [BUILD]}
accessories:
  db: {image: postgres, host: d1, env: {secret: [DB]}}
  cache: {image: redis, roles: [web, jobs], registry: {username: u, password: [OWN]}}
  ui: {image: ui, host: w1, proxy: {host: ui.example.com, ssl: {certificate_pem: CERT, private_key_pem: KEY}}}
`

// helpers is what accessories run where.
func helpers(c *Scope) string {
	var parts []string
	for _, a := range c.Accessories {
		parts = append(parts, a.Name+"="+strings.Join(a.Hosts, ","))
	}
	return strings.Join(parts, " ")
}

func TestSelect_narrows_accessories_down_to_hosts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		s                   Selection
		want, hosts, behind string
	}{
		"nothing":          {Selection{}, "db=d1 cache=w1,w2,j1 ui=w1", "w1,w2,j1,d1", "w1,w2"},
		"an app host":      {Selection{Hosts: []string{"w2"}}, "db= cache=w2 ui=", "w2", "w2"},
		"a host of no app": {Selection{Hosts: []string{"d*"}}, "db=d1 cache= ui=", "d1", ""},
		"a role":           {Selection{Roles: []string{"jobs"}}, "db= cache=j1 ui=", "j1", ""},
		"the primary host": {Selection{Primary: true}, "db= cache=w1 ui=w1", "w1", "w1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := load(t, helped).Select(test.s)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{helpers(c), strings.Join(c.Hosts(), ","), strings.Join(c.ProxyHosts(), ",")}
			if diff := cmp.Diff([]string{test.want, test.hosts, test.behind}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := load(t, helped).Select(Selection{Roles: []string{"web"}, Hosts: []string{"d1"}}); err == nil {
		t.Error("a host of no chosen role is chosen")
	}
}

func TestSelectAccessories_takes_patterns(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		"db": "db=d1", "all": "db=d1 cache=w1,w2,j1 ui=w1", "{ui,db}": "db=d1 ui=w1", "*": "db=d1 cache=w1,w2,j1 ui=w1", "c*": "cache=w1,w2,j1",
	} {
		c, err := load(t, helped).All().SelectAccessories(pattern)
		if err != nil || helpers(c) != want {
			t.Errorf("%s: %v, %s; want %s", pattern, err, helpers(c), want)
		}
	}
	named := load(t, strings.Replace(helped, "  ui:", "  all:", 1))
	if c, err := named.All().SelectAccessories("all"); err != nil || helpers(c) != "all=w1" {
		t.Errorf("an accessory named all: %v, %s", err, helpers(c))
	}
}

func TestSelectAccessories_suggests_what_was_meant(t *testing.T) {
	t.Parallel()
	for pattern, hint := range map[string]string{
		"cahce": `did you mean "cache"? the accessories are db, cache, ui`,
		"mysql": "the accessories are db, cache, ui",
	} {
		_, err := load(t, helped).All().SelectAccessories(pattern)
		var none *SelectionError
		if !errors.As(err, &none) || err.Error() != "no accessory matches "+pattern || none.Hint() != hint {
			t.Errorf("%v, hint %q", err, none.Hint())
		}
	}
	_, err := load(t, minimal).All().SelectAccessories("db")
	var none *SelectionError
	if !errors.As(err, &none) || none.Hint() != "the configuration has no accessories" {
		t.Errorf("without accessories: %v", err)
	}
}

func TestBinds_are_volumes_files_and_directories_with_full_paths(t *testing.T) {
	t.Parallel()
	a := Accessory{
		Service: "app-mysql",
		Volumes: []string{"name:/data"},
		Files:   []Mount{{Local: "config/my.cnf", Remote: "/etc/mysql/my.cnf"}, {Local: "x", Remote: "/y", Options: "ro"}},
		Directories: []Mount{
			{Local: "data", Remote: "/var/lib/mysql", Options: "z"}, {Local: "/abs", Remote: "/x"},
		},
	}
	want := []string{
		"name:/data", "${HOME}/app-mysql/etc/mysql/my.cnf:/etc/mysql/my.cnf", "${HOME}/app-mysql/y:/y:ro",
		"${HOME}/app-mysql/data:/var/lib/mysql:z", "/abs:/x",
	}
	if diff := cmp.Diff(want, a.Binds()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProxyRunOn_a_host_of_an_accessory(t *testing.T) {
	t.Parallel()
	c := load(t, strings.Replace(helped, "host: w1, proxy: {", "host: x1, proxy: {run: {http_port: 8080}, ", 1))
	if port := c.ProxyRunOn("x1").HTTPPort; port != 8080 {
		t.Errorf("port %d", port)
	}
	if port := c.ProxyRunOn("w1").HTTPPort; port != 80 {
		t.Errorf("port %d on the app's host", port)
	}
}

func TestIsolated_is_what_can_join_no_network(t *testing.T) {
	t.Parallel()
	c := load(t, `service: app
image: app
servers: {web: {hosts: [h], options: {net: host}}, jobs: {hosts: [h], options: {network: [backend]}}}
accessories:
  a: {image: i, host: h}
  b: {image: i, host: h, network: "name=none"}
  c: {image: i, host: h, options: {network: "container:x"}}
  d: {image: i, host: h, network: bridge}
`)
	var got []bool
	for _, r := range c.Roles {
		got = append(got, r.Isolated())
	}
	for _, a := range c.Accessories {
		got = append(got, a.Isolated())
	}
	if want := []bool{true, false, false, true, true, false}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
