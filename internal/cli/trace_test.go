package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"mrsk/internal/event"
	"mrsk/internal/otlp/otlptest"
)

// startCollector starts a collector of traces, keeps requests in the file .traces and their headers in .headers, and sets
// OTEL_EXPORTER_OTLP_ENDPOINT: collector.
func startCollector(ts *testscript.TestScript, _ bool, _ []string) {
	bodies, headers := ts.MkAbs(".traces"), ts.MkAbs(".headers")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = appendTo(bodies, string(body)+"\n")
		}
		if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
			http.Error(w, fmt.Sprint(r.URL, err), http.StatusBadRequest)
			return
		}
		_ = appendTo(headers, "Authorization: "+r.Header.Get("Authorization")+"\n")
	}))
	ts.Defer(server.Close)
	ts.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

// traceTree writes the trace that the collector has received into a file, as text, and forgets it: trace FILE [PARENT]. It
// fails if the requests are not as the protocol has them.
func traceTree(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(".traces"))
	ts.Check(err)
	var all []*tracepb.TracesData
	for line := range strings.Lines(string(text)) {
		data, err := otlptest.Decode([]byte(line))
		ts.Check(err)
		all = append(all, data)
	}
	spans, err := otlptest.Spans(all, strings.Join(args[1:], ""))
	ts.Check(err)
	resource := otlptest.Flat(all[0].GetResourceSpans()[0].GetResource().GetAttributes())
	out := fmt.Sprintf("%x %x\nresource%s\n%s", spans[0].GetTraceId(), spans[0].GetSpanId(), resource, otlptest.Tree(spans, "deployment.id"))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(out), 0o600))
	ts.Check(os.Remove(ts.MkAbs(".traces")))
}

// Without a collector no event is kept, and programs get the variables that mrsk has got.
func TestBeginTrace_traces_only_what_it_should(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"
	for _, tt := range []struct {
		command, endpoint, parent string
		want                      bool
	}{
		{"deploy", "", "", false},
		{"deploy", "http://127.0.0.1:1", "", true},
		{"rollback", "http://127.0.0.1:1", "", true},
		{"setup", "127.0.0.1:1", "", true}, // which warns that it is no address
		{"redeploy", "http://127.0.0.1:1", parent + "01", true},
		{"deploy", "http://127.0.0.1:1", parent + "00", false},
		{"prune", "http://127.0.0.1:1", "", false},
	} {
		env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": tt.endpoint, "TRACEPARENT": tt.parent}
		p := newProgram(t.Context(), System{Out: io.Discard, Err: io.Discard, Getenv: func(name string) string { return env[name] }})
		cmd, _, err := newRoot(p).Find([]string{tt.command})
		if err != nil {
			t.Fatal(err)
		}
		p.opener.beginTrace(cmd)
		p.opener.sink()(event.Stage{Name: "start"})
		if got := p.opener.trace != nil; got != tt.want || len(p.opener.trace.environ()) > 0 != tt.want || len(p.opener.watch.moments()) > 0 != tt.want {
			t.Errorf("%+v: traced is %v, %d events", tt, got, len(p.opener.watch.moments()))
		}
	}
}
