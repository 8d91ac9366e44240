package traefik

import (
	"errors"
	"strings"
	"testing"

	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

// routed is a host with these routes.
func routed(r Route, content string) facts.Host {
	return facts.Host{Name: "vm1", Proxy: facts.Proxy{Helper: "traefik:v3"}, Routes: []facts.Route{{File: r.File(), Content: content}}}
}

// content is what the step stores.
func content(t *testing.T, line string) string {
	t.Helper()
	_, rest, found := strings.Cut(line, "'")
	if !found {
		t.Fatalf("no content in %s", line)
	}
	return strings.ReplaceAll(strings.TrimSuffix(rest, "'"), `'\''`, "'")
}

// Whatever the route is, the way back leads to the very same file.
func TestMaintenance_and_back(t *testing.T) {
	t.Parallel()
	for name, proxy := range map[string]string{
		"no-host":      "{}",
		"ssl":          "{host: a.example.com, ssl: true}",
		"ssl-prefixes": "{host: a.example.com, ssl: true, path_prefixes: [/api, /v2]}",
		"ssl-custom":   "{host: a.example.com, ssl: {certificate_pem: CERT, private_key_pem: KEY}}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := shop(t, proxy)
			steps, err := r.Maintenance(r.Proxy, `back "at" <noon>, it's {{ .Fine }}`, routed(r, r.Content()))
			if err != nil || len(steps) != 1 {
				t.Fatalf("steps %v, %v", steps, err)
			}
			closed := content(t, steps[0].Run.Wire().Reveal())
			golden.Equal(t, "testdata/maintenance/"+name+".golden", closed+"\n")
			h := routed(r, closed)
			if !InMaintenance(closed) || InMaintenance(r.Content()) || r.Serving(h) != r.Alias || len(Troubles(h)) != 0 {
				t.Errorf("the route is not seen as it is: serves %q, troubles %v", r.Serving(h), Troubles(h))
			}
			if steps, err := r.Maintenance(r.Proxy, `back "at" <noon>, it's {{ .Fine }}`, h); len(steps) != 0 || err != nil {
				t.Errorf("once more: %v, %v", steps, err)
			}
			if steps, err := r.Maintenance(r.Proxy, "another message", h); len(steps) != 1 || err != nil || strings.Contains(steps[0].Run.Wire().Reveal(), "noon") {
				t.Errorf("another message: %v, %v", steps, err)
			}
			live, err := r.Live(h)
			if err != nil || len(live) != 1 || content(t, live[0].Run.Wire().Reveal()) != r.Content() {
				t.Fatalf("the way back: %v, %v", live, err)
			}
			if !strings.HasPrefix(live[0].Run.Wire().Reveal(), "set_route shop.web.yml shop.web.http0 shop.web.m-0123456789ab ") {
				t.Errorf("it confirms %.90s", live[0].Run.Wire().Reveal())
			}
			if steps, err := r.Live(routed(r, r.Content())); len(steps) != 0 || err != nil {
				t.Errorf("it is live already: %v, %v", steps, err)
			}
		})
	}
}

func TestMaintenance_leaves_the_health_check_alone(t *testing.T) {
	t.Parallel()
	for proxy, want := range map[string]string{
		"{}": `"/up"`,
		"{healthcheck: {path: /health}, path_prefix: /api}":                             `"/api/health"`,
		"{healthcheck: {path: '/up?full=1'}}":                                           `"/up"`,
		"{healthcheck: {path: /health%20check}, path_prefix: /api}":                     `"/api/health check"`,
		"{path_prefixes: [/, /v2]}":                                                     `"/up",` + "\n" + `       "/v2/up"`,
		"{healthcheck: {path: /a/up}, path_prefix: /a, strip_path_prefix: false}":       `"/a/up"`,
		"{healthcheck: {path: /up}, path_prefixes: [/a, /b], strip_path_prefix: false}": `"/up"`,
	} {
		r := shop(t, proxy)
		steps, err := r.Maintenance(r.Proxy, "", routed(r, r.Content()))
		if err != nil || !strings.Contains(content(t, steps[0].Run.Wire().Reveal()), `"health": [`+"\n       "+want+"\n      ]") {
			t.Errorf("%s: %v, %v", proxy, steps, err)
		}
	}
}

func TestMaintenance_of_no_route_of_ours(t *testing.T) {
	t.Parallel()
	r := shop(t, "{}")
	_, err := r.Maintenance(r.Proxy, "", facts.Host{Name: "vm1"})
	var none *NoRouteError
	if !errors.As(err, &none) || err.Error() != "vm1: the proxy has no route for role web" || !strings.Contains(none.Hint(), "mrsk deploy") {
		t.Errorf("without a route: %v", err)
	}
	if _, err := r.Live(routed(r, "http: {}")); err == nil || !strings.Contains(err.Error(), "vm1: read the route file shop.web.yml") {
		t.Errorf("with a route of other hands: %v", err)
	}
}

// A failed deploy of an app in maintenance leaves it in maintenance.
func TestSwitch_is_taken_back_to_the_maintenance(t *testing.T) {
	t.Parallel()
	r := shop(t, "{}")
	steps, err := r.Maintenance(r.Proxy, "", routed(r, r.Content()))
	if err != nil {
		t.Fatal(err)
	}
	closed := content(t, steps[0].Run.Wire().Reveal())
	next := r
	next.Alias = "m-ffffffffffff"
	s := next.Switch("shop-web-v1", routed(r, closed), 0)
	if InMaintenance(content(t, s.Run.Wire().Reveal())) {
		t.Error("the new version is in maintenance")
	}
	if !strings.HasPrefix(s.Undo.Wire().Reveal(), "restore_route shop.web.yml shop.web.http0 noop@internal traefik:v3 '"+closed[:40]) {
		t.Errorf("the undo is %s", s.Undo.Wire().Reveal())
	}
}
