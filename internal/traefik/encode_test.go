package traefik

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"mrsk/internal/facts"

	"go.yaml.in/yaml/v4"
)

// worst are texts that JSON, YAML, templates and Traefik's own lists do not agree about, or once
// did not: Windows quotes that were decoded as Latin-1 among them.
var worst = []string{
	"\u007f", "\u0080", "\u0085", "\u0092Back soon\u0094", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "\U0001f600", "\U0001fffe", "\U0010ffff",
	"\x00\x01\x1f", "\t\r\n", "\"\\/'`", "{{ env `HOME` }}", "{{{", "{{/* x", "}}", "{%", "---", "...", "- a", "? b", ": c", "# d", "&a", "*a", "!!binary x", "!<x> y", "<<", "~", "null", "yes", "0o7", "1e3",
	"║", "║24║a║b", "a║b", " a ", "\xff\xfe", "\xed\xa0\x80", "%YAML 1.1", "@x", strings.Repeat("long ", 500),
}

// Every character of Unicode, at the beginning of a text and inside one, is read by YAML as it was
// meant. Characters that YAML forbids never stand in a file.
func TestEncode_every_character(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		all.WriteRune(r)
		if r <= 0xffff {
			readsBack(t, string(r)+" first")
		}
		if all.Len() > 8000 || r == utf8.MaxRune {
			readsBack(t, all.String())
			all.Reset()
		}
	}
}

func readsBack(t *testing.T, text string) {
	t.Helper()
	encoded := encode(text)
	var got string
	if err := yaml.Unmarshal([]byte(encoded), &got); err != nil || got != text {
		t.Fatalf("%.60q became %.60q, %v", text, got, err)
	}
	if strings.ContainsFunc(encoded, func(r rune) bool { return r >= 0x7f && r <= 0xffff || r < ' ' }) {
		t.Fatalf("%.60q is written as %.60q", text, encoded)
	}
}

// filled is a route file with a text in every field that somebody can choose.
func filled(text string) file {
	return file{
		HTTP: httpSection{
			Routers: map[string]router{text: {
				EntryPoints: []string{"http"}, Rule: "PathPrefix(`" + text + "`)", Service: text, Middlewares: []string{text},
				TLS: &routerTLS{CertResolver: text, Domains: []domain{{Main: text}}},
			}},
			Middlewares: map[string]middleware{
				"headers": {Headers: &headers{Request: map[string]string{text: text}}},
				"strip":   {StripPrefix: &stripPrefix{Prefixes: []string{text}}},
				"page":    {Plugin: &plugin{Page: &page{Message: text, File: text}}},
				"errors":  {Errors: &failures{Status: []string{text}, Service: text, Query: text}},
			},
			Services: map[string]service{text: {LoadBalancer: loadBalancer{Servers: []upstream{{URL: text}}, ServersTransport: text}}},
		},
		TLS: &tlsSection{Certificates: []certificate{{CertFile: text, KeyFile: text}}},
	}
}

// A file is refused, or reads back as what was meant: there is no third.
func TestCheck_of_the_worst_texts(t *testing.T) {
	t.Parallel()
	for _, text := range worst {
		agrees(t, text)
	}
	for _, text := range []string{"║", "║24║a║b", "a║b", " a ", strings.Repeat("a", 1100)} {
		if check(filled(text).encode()) == nil {
			t.Errorf("%.20q passes", text)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, text := range worst {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { agrees(t, text) })
}

func agrees(t *testing.T, text string) {
	t.Helper()
	content := filled(text).encode()
	if check(content) != nil {
		return
	}
	var got struct {
		HTTP struct {
			Middlewares map[string]struct {
				StripPrefix struct{ Prefixes []string } `yaml:"stripPrefix"`
				Plugin      map[string]struct{ Message string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(content), &got); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	want := strings.ToValidUTF8(text, "\ufffd")
	if utf8.ValidString(text) && (got.HTTP.Middlewares["page"].Plugin["mrsk-page"].Message != want || got.HTTP.Middlewares["strip"].StripPrefix.Prefixes[0] != want) {
		t.Errorf("%q is read as %+v", text, got)
	}
}

// A host may have a file that would take a parser hours.
func TestCheck_refuses_more_entries_than_it_can_compare(t *testing.T) {
	t.Parallel()
	with := func(count int) string {
		var routers []string
		for i := range count {
			routers = append(routers, fmt.Sprintf(`"a%d":{}`, i))
		}
		return `{"http":{"services":{},"routers":{` + strings.Join(routers, ",") + `}}}`
	}
	if err := check(with(mostEntries)); err != nil {
		t.Error(err)
	}
	if err := check(with(300_000)); err == nil || err.Error() != "it has more than 5000 entries in one place" {
		t.Error(err)
	}
	if claims := claimsIn(facts.Route{File: "a.yml", Content: with(300_000)}); claims != nil {
		t.Errorf("%d claims", len(claims))
	}
}

// Files that Traefik refuses are seen, whoever wrote them; those that it reads are no trouble.
func TestTroubles_are_what_Traefik_cannot_read(t *testing.T) {
	t.Parallel()
	r := shop(t, "{path_prefix: /a}")
	for text, want := range map[string]string{
		"/ü😀":       "",
		"\u0092":    "YAML does not allow the character U+0092",
		"\uffff":    "YAML does not allow the character U+FFFF",
		"\u0085":    "YAML and JSON read it differently",
		"{{ env }}": "function",
		"{{ 1 }}":   "it contains an action of a Go template",
		"║":         "separator of a list",
	} {
		h := routed(r, strings.ReplaceAll(r.Content(), `"/a"`, `"`+text+`"`))
		got := fmt.Sprint(Troubles(h))
		if want == "" && got != "[]" || !strings.Contains(got, want) {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestMaintenance_refuses_a_message_that_Traefik_cannot_take(t *testing.T) {
	t.Parallel()
	r := shop(t, "{}")
	for _, text := range worst {
		steps, err := r.Maintenance(r.Proxy, text, routed(r, r.Content()))
		if refused := strings.HasPrefix(text, "║"); refused != (err != nil) {
			t.Errorf("%.20q: %v, %v", text, steps, err)
		}
	}
	_, err := r.Maintenance(r.Proxy, "║x", routed(r, r.Content()))
	want := `write the route file shop.web.yml: "║x": Traefik reads ║ (U+2551) as the separator of a list`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// The undo of a switch does not put a file back that stops the proxy.
func TestSwitch_goes_back_to_a_file_that_Traefik_reads(t *testing.T) {
	t.Parallel()
	r := shop(t, "{}")
	steps, err := r.Maintenance(r.Proxy, "\u00e9\u0092", routed(r, r.Content()))
	if err != nil {
		t.Fatal(err)
	}
	closed := content(t, steps[0].Run.Wire().Reveal())
	broken := strings.ReplaceAll(strings.ReplaceAll(closed, `\u0092`, "\u0092"), `\u00e9`, "\u00e9")
	next := r
	next.Alias = "m-ffffffffffff"
	for _, there := range []string{closed, broken} {
		if undo := next.Switch("shop-web-v1", routed(r, there), 0).Undo.Wire().Reveal(); !strings.Contains(undo, `\u00e9\u0092`) {
			t.Errorf("the undo is %s", undo)
		}
	}
	fine := strings.ReplaceAll(closed, `\u0092`, "")
	fine = strings.ReplaceAll(fine, `\u00e9`, "\u00e9")
	if undo := next.Remove("it goes", routed(r, fine))[0].Undo.Wire().Reveal(); !strings.Contains(undo, "\u00e9") {
		t.Errorf("a file that Traefik reads was changed: %s", undo)
	}
}
