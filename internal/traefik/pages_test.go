package traefik

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

func TestPage_is_brought_once_and_swept_after(t *testing.T) {
	t.Parallel()
	bare := shop(t, "{}")
	first, second := bare, bare
	first.ErrorPages, second.ErrorPages = page503("one {{ .Message }}"), page503("two")
	names := func(r Route, before string) (brought, swept string) {
		h := routed(r, before)
		for _, s := range r.Files(h) {
			brought += s.Run.Wire().Reveal()
		}
		for _, s := range r.Sweep(h) {
			swept += s.Run.Wire().Reveal()
		}
		return brought, swept
	}
	const one, two = "pages/shop.web.369c28620ae5.html", "pages/shop.web.3fc4ccfe7458.html"
	for name, tt := range map[string]struct {
		route          Route
		before         string
		brought, swept string
	}{
		"none":          {bare, bare.Content(), "", ""},
		"the first":     {first, bare.Content(), "printf %s 'one {{ .Message }}' | into_proxy store " + one, ""},
		"the same":      {first, first.Content(), "", ""},
		"another":       {second, first.Content(), "printf %s two | into_proxy store " + two, "in_proxy sweep 'pages/shop.web.????????????.html' " + two},
		"no longer any": {bare, first.Content(), "", "in_proxy sweep 'pages/shop.web.????????????.html'"},
		"over a page of other hands": {
			second, `{"http":{"routers":{},"services":{},"middlewares":{"x":{"plugin":{"mrsk-page":{"file":"x"}}}}}}`,
			"printf %s two | into_proxy store " + two, "in_proxy sweep 'pages/shop.web.????????????.html' " + two,
		},
		"over a broken file": {second, "broken", "printf %s two | into_proxy store " + two, ""},
	} {
		brought, swept := names(tt.route, tt.before)
		if brought != tt.brought || swept != tt.swept {
			t.Errorf("%s: brought by %q, swept by %q", name, brought, swept)
		}
	}
}

// Browsers alone are shown the pages of failures, and in maintenance its page, as all are.
func TestContent_with_pages_of_failures(t *testing.T) {
	t.Parallel()
	for name, proxy := range map[string]string{
		"pages":          "{hosts: [a.example.com, b.example.com], path_prefixes: [/, /api]}",
		"pages-ssl":      "{host: a.example.com, ssl: true}",
		"pages-buffered": "{buffering: {max_request_body: 3000}}",
	} {
		r := shop(t, proxy)
		r.ErrorPages.Pages = map[int]string{413: "much", 502: "down", 503: "closed", 504: "slow"}
		golden.Equal(t, "testdata/routes/"+name+".golden", r.Content()+"\n")
		h := routed(r, r.Content())
		if InMaintenance(r.Content()) || r.Serving(h) != r.Alias || len(r.Pages(h)) != 0 {
			t.Errorf("%s: the route is not seen as it is: serves %q", name, r.Serving(h))
		}
		steps, err := r.Maintenance(r.Proxy, "", h)
		if err != nil {
			t.Fatal(err)
		}
		closed := content(t, steps[0].Run.Wire().Reveal())
		golden.Equal(t, "testdata/maintenance/"+name+".golden", closed+"\n")
		live, err := r.Live(routed(r, closed))
		if err != nil || !InMaintenance(closed) || content(t, live[0].Run.Wire().Reveal()) != r.Content() {
			t.Errorf("%s: the way back: %v, %v", name, live, err)
		}
	}
}

func page503(text string) config.ErrorPages {
	return config.ErrorPages{Path: "public", Pages: map[int]string{503: text}}
}

// The page of a maintenance is that of the version which serves, and stays named in the route.
func TestMaintenance_shows_the_page_of_the_route(t *testing.T) {
	t.Parallel()
	r := shop(t, "{}")
	r.ErrorPages = page503("page")
	steps, err := r.Maintenance(r.Proxy, "", routed(r, r.Content()))
	if err != nil {
		t.Fatal(err)
	}
	closed := content(t, steps[0].Run.Wire().Reveal())
	if !strings.Contains(closed, `"file": "/mrsk/`+r.page(503)+`"`) || !strings.Contains(closed, `"status": 503`) {
		t.Errorf("got %s", closed)
	}
	live, err := r.Live(routed(r, closed))
	if err != nil || content(t, live[0].Run.Wire().Reveal()) != r.Content() {
		t.Errorf("the way back: %v, %v", live, err)
	}
}

func TestForget_removes_what_the_role_brought(t *testing.T) {
	t.Parallel()
	r := shop(t, "{host: a.example.com, ssl: {certificate_pem: CERT, private_key_pem: KEY}}")
	r.ErrorPages.Path = "public"
	h := facts.Host{Proxy: facts.Proxy{ID: "p"}}
	want := "drop_files '' 'certs/shop.web.????????????.*' 'pages/shop.web.????????????.html'"
	if steps := r.Forget("", h); len(steps) != 1 || steps[0].Run.Wire().Reveal() != want {
		t.Errorf("got %v", steps)
	}
	if steps := r.Forget("", facts.Host{}); len(steps) != 0 {
		t.Errorf("without a proxy: %v", steps)
	}
}

func TestSweep_keeps_what_is_named(t *testing.T) {
	t.Parallel()
	c := newInner(t, nil)
	if err := os.Mkdir(filepath.Join(c.dir, "pages"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shop.web.0123456789ab.html", "shop.web.0000000000aa.html", "shop.web.ba9876543210.html", "shop.web.staging.0123456789ab.html"} {
		c.put("pages/"+name, "x")
	}
	sweep := func(keep ...string) string {
		if out, ok := c.inside("", append([]string{"sweep", "pages/shop.web.????????????.html"}, keep...)...); !ok {
			t.Errorf("said %s", out)
		}
		left, _ := filepath.Glob(filepath.Join(c.dir, "pages", "*"))
		return strings.ReplaceAll(strings.Join(left, " "), c.dir+"/pages/", "")
	}
	if left := sweep("pages/shop.web.0000000000aa.html", "pages/shop.web.ba9876543210.html"); left != "shop.web.0000000000aa.html shop.web.ba9876543210.html shop.web.staging.0123456789ab.html" {
		t.Errorf("left %s", left)
	}
	if left := sweep(); left != "shop.web.staging.0123456789ab.html" {
		t.Errorf("left %s", left)
	}
}
