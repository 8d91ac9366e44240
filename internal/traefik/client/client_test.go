package client

import (
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// received is what an app gets of a request of 192.0.2.7 for a.example.com.
func received(t *testing.T, c *Config, secure bool, sent http.Header) http.Header {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://a.example.com/", nil)
	r.RemoteAddr, r.Header = "192.0.2.7:4711", sent.Clone()
	if secure {
		r.TLS = &tls.ConnectionState{}
	}
	var got http.Header
	h, err := New(t.Context(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }), c, "")
	if err != nil {
		t.Fatal(err)
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	return got
}

// managed are the headers that Traefik itself manages, and others by which proxies describe a client.
var managed = []string{
	"X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Uri",
	"X-Forwarded-Method", "X-Forwarded-Prefix", "X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info", "X-Real-Ip",
	"Forwarded", "Forwarded-For", "X-Forwarded", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "X-Forwarded-By",
	"Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Scheme", "X-Url-Scheme", "Front-End-Https",
	"Client-Cert", "Client-Cert-Chain", "X-Client-Cert", "X-Ssl-Cert", "X-Ssl-Client-Verify", "X-Original-Forwarded-For", "X-Original-Forwarded-Host",
	"Remote-User", "X-Remote-User", "Proxy",
}

// spellings are those of a name that some app takes for the name itself, as net/http has them.
func spellings(name string) []string {
	out := []string{name}
	for _, to := range []string{"_", ".", "~", "'"} {
		out = append(out, http.CanonicalHeaderKey(strings.ReplaceAll(name, "-", to)), http.CanonicalHeaderKey(strings.Replace(name, "-", to, 1)))
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// seen is what the proxy sees by itself, but for X-Forwarded-For, which Traefik adds.
func seen(t *testing.T, secure bool) http.Header {
	t.Helper()
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{"X-Forwarded-Proto": {"http"}, "X-Forwarded-Host": {"a.example.com"}, "X-Forwarded-Port": {"80"}, "X-Forwarded-Server": {name}, "X-Real-Ip": {"192.0.2.7"}}
	if secure {
		h["X-Forwarded-Proto"], h["X-Forwarded-Port"] = []string{"https"}, []string{"443"}
	}
	return h
}

func withoutID(h http.Header) http.Header {
	h = h.Clone()
	h.Del("X-Request-Id")
	h.Del("X-Request-Start")
	return h
}

func TestClient_says_nothing_about_itself(t *testing.T) {
	t.Parallel()
	for _, c := range []*Config{CreateConfig(), {Forward: true, Trusted: []string{"198.51.100.0/24"}}} {
		for _, secure := range []bool{false, true} {
			for _, name := range managed {
				for _, spelled := range spellings(name) {
					got := withoutID(received(t, c, secure, http.Header{spelled: {"198.51.100.9", "evil"}}))
					if want := seen(t, secure); !maps.EqualFunc(got, want, slices.Equal) {
						t.Errorf("%s (TLS %t): got %v, want %v", spelled, secure, got, want)
					}
				}
			}
		}
	}
}

func TestClient_is_believed_where_it_is_asked_for(t *testing.T) {
	t.Parallel()
	for _, trusted := range [][]string{nil, {"198.51.100.0/24", "192.0.2.0/24"}} {
		for _, name := range managed {
			for _, spelled := range spellings(name) {
				got := withoutID(received(t, &Config{Forward: true, Trusted: trusted}, false, http.Header{spelled: {"one", "two"}}))
				if usual := spelled == name; usual != slices.Equal(got[spelled], []string{"one", "two"}) || !usual && len(got) > 0 {
					t.Errorf("%s: got %v", spelled, got)
				}
			}
		}
	}
}

func TestOther_headers_stay(t *testing.T) {
	t.Parallel()
	sent := http.Header{
		"Api_key": {"a"}, "X.y": {"b"}, "Cf-Connecting-Ip": {"c"}, "True-Client-Ip": {"d"}, "X-Forward": {"e"}, "Forwarder": {"f"}, "X-Real-Ipv6": {"g"},
		"X-Xforwarded-For": {"h"}, "Cookie": {"i", "j"}, "X-Request-Id": {"mine"}, "X-Request-Start": {"1"}, "Authorization": {"k"},
	}
	for _, c := range []*Config{CreateConfig(), {Forward: true}} {
		got := received(t, c, false, sent)
		for name, values := range sent {
			if !slices.Equal(got[name], values) {
				t.Errorf("%s became %v", name, got[name])
			}
		}
	}
}

func TestWebsocket_has_the_scheme_of_HTTP(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{"ws": "http", "wss": "https", "https": "https"} {
		if got := received(t, &Config{Forward: true}, false, http.Header{"X-Forwarded-Proto": {sent}}).Get("X-Forwarded-Proto"); got != want {
			t.Errorf("%s became %s", sent, got)
		}
	}
}

func TestRequests_are_identified(t *testing.T) {
	t.Parallel()
	before := time.Now().UnixMilli()
	one, two := received(t, CreateConfig(), false, http.Header{}), received(t, CreateConfig(), false, http.Header{})
	id := one.Get("X-Request-Id")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) || id == two.Get("X-Request-Id") {
		t.Errorf("ids %s and %s", id, two.Get("X-Request-Id"))
	}
	start, err := strconv.ParseInt(one.Get("X-Request-Start"), 10, 64)
	if err != nil || start < before || start > time.Now().UnixMilli() {
		t.Errorf("it began at %d, %v", start, err)
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	if _, err := New(t.Context(), nil, &Config{Trusted: []string{"192.0.2.0/33"}}, ""); err == nil {
		t.Error("a network that is none passes")
	}
	all, err := networks([]string{"192.0.2.0/24", "2001:db8::/32", "fe80::/10"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"192.0.2.7:1": true, "[::ffff:192.0.2.7]:1": true, "192.0.3.7:1": false, "[2001:db8::1]:1": true, "[fe80::1%eth0]:1": true, "[2001:db9::1]:1": false, "@": false, "": false,
	} {
		if got := contains(all, address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}
