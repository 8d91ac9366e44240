package engine

import (
	"strings"
	"testing"
)

const (
	noRoutes = `{"http":{}}`
	route    = `{"http":{"routers":{"shop.http0":{"service":"shop.m-1"}},"services":{"shop.m-1":{}}}}`
	lost     = `{"http":{"routers":{"shop.http0":{"service":"shop.m-2"}},"services":{}}}`
)

// withProxy is an engine with a proxy, and an app with the name m-1 for it.
func withProxy(t *testing.T, h Habit) *on {
	t.Helper()
	o := newOn(t)
	o.registry.Push("registry.test/shop:v1", nil, nil)
	o.Behave("shop:v1", h)
	o.do("network create mrsk")
	o.do("run --detach --name mrsk-proxy --network mrsk --volume mrsk-proxy:/mrsk --entrypoint sh traefik -c program mrsk", noRoutes)
	o.do("run --detach --name app --network mrsk --network-alias m-1 --restart no registry.test/shop:v1")
	return o
}

const inside = "exec -i mrsk-proxy sh -c program mrsk"

func TestProxy_takes_routes_up(t *testing.T) {
	t.Parallel()
	o := withProxy(t, Habit{})
	o.stdin = route
	o.do(inside + " lead routes/shop.yml shop.http0 shop.m-1")
	o.do(inside + " leads shop.http0 shop.m-1")
	o.refuses(1, "", inside+" leads shop.http0 shop.m-2")
	if state := o.State(); !strings.Contains(state, "route shop.http0: app\n") {
		t.Error(state)
	}
	if said := o.do(inside + " report"); !strings.Contains(said, "\x1eshop.yml\x1f"+route) {
		t.Errorf("%q", said)
	}
	o.refuses(1, "does not give the route up", inside+" confirm_gone shop.http0")
	o.stdin = lost
	o.refuses(1, "refuses the route", inside+" lead routes/shop.yml shop.http0 shop.m-2")
	o.do(inside + " drop routes/shop.yml")
	o.do(inside + " confirm_gone shop.http0")
	o.refuses(125, "program in the proxy", inside+" nonsense")
}

// As with Traefik, one broken file stops the routes of all apps.
func TestProxy_with_a_broken_file_takes_nothing_up(t *testing.T) {
	t.Parallel()
	o := withProxy(t, Habit{})
	o.stdin = "{{"
	o.do(inside + " store routes/broken.yml")
	o.stdin = route
	o.refuses(1, "does not take the route up", inside+" lead routes/shop.yml shop.http0 shop.m-1")
	o.do("exec mrsk-proxy rm -f /mrsk/routes/broken.yml")
	o.do(inside + " confirm shop.http0 shop.m-1")
	o.do("stop -t 35 mrsk-proxy")
	o.refuses(1, "is not running", inside+" leads shop.http0 shop.m-1")
	beside := "run --rm --network none --volumes-from mrsk-proxy --entrypoint sh traefik -c program mrsk"
	if said := o.do(beside + " report"); !strings.Contains(said, "shop.m-1") {
		t.Errorf("%q", said)
	}
	o.refuses(1, "", beside+" leads shop.http0 shop.m-1")
	o.do("start mrsk-proxy")
	o.do(inside + " leads shop.http0 shop.m-1")
}

func TestProxy_probes_what_the_app_does(t *testing.T) {
	t.Parallel()
	const probe = " probe m-1 80 /up shop.test 5"
	for name, tt := range map[string]struct {
		habit Habit
		want  string // per probe: the answer's first digit, or - for none
		state string
	}{
		"healthy":         {Habit{}, "2222", "running"},
		"late":            {Habit{Late: 2}, "--22", "running"},
		"never":           {Habit{Answer: -1}, "----", "running"},
		"unwell":          {Habit{Answer: 503}, "5555", "running"},
		"well for a time": {Habit{Good: 2}, "2255", "running"},
		"ends":            {Habit{Crash: 3, After: 2}, "22--", "exited"},
		"ends at once":    {Habit{Crash: 3}, "----", "exited"},
	} {
		o := withProxy(t, tt.habit)
		var got string
		for range len(tt.want) {
			said, status := o.try(inside + probe)
			switch {
			case status == 0:
				got += "2"
			case strings.Contains(said, "HTTP/1.1"):
				got += said[9:10]
			default:
				got += "-"
			}
		}
		if state := o.do("inspect --format", "{{.State.Status}}", "app"); got != tt.want || state != tt.state {
			t.Errorf("%s: %s, %s; want %s, %s", name, got, state, tt.want, tt.state)
		}
	}
	o := withProxy(t, Habit{Good: 4})
	o.do(inside + " steady 3 m-1 80 /up shop.test 5")
	o.refuses(1, "HTTP/1.1 500", inside+" steady 3 m-1 80 /up shop.test 5")
	o.refuses(1, "no answer", inside+" probe m-9 80 /up shop.test 5")
}

func TestProxy_tells_its_connections(t *testing.T) {
	t.Parallel()
	o := withProxy(t, Habit{})
	o.Busy("app", 1)
	if said := o.do("exec mrsk-proxy cat /proc/net/tcp /proc/net/tcp6"); !strings.Contains(said, "14AC:0050 01 ") {
		t.Errorf("%q", said)
	}
	o.says("", "exec mrsk-proxy cat /proc/net/tcp /proc/net/tcp6")
}

func TestProxy_files(t *testing.T) {
	t.Parallel()
	o := withProxy(t, Habit{})
	o.stdin = "{\n\"certificate\": \"abc\",\n\"keyFile\": \"secret\"\n}"
	o.do(inside + " store routes/shop.yaml")
	o.do(inside + " store acme.json")
	o.says("\"abc\",", inside+" issued acme.json")
	if said := o.do(inside + " acme acme.json"); !strings.Contains(said, "secret") {
		t.Error(said)
	}
	if said := o.do(inside + " report"); strings.Contains(said, "secret") {
		t.Error("a report has keys in it")
	}
	o.do(inside + " store certs/shop.web.0.crt")
	o.do(inside + " store certs/shop.web.1.crt")
	o.do(inside + " sweep certs/shop.web.?.crt certs/shop.web.1.crt")
	o.refuses(1, "", inside+" confirm x y")

	// What is carried gives way to what is there, and goes back.
	o.do(inside + " carry acme.json")
	o.do(inside + " store other.json")
	o.stdin = "new"
	o.do(inside + " store plain.json")
	o.stdin = "newer"
	o.do(inside + " carry plain.json")
	o.says("newer", inside+" acme plain.json")
	o.do(inside + " uncarry plain.json nothing.json")
	o.says("new", inside+" acme plain.json")
}

func TestPrograms_end_as_they_are_told(t *testing.T) {
	t.Parallel()
	o := withProxy(t, Habit{Programs: map[string]Outcome{"bin/migrate now": {3, "no database"}}})
	o.refuses(3, "no database", "run --rm --name once registry.test/shop:v1 bin/migrate now")
	o.refuses(3, "no database", "exec app bin/migrate now")
	o.says("ran ls -l", "exec app ls -l")
	if state := o.State(); strings.Contains(state, "once") {
		t.Error(state)
	}
}

func TestAssets_are_merged(t *testing.T) {
	t.Parallel()
	o := newOn(t)
	o.registry.Push("r.test/shop:v1", nil, map[string]string{"app-1.js": "1"})
	o.registry.Push("r.test/shop:v2", nil, map[string]string{"app-2.js": "2"})
	for _, v := range []string{"new", "old", "all", "before"} {
		o.do("volume create " + v)
	}
	const merge = "run --rm --volume new:/new --volume old:/old --volume all:/all --volume before:/before --entrypoint sh traefik -c program mrsk /assets"
	o.refuses(1, "no files", merge)
	o.do("create --name f --volume new:/assets r.test/shop:v2 -")
	o.do("create --name g --volume old:/assets r.test/shop:v1 -")
	o.do(merge)
	if all, before := len(o.volumes["all"].Files), o.volumes["before"].Files["app-2.js"]; all != 2 || before != "2" {
		t.Errorf("%d files, %q", all, before)
	}
}
