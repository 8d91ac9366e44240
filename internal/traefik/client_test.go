package traefik

import (
	"strings"
	"testing"

	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

// A proxy that an earlier version has started lacks the plugin: a route that named it would serve
// nobody. What a client says about itself is removed all the same.
func TestRoute_on_a_proxy_without_the_plugin(t *testing.T) {
	t.Parallel()
	older, newer := facts.Host{Proxy: facts.Proxy{State: "running"}}, facts.Host{Proxy: facts.Proxy{State: "running", Client: true}}
	for name, proxy := range map[string]string{
		"ssl":           "{host: a.example.com, ssl: true}",
		"not-forwarded": "{host: a.example.com, forward_headers: false}",
		"networks":      "{host: a.example.com, forward_headers: [192.0.2.0/24]}",
		"forwarded":     "{host: a.example.com}",
	} {
		r := shop(t, proxy)
		golden.Equal(t, "testdata/older/"+name+".golden", r.ContentOn(older)+"\n")
		if strings.Contains(r.ContentOn(older), "mrsk-client") || r.ContentOn(newer) != r.Content() || r.ContentOn(facts.Host{}) != r.Content() {
			t.Errorf("%s: the wrong proxy has the plugin", name)
		}
		if s := r.Switch("shop-web-v1", older, 0); !strings.Contains(s.Run.Wire().Reveal(), r.ContentOn(older)[:400]) || check(r.ContentOn(older)) != nil {
			t.Errorf("%s: it switches by %s", name, s.Run.Wire().Reveal())
		}
	}
}

// Traefik keeps itself from adding the address of the client where X-Forwarded-For is emptied under
// the name that it has for it.
func TestOwn_headers_leave_the_address_to_Traefik(t *testing.T) {
	t.Parallel()
	own := ownHeaders("https").Request
	if _, found := own["X-Forwarded-For"]; found {
		t.Error("the app would not get the client's address")
	}
	if _, found := own["x-forwarded-for"]; !found || own["X-Forwarded-Proto"] != "https" {
		t.Errorf("got %v", own)
	}
}
