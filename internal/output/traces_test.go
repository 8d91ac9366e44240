package output

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

func env(pairs ...string) func(string) string {
	all := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		all[strings.NewReplacer("T_", "OTEL_EXPORTER_OTLP_TRACES_", "E_", "OTEL_EXPORTER_OTLP_").Replace(pairs[i])] = pairs[i+1]
	}
	return func(name string) string { return all[name] }
}

func TestTracesCollector_reads_the_standard_variables(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  func(string) string
		want string // the address, "" for none, or the error
	}{
		{"none", env(), ""},
		{"for all signals", env("E_ENDPOINT", "http://c:4318"), "http://c:4318/v1/traces"},
		{"with a path and a query", env("E_ENDPOINT", "https://c/otlp/?x=1"), "https://c/otlp/v1/traces"},
		{"for traces", env("E_ENDPOINT", "http://c:4318", "T_ENDPOINT", " http://d:1/in "), "http://d:1/in"},
		{"with a password", env("E_ENDPOINT", "http://u:s3cret@c"), "http://c/v1/traces"},
		{"disabled", env("E_ENDPOINT", "http://c", "OTEL_SDK_DISABLED", "TRUE"), ""},
		{"not disabled", env("E_ENDPOINT", "http://c", "OTEL_SDK_DISABLED", "1"), "http://c/v1/traces"},
		{"no exporter", env("E_ENDPOINT", "http://c", "OTEL_TRACES_EXPORTER", "none"), ""},
		{"another exporter", env("E_ENDPOINT", "http://c", "OTEL_TRACES_EXPORTER", "console"), ""},
		{"two exporters", env("E_ENDPOINT", "http://c", "OTEL_TRACES_EXPORTER", "console, otlp"), "http://c/v1/traces"},
		{"no scheme", env("E_ENDPOINT", "c:s3cret"), "OTEL_EXPORTER_OTLP_ENDPOINT is not an address such as http://localhost:4318"},
		{"no URL", env("T_ENDPOINT", "http://%zz-s3cret"), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not an address such as http://localhost:4318"},
		{"grpc", env("E_ENDPOINT", "http://c:4317", "E_PROTOCOL", "grpc"), "the protocol grpc is not supported"},
		{"grpc for other signals", env("E_ENDPOINT", "http://c", "E_PROTOCOL", "grpc", "T_PROTOCOL", "http/protobuf"), "http://c/v1/traces"},
		{"no pair", env("E_ENDPOINT", "http://c", "E_HEADERS", "key=1,s3cret"), "OTEL_EXPORTER_OTLP_HEADERS: entry 2 is not NAME=VALUE"},
		{"no name", env("E_ENDPOINT", "http://c", "T_HEADERS", "k y=s3cret"), "OTEL_EXPORTER_OTLP_TRACES_HEADERS: entry 1 is not a header"},
		{"a line feed", env("E_ENDPOINT", "http://c", "E_HEADERS", "key=s3cret%0Aother: x"), "OTEL_EXPORTER_OTLP_HEADERS: entry 1 is not a header"},
	} {
		c, _, err := TracesCollector(tt.env)
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case c != nil:
			got = c.String()
		}
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" || strings.Contains(got, "s3cret") {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTracesCollector_knows_its_secrets(t *testing.T) {
	t.Parallel()
	_, secrets, err := TracesCollector(env("E_ENDPOINT", "http://u:pass-word@c", "E_HEADERS", "authorization=Bearer%20tok-en,x-key=ke-y"))
	if err != nil {
		t.Fatal(err)
	}
	shown := redact.Of(secrets...).Hide("Bearer tok-en; tok-en; ke-y; pass-word")
	if want := "[REDACTED]; [REDACTED]; [REDACTED]; [REDACTED]"; shown != want {
		t.Errorf("got %q", shown)
	}
	_, secrets, err = TracesCollector(env("E_ENDPOINT", "http://c", "E_HEADERS", "x-key=ke-y,forgotten-name"))
	if shown = redact.Of(secrets...).Hide("ke-y; forgotten-name"); err == nil || shown != "[REDACTED]; [REDACTED]" {
		t.Errorf("got %q, %v", shown, err)
	}
}

// A name of a tenant is no secret: it may be that of the app, in every line that mrsk shows.
func TestTracesCollector_hides_no_names(t *testing.T) {
	t.Parallel()
	c, secrets, err := TracesCollector(env("E_ENDPOINT", "http://us-er@c/v1?api_key=que-ry&dataset=shop", "E_HEADERS", "x-dataset=shop,x-scope-orgid=production,x-other=0123456789abcdefghij"))
	if err != nil {
		t.Fatal(err)
	}
	if shown := redact.Of(secrets...).Hide("shop production us-er que-ry 0123456789abcdefghij"); shown != "shop production [REDACTED] [REDACTED] [REDACTED]" {
		t.Errorf("got %q", shown)
	}
	if got := c.String(); got != "http://c/v1" && got != "http://c/v1/v1/traces" {
		t.Errorf("the address is %q", got)
	}
}

// receiver keeps the last request.
type receiver struct {
	header http.Header
	path   string
	bodies []string
	answer func(w http.ResponseWriter, r *http.Request)
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		in, _ = gzip.NewReader(r.Body)
	}
	text, _ := io.ReadAll(in)
	c.header, c.path = r.Header, r.URL.Path
	c.bodies = append(c.bodies, string(text))
	if c.answer != nil {
		c.answer(w, r)
	}
}

func collectorFor(t *testing.T, handler http.Handler, pairs ...string) *Collector {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, _, err := TracesCollector(env(append(pairs, "E_ENDPOINT", server.URL)...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSend_sends_all_bodies_with_the_headers(t *testing.T) {
	t.Parallel()
	for _, compression := range []string{"", "gzip", "none"} {
		in := &receiver{}
		c := collectorFor(t, in, "E_COMPRESSION", compression, "E_HEADERS", "x-key=ke-y,authorization=Bearer%20tok-en")
		if err := c.Send(t.Context(), [][]byte{[]byte("{1}"), []byte("{2}")}); err != nil {
			t.Fatal(err)
		}
		h := in.header
		if strings.Join(in.bodies, "") != "{1}{2}" || in.path != "/v1/traces" || h.Get("X-Key") != "ke-y" || h.Get("Authorization") != "Bearer tok-en" || h.Get("Content-Type") != "application/json" {
			t.Errorf("%+v", in)
		}
	}
}

// The headers of a collector go to it alone.
func TestSend_follows_no_redirect(t *testing.T) {
	t.Parallel()
	other := &receiver{}
	elsewhere := httptest.NewServer(other)
	t.Cleanup(elsewhere.Close)
	c := collectorFor(t, http.RedirectHandler(elsewhere.URL, http.StatusPermanentRedirect), "E_HEADERS", "x-key=ke-y")
	if err := c.Send(t.Context(), [][]byte{[]byte("{}")}); err == nil || err.Error() != "308 Permanent Redirect" || other.bodies != nil {
		t.Errorf("%v, %v", err, other.bodies)
	}
}

func TestSend_says_what_a_collector_did_not_take(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		``: "", `{}`: "", `no JSON`: "", `{"partialSuccess":{}}`: "",
		`{"partialSuccess":{"errorMessage":"only a warning"}}`:              "",
		`{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}`: `it rejects 3 spans: "too old"`,
		`{"partialSuccess":{"rejectedSpans":2}}`:                            `it rejects 2 spans: ""`,
	} {
		c := collectorFor(t, &receiver{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }})
		err := c.Send(t.Context(), [][]byte{[]byte("{}")})
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: %v", answer, err)
		}
	}
	c := collectorFor(t, http.NotFoundHandler())
	if err := c.Send(t.Context(), [][]byte{[]byte("{}")}); err == nil || err.Error() != "404 Not Found" {
		t.Error(err)
	}
}

// A collector that hangs does not delay the command for long, and the error has no address.
func TestSend_ends_in_time(t *testing.T) {
	t.Parallel()
	free := make(chan struct{})
	c := collectorFor(t, &receiver{answer: func(http.ResponseWriter, *http.Request) { <-free }}, "E_TIMEOUT", "50")
	t.Cleanup(func() { close(free) }) // before the server is closed, which waits for its requests
	if err := c.Send(t.Context(), [][]byte{[]byte("{}"), []byte("{}")}); err == nil || err.Error() != "it did not take everything within 50ms" {
		t.Error(err)
	}
	for millis, want := range map[string]bool{"": true, "x": true, "-1": true, "60000": true, "1000": false} {
		if got := limitOf(millis) == endTime; got != want {
			t.Errorf("%q milliseconds are %v", millis, limitOf(millis))
		}
	}
	gone, _, err := TracesCollector(env("E_ENDPOINT", "http://u:s3cret@127.0.0.1:1"))
	if err = errors.Join(err, gone.Send(t.Context(), [][]byte{[]byte("{}")})); err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
}
