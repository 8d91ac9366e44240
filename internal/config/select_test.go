package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const fleet = `service: app
servers:
  web: [w1, w2, both]
  jobs: [both, j1]
  clock: [c1]
`

// roster is what a configuration runs where.
func roster(c *Scope) string {
	var parts []string
	for _, r := range c.Roles {
		parts = append(parts, r.Name+"="+strings.Join(c.HostsOf(r), ","))
	}
	return strings.Join(parts, " ") + " primary " + c.PrimaryRole + "@" + c.PrimaryHost()
}

func TestSelect_narrows_down_to_what_is_asked_for(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		s    Selection
		want string
	}{
		{"nothing", Selection{}, "web=w1,w2,both clock=c1 jobs=both,j1 primary web@w1"},
		{"a role", Selection{Roles: []string{"jobs"}}, "jobs=both,j1 primary jobs@both"},
		{"a pattern of roles", Selection{Roles: []string{"?o*"}}, "jobs=both,j1 primary jobs@both"},
		{"choices", Selection{Roles: []string{"{jobs,cl*}"}}, "clock=c1 jobs=both,j1 primary clock@c1"},
		{"a host", Selection{Hosts: []string{"both"}}, "web=both jobs=both primary web@both"},
		{"a class of hosts", Selection{Hosts: []string{"[wc]1"}}, "web=w1 clock=c1 primary web@w1"},
		{"patterns in any order", Selection{Hosts: []string{"c1", "w2"}}, "web=w2 clock=c1 primary web@w2"},
		{"roles and hosts", Selection{Roles: []string{"jobs"}, Hosts: []string{"b*"}}, "jobs=both primary jobs@both"},
		{"the primary host", Selection{Primary: true}, "web=w1 primary web@w1"},
		{"the primary host of roles", Selection{Primary: true, Roles: []string{"jobs"}}, "jobs=both primary jobs@both"},
		{"the primary host wins over hosts", Selection{Primary: true, Hosts: []string{"c1"}}, "web=w1 primary web@w1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := load(t, fleet)
			narrow, err := c.Select(test.s)
			if err != nil {
				t.Fatal(err)
			}
			if got := roster(narrow); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if before := roster(c.All()); before != "web=w1,w2,both clock=c1 jobs=both,j1 primary web@w1" {
				t.Errorf("the original is now %s", before)
			}
		})
	}
}

func TestSelect_takes_a_host_as_it_is_written(t *testing.T) {
	t.Parallel()
	c := load(t, "service: app\nimage: app\nservers: ['[::2]:22', '[2001:db8::1]:2222', '::1', 'b']\n")
	for pattern, want := range map[string]string{
		"[::2]:22": "[::2]:22", "[2001:db8::1]:2222": "[2001:db8::1]:2222", "::1": "::1",
		"[2001:*]:*": "[2001:db8::1]:2222", "[a-c]": "b",
		// Other spellings of the same host.
		"::2": "[::2]:22", "[::1]": "::1", "root@[0:0::1]:22": "::1", "B.": "b", "me@b": "b",
	} {
		narrow, err := c.Select(Selection{Hosts: []string{pattern}})
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
		} else if got := strings.Join(narrow.Hosts(), " "); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
	}
}

func TestSelect_names_what_fits_nothing_and_what_there_is(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		s          Selection
		text, hint string
	}{
		{Selection{Roles: []string{"web", "wokers", "x*"}}, "no role matches wokers, x*", "the roles are web, clock, jobs"},
		{Selection{Hosts: []string{"[w"}}, "no host matches [w", "the hosts are w1, w2, both, c1, j1"},
		{Selection{Roles: []string{"clock"}, Hosts: []string{"w1"}}, "no host matches w1", "the hosts are c1"},
	} {
		_, err := load(t, fleet).Select(test.s)
		var none *SelectionError
		if !errors.As(err, &none) || err.Error() != test.text || none.Hint() != test.hint {
			t.Errorf("%+v: got %v, hint %q; want %s, hint %q", test.s, err, none.Hint(), test.text, test.hint)
		}
	}
}

func TestMatches_knows_the_shell_s_patterns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"web", "web", true},
		{"we", "web", false},
		{"web*", "web", true},
		{"10.0.0.*", "10.0.0.12", true},
		{"10.0.0.?", "10.0.0.12", false},
		{"{a,b{c,d}}-1", "bd-1", true},
		{"{a,b}-{1,2}", "b-2", true},
		{"{a,b", "{a,b", true},
		{"{}", "", true},
		{"[!a]x", "bx", true},
		{"[!a]x", "ax", false},
		{"[^a]x", "bx", true},
		{strings.Repeat("{a,b}", 30), "a", false},
	} {
		if got := matches(test.pattern, test.name); got != test.want {
			t.Errorf("matches(%q, %q) = %v", test.pattern, test.name, got)
		}
	}
}

func TestBatches_are_of_all_hosts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limit Limit
		total int
		hosts string
		want  string
	}{
		{Limit{}, 4, "a b c d", "[[a b c d]]"},
		{Limit{Count: 3}, 4, "a b c d", "[[a b c] [d]]"},
		{Limit{Count: 9}, 4, "a b c d", "[[a b c d]]"},
		{Limit{Percent: 50}, 4, "a b c d", "[[a b] [c d]]"},
		{Limit{Percent: 1}, 4, "a b c", "[[a] [b] [c]]"},
		{Limit{Percent: 100}, 4, "a b", "[[a b]]"},
		{Limit{Percent: 50}, 8, "a b c d", "[[a b c d]]"},
		{Limit{Percent: 50}, 0, "a b c d", "[[a b] [c d]]"},
		{Limit{Count: 1}, 4, "", "[]"},
	} {
		c := Project{Boot: Boot{Limit: test.limit}, Placement: Placement{Roles: []Role{{Hosts: make([]Host, test.total)}}}}
		for i := range test.total {
			c.Roles[0].Hosts[i].Name = fmt.Sprint("host", i)
		}
		if got := fmt.Sprint(c.Batches(strings.Fields(test.hosts))); got != test.want {
			t.Errorf("%+v of %d: got %s, want %s", test.limit, test.total, got, test.want)
		}
	}
}

func TestHosts_and_names(t *testing.T) {
	t.Parallel()
	c := load(t, fleet+"registry: {server: registry.example.com/, username: u, password: p}\nimage: org/app\nbuilder: {cache: {type: registry}}\n")
	got := []string{
		strings.Join(c.AppHosts(), " "), strings.Join(c.ProxyHosts(), " "), c.PrimaryHost(), fmt.Sprint(len(c.RolesOn("both"))),
		c.Repository(), c.AbsoluteImage("v1"), c.LatestTag(), c.CacheImage(), c.Name(), c.ProxyRunOn("j1").Image,
	}
	want := []string{
		"w1 w2 both c1 j1", "w1 w2 both", "w1", "2",
		"registry.example.com/org/app", "registry.example.com/org/app:v1", "latest", "registry.example.com/org/app-build-cache", "app", DefaultProxyImage,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c.Destination = "prod"
	if c.LatestTag() != "latest-prod" || c.Name() != "app-prod" {
		t.Errorf("with a destination: %s, %s", c.LatestTag(), c.Name())
	}
	if _, ok := c.Role("nobody"); ok {
		t.Error("there is a role nobody")
	}
}

func TestEnvOn_adds_what_the_host_s_tags_say(t *testing.T) {
	t.Parallel()
	c := load(t, `service: app
servers: {web: {hosts: [h1, {h2: x}], env: {clear: {B: 2}, secret: [T]}}}
env: {clear: {A: 1, B: 1}, secret: [S], tags: {x: {clear: {C: 3}, secret: ["S:X_S"]}}}
`)
	shown := func(e Env) string {
		var parts []string
		for _, p := range e.Clear {
			parts = append(parts, p.Name+"="+p.Value)
		}
		for _, s := range e.Secret {
			parts = append(parts, s.Name+":"+s.Key)
		}
		return strings.Join(parts, " ")
	}
	for host, want := range map[string]string{"h1": "A=1 B=2 S:S T:T", "h2": "A=1 B=2 C=3 T:T S:X_S"} {
		if got := shown(c.Roles[0].EnvOn(host)); got != want {
			t.Errorf("on %s: got %s, want %s", host, got, want)
		}
	}
}
