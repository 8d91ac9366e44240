package traefik

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/redact"
)

// certified is a certificate for names that ends at a time.
func certified(t *testing.T, expires time.Time, names ...string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, NotAfter: expires}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// storage is what the proxy keeps of certificates, as Traefik writes it.
func storage(t *testing.T, certificates ...string) string {
	t.Helper()
	type entry struct {
		Domain      map[string]string `json:"domain"`
		Certificate []byte            `json:"certificate"`
		Key         []byte            `json:"key"`
		Store       string
	}
	var all []entry
	for i, c := range certificates {
		all = append(all, entry{map[string]string{"main": "x"}, []byte(c), fmt.Appendf(nil, "key %d", i), "default"})
	}
	text, err := json.MarshalIndent(map[string]any{
		"mrsk":  map[string]any{"Account": map[string]any{"Email": "", "PrivateKey": []byte("account")}, "Certificates": all},
		"other": map[string]any{"Account": nil, "Certificates": nil},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var someday = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func TestReadIssued_reads_what_the_proxy_keeps_with_keys_and_without(t *testing.T) {
	t.Parallel()
	c := newInner(t, nil)
	first, second := certified(t, someday, "a.example.com", "b.example.com"), certified(t, someday, "*.example.com")
	c.put("acme.json", storage(t, first, second))
	for show, keys := range map[string][]string{"acme": {"key 0", "key 1"}, "issued": {"", ""}} {
		out, ok := c.inside("", show, "acme.json")
		if !ok {
			t.Fatal(out)
		}
		all, err := ReadIssued([]byte(out))
		if err != nil || len(all) != 2 {
			t.Fatalf("%s: %d certificates, %v", show, len(all), err)
		}
		if got := all[0]; got.PEM != first || !got.Expires.Equal(someday) || !slices.Equal(got.Names, []string{"a.example.com", "b.example.com"}) {
			t.Errorf("%s: got %+v", show, got)
		}
		if all[0].Key.Reveal() != keys[0] || all[1].Key.Reveal() != keys[1] {
			t.Errorf("%s: the keys are %q and %q", show, all[0].Key.Reveal(), all[1].Key.Reveal())
		}
		if show == "issued" && (strings.Contains(out, "a2V5") || strings.Contains(out, "YWNj")) {
			t.Errorf("keys come along: %s", out)
		}
		if out, ok := c.inside("", show, "none.json"); !ok || out != "" {
			t.Errorf("%s of nothing: %t %q", show, ok, out)
		}
	}
}

func TestReadIssued_refuses_what_is_none(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"half a file":       `{"mrsk": {"Cert`,
		"no base64":         "&&&\n",
		"no PEM":            "YQ==\n",
		"no PEM in a file":  `{"mrsk": {"Certificates": [{"certificate": "YQ=="}]}}`,
		"PEM of other text": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCllRPT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=\n",
	} {
		if all, err := ReadIssued([]byte(text)); err == nil {
			t.Errorf("%s: became %v", name, all)
		}
	}
	for _, nothing := range []string{"", "{}", `{"mrsk": {"Account": null}}`} {
		if all, err := ReadIssued([]byte(nothing)); err != nil || all != nil {
			t.Errorf("%q: became %v, %v", nothing, all, err)
		}
	}
}

func TestCovering_picks_the_certificate_that_lasts_longest(t *testing.T) {
	t.Parallel()
	var all []Certificate
	for _, k := range []string{
		certified(t, someday, "a.example.com"),
		certified(t, someday.AddDate(0, 1, 0), "a.example.com", "b.example.com"),
		certified(t, someday, "*.wild.example.com"),
	} {
		c, err := parse(k, redact.String{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	for _, tt := range []struct {
		hosts   []string
		picked  []int
		missing []string
	}{
		{[]string{"a.example.com"}, []int{1}, nil},
		{[]string{"b.example.com", "a.example.com"}, []int{1}, nil},
		{[]string{"*.wild.example.com", "x.wild.example.com", "a.example.com"}, []int{2, 1}, nil},
		{[]string{"c.example.com", "a.example.com", "wild.example.com"}, []int{1}, []string{"c.example.com", "wild.example.com"}},
		{[]string{"*.example.com"}, nil, []string{"*.example.com"}},
	} {
		picked, missing := Covering(all, tt.hosts)
		ok := len(picked) == len(tt.picked)
		for i := range picked {
			ok = ok && picked[i].same(all[tt.picked[i]])
		}
		if !ok || !slices.Equal(missing, tt.missing) {
			t.Errorf("%v: picked %d, missing %v", tt.hosts, len(picked), missing)
		}
	}
}

// sharing is a route on a host that receives its certificate.
func sharing(t *testing.T, acme string) Route {
	t.Helper()
	r := shop(t, "{hosts: [a.example.com, b.example.com], ssl: true, path_prefix: /api, run: {http_port: 8080, acme: "+acme+"}}")
	r.Issuer, r.IssuerPort = "vm1", r.Proxy.Run.HTTPPort
	return r
}

func TestRoute_of_a_host_that_receives_its_certificate(t *testing.T) {
	t.Parallel()
	r := sharing(t, "{}")
	golden.Equal(t, "testdata/shared/route.golden", r.Content()+"\n")
	golden.Equal(t, "testdata/shared/challenge.golden", r.passContent()+"\n")
}

func TestPass_is_a_step_only_where_it_changes_something(t *testing.T) {
	t.Parallel()
	r := sharing(t, "{}")
	passes := facts.Host{Shared: []facts.Route{{File: "shop.web.challenge.yaml", Content: r.passContent()}}}
	elsewhere := facts.Host{Shared: []facts.Route{{File: "shop.web.challenge.yaml", Content: strings.Replace(r.passContent(), "vm1", "vm0", 1)}}}
	if steps := r.Pass(passes); steps != nil {
		t.Errorf("it passes already: %v", steps)
	}
	for name, h := range map[string]facts.Host{"nothing": {}, "another issuer": elsewhere} {
		if steps := r.Pass(h); len(steps) != 1 || !strings.Contains(steps[0].Run.Wire().Reveal(), "http://vm1:8080") {
			t.Errorf("%s: %v", name, steps)
		}
	}
	if steps := sharing(t, "{dns: route53}").Pass(facts.Host{}); steps != nil {
		t.Errorf("nobody asks over HTTP: %v", steps)
	}
	r.Issuer = ""
	if steps := r.Pass(facts.Host{}); steps != nil {
		t.Errorf("the issuer passes: %v", steps)
	}
	r.Issuer = "fd00::1"
	if !strings.Contains(r.passContent(), `"http://[fd00::1]:8080"`) {
		t.Errorf("got %s", r.passContent())
	}
}

func TestUnshare_removes_what_is_no_longer_wanted(t *testing.T) {
	t.Parallel()
	h := facts.Host{Shared: []facts.Route{{File: "shop.web.challenge.yaml"}, {File: "shop.web.received.yaml"}, {File: "store.web.received.yaml"}}}
	r, dns, issuer := sharing(t, "{}"), sharing(t, "{dns: route53}"), sharing(t, "{}")
	issuer.Issuer = ""
	for name, tt := range map[string]struct {
		route Route
		want  string
	}{
		"it receives":  {r, ""},
		"by DNS":       {dns, "drop_files '' routes/shop.web.challenge.yaml"},
		"it is issuer": {issuer, "drop_files '' routes/shop.web.challenge.yaml routes/shop.web.received.yaml"},
	} {
		got := ""
		for _, s := range tt.route.Unshare(h) {
			got += s.Run.Wire().Reveal()
		}
		if got != tt.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if steps := issuer.Unshare(facts.Host{}); steps != nil {
		t.Errorf("there is nothing: %v", steps)
	}
}

// What is received is stored as one file, seen again without its key, and not brought twice.
func TestReceive(t *testing.T) {
	t.Parallel()
	app := shop(t, "{}")
	first, second := certified(t, someday, "a.example.com"), certified(t, someday, "b.example.com")
	all, err := ReadIssued([]byte(storage(t, first, second)))
	if err != nil {
		t.Fatal(err)
	}
	steps := app.Receive("vm1", all, facts.Host{})
	if len(steps) != 1 || strings.Contains(steps[0].Run.String(), "key 0") || !strings.Contains(steps[0].Run.Wire().Reveal(), "key 0") {
		t.Fatalf("got %v", steps)
	}
	c := newInner(t, nil)
	text := strings.Replace(steps[0].Run.Wire().Reveal(), "into_proxy", "inside", 1)
	if out, ok := c.sh("", "inside() { sh -c \"$1\" mrsk store routes/shop.web.received.yaml; }\n"+strings.Replace(text, "store routes/", `"$1" routes/`, 1), strings.ReplaceAll(insideSh, "/mrsk/", c.dir+"/")); !ok {
		t.Fatal(out)
	}
	out, ok := c.inside("", "routes")
	if !ok || strings.Contains(out, "key 0") {
		t.Fatalf("the look says %s", out)
	}
	var h facts.Host
	_ = Read(func(string) []byte { return []byte("\x1e" + strings.TrimPrefix(out, "\x1e")) }, &h)
	if len(h.Shared) != 1 || len(h.Routes) != 0 || len(Troubles(h)) != 0 {
		t.Fatalf("seen %+v", h)
	}
	if got := app.Received(h); len(got) != 2 || !got[0].same(all[0]) || !got[1].same(all[1]) {
		t.Errorf("received %d", len(got))
	}
	if steps := app.Receive("vm1", all, h); steps != nil {
		t.Errorf("it is brought again: %v", steps)
	}
	if steps := app.Receive("vm1", all[:1], h); len(steps) != 1 {
		t.Error("another certificate is not brought")
	}
}

func TestStorage_is_one_for_each_server(t *testing.T) {
	t.Parallel()
	usual, one, two := Storage(config.ACME{}), Storage(config.ACME{Server: "https://a"}), Storage(config.ACME{Server: "https://b"})
	if usual != "acme.json" || one == two || one == usual {
		t.Errorf("got %s, %s, %s", usual, one, two)
	}
}

// A secret of the proxy is in neither its label nor what is shown, and a change of it is noticed.
func TestHash_knows_the_secrets_and_does_not_tell_them(t *testing.T) {
	t.Parallel()
	run := func(token, ca string) Settings {
		return settings(config.ProxyRun{Image: "traefik:v3.7", ACME: config.ACME{
			Env: config.Env{Secret: []config.Secret{{Name: "TOKEN", Key: "T"}}},
			CA:  config.SecretRef{Key: "CA"},
		}}, config.NewSecrets(map[string]redact.String{"T": redact.New(token), "CA": redact.New(ca)}))
	}
	seen := map[string]bool{}
	for _, r := range []Settings{run("token-1", "x"), run("token-2", "x"), run("token-1", "y"), {ProxyRun: config.ProxyRun{Image: "traefik:v3.7"}}} {
		seen[r.hash()] = true
	}
	if again := run("token-1", "x").hash(); len(seen) != 4 || !seen[again] {
		t.Errorf("hashes %v", seen)
	}
	if line := run("token-1", "x").run(); strings.Contains(line.String(), "token-1") || !strings.Contains(line.Wire().Reveal(), "token-1") {
		t.Errorf("shown %s", line)
	}
}

// A host that obtains certificates for others must not break their route files.
func TestReadIssued_keeps_certificates_alone(t *testing.T) {
	t.Parallel()
	first := certified(t, time.Unix(2e9, 0), "a.example.com")
	all, err := ReadIssued([]byte(storage(t, "║ text\n"+first+"║\n"+first+"-----BEGIN OTHER-----\nYQ==\n-----END OTHER-----\n{{ env }}")))
	if err != nil || len(all) != 1 || all[0].PEM != first+first {
		t.Fatalf("%v, %+v", err, all)
	}
	broken := strings.Replace(storage(t, first), base64.StdEncoding.EncodeToString([]byte("key 0")), base64.StdEncoding.EncodeToString([]byte("║")), 1)
	if _, err := ReadIssued([]byte(broken)); err == nil || !strings.Contains(err.Error(), "not in PEM form") {
		t.Error(err)
	}
}
