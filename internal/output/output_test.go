package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/otlp"
	"mrsk/internal/redact"
)

// shop is a run whose clock stands still but for what the test adds.
type shop struct {
	Options
	at      time.Time
	shown   []string
	secrets redact.Secrets
}

func newShop() *shop {
	s := &shop{at: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	s.Options = Options{
		Run:  Run{Command: "deploy", Service: "shop", Destination: "prod", Version: "v1", Performer: "me@example.com", Tool: "1.2.3"},
		Now:  func() time.Time { return s.at },
		Hide: s.secrets.Hide,
		Text: func(e event.Event) []string {
			switch e := e.(type) {
			case event.Note:
				return strings.Split(e.Text, "\n")
			case event.Line:
				return []string{e.Step + " | " + e.Text}
			case event.Step:
				return []string{e.Name + ": " + string(e.State)}
			}
			return nil
		},
		Screen: func(e event.Event) { s.shown = append(s.shown, fmt.Sprintf("%T %+v", e, e)) },
	}
	return s
}

func (s *shop) goOn(d time.Duration) { s.at = s.at.Add(d) }

func TestFile_has_what_happened_before_and_after_the_beginning(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.Dir = filepath.Join(t.TempDir(), "log", "deploys")
	r := New(t.Context(), s.Options)
	r.Event(event.Note{Text: "early"})
	if _, err := os.Stat(s.Dir); err == nil {
		t.Error("there is a folder before anything is changed")
	}
	s.goOn(time.Second)
	r.Begin()
	r.Begin()
	r.Event(event.Step{Host: "vm1", Name: "start", State: event.Done})
	s.secrets.Add(redact.New("line one\r\nline two"))
	r.Event(event.Line{Host: "vm1", Step: "pull", Stream: "stderr", Text: "it says line two"})
	s.goOn(1500 * time.Millisecond)
	r.End(errors.New("vm1: no room\nleft"), "error: vm1: no room\n  | line one left\n")
	path := filepath.Join(s.Dir, "2026-01-31T12-00-01_prod_deploy.log")
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# 2026-01-31T12:00:00Z mrsk deploy of shop, destination prod, version v1, by me@example.com
12:00:00.000 early
12:00:01.000 vm1: start: done
12:00:01.000 vm1: pull | it says [REDACTED]
# 2026-01-31T12:00:02Z Failed in 1.5 s
# error: vm1: no room
#   | [REDACTED] left
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"event.Note {Host: Text:Log: " + path + "}"}, s.shown); diff != "" {
		t.Error(diff)
	}
}

func TestFile_that_cannot_be_made_or_filled_is_told(t *testing.T) {
	t.Parallel()
	s := newShop()
	s.Dir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(s.Dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := New(t.Context(), s.Options)
	r.Begin()
	r.Event(event.Note{Text: "goes on"})
	r.End(nil, "")
	if len(s.shown) != 1 || !strings.Contains(s.shown[0], "there is no log file") {
		t.Errorf("told: %q", s.shown)
	}

	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	f := &file{f: full}
	f.put(record{text: "a"})
	f.put(record{text: "b"})
	if w, ok := f.end().(event.Warning); !ok || !strings.Contains(w.Text, "no space left") {
		t.Errorf("told: %v", w)
	}
}

// collector is a server that keeps what it is sent.
type collector struct {
	mu       sync.Mutex
	requests []logsData
	answer   int
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var data logsData
	if err := json.Unmarshal(body, &data); err != nil || r.URL.Path != "/base/v1/logs" || r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "what is this?", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, data)
	w.WriteHeader(c.answer)
}

func (c *collector) records() []logRecord {
	var all []logRecord
	for _, r := range c.requests {
		all = append(all, r.ResourceLogs[0].ScopeLogs[0].LogRecords...)
	}
	return all
}

// flat are attributes as text.
func flat(all []otlp.Attribute) string {
	var b strings.Builder
	for _, a := range all {
		if a.Value.Double != nil {
			fmt.Fprintf(&b, "%s=%v ", a.Key, *a.Value.Double)
		} else {
			fmt.Fprintf(&b, "%s=%s ", a.Key, *a.Value.String)
		}
	}
	return strings.TrimSpace(b.String())
}

// A collector shows the log beside the trace.
func TestCollector_gets_the_IDs_of_the_trace(t *testing.T) {
	t.Parallel()
	c := &collector{answer: http.StatusOK}
	server := httptest.NewServer(c)
	defer server.Close()
	s := newShop()
	s.Endpoint, s.Run.TraceID, s.Run.SpanID = server.URL, "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	r := New(t.Context(), s.Options)
	r.Begin()
	r.Event(event.Note{Text: "x"})
	r.End(nil, "")
	for _, l := range c.records() {
		if l.TraceID != s.Run.TraceID || l.SpanID != s.Run.SpanID {
			t.Errorf("%+v", l)
		}
	}
}

func TestCollector_gets_events_and_lines_of_a_deploy(t *testing.T) {
	t.Parallel()
	c := &collector{answer: http.StatusOK}
	server := httptest.NewServer(c)
	defer server.Close()
	s := newShop()
	s.Endpoint = server.URL + "/base/"
	r := New(t.Context(), s.Options)
	r.Begin()
	r.Event(event.Line{Host: "vm1", Step: "pull", Stream: "stdout", Text: "layer"})
	r.Event(event.Step{Host: "vm2", Name: "start", State: event.Failed})
	r.Event(event.Note{Text: "two\nlines"})
	s.goOn(2500 * time.Millisecond)
	r.End(nil, "")

	id := ""
	for _, a := range c.requests[0].ResourceLogs[0].Resource.Attributes {
		if a.Key == "mrsk.run_id" {
			id = *a.Value.String
		}
	}
	got := "resource: " + flat(c.requests[0].ResourceLogs[0].Resource.Attributes) + "\n"
	for _, l := range c.records() {
		got += strings.TrimSpace(fmt.Sprintf("%s %d %s %s %q %s", l.Time, l.SeverityNumber, l.SeverityText, l.EventName, *l.Body.String, flat(l.Attributes))) + "\n"
	}
	want := `resource: service.name=mrsk service.version=1.2.3 service.namespace=shop deployment.environment.name=prod mrsk.run_id=ID mrsk.performer=me@example.com mrsk.deploy_version=v1
1769860800000000000 9 INFO mrsk.start "mrsk deploy of shop, destination prod, version v1, by me@example.com" mrsk.command=deploy deployment.id=ID deployment.name=deploy shop
1769860800000000000 5 DEBUG  "pull | layer" server.address=vm1 log.iostream=stdout
1769860800000000000 17 ERROR  "start: failed" server.address=vm2
1769860800000000000 9 INFO  "two"
1769860800000000000 9 INFO  "lines"
1769860802500000000 9 INFO mrsk.complete "Completed in 2.5 s" mrsk.command=deploy mrsk.runtime=2.5 deployment.id=ID deployment.name=deploy shop deployment.status=succeeded
`
	if diff := cmp.Diff(want, strings.ReplaceAll(got, id, "ID")); diff != "" {
		t.Error(diff)
	}
	if len(id) != 36 || !strings.HasPrefix(s.shown[0], "event.Note {Host: Text:Logs sent to http://127.0.0.1:") {
		t.Errorf("id %q, told %q", id, s.shown)
	}
}

func TestCollector_is_told_why_a_command_failed(t *testing.T) {
	t.Parallel()
	c := &collector{answer: http.StatusOK}
	server := httptest.NewServer(c)
	defer server.Close()
	s := newShop()
	s.Endpoint, s.Run.Command = server.URL+"/base", "app boot"
	r := New(t.Context(), s.Options)
	r.Begin()
	r.End(errors.New("no room"), "error: no room\n")
	last := c.records()[1]
	const want = "mrsk.command=app boot mrsk.runtime=0 exception.type=*errors.errorString exception.message=Failed in 0.0 s\nerror: no room"
	if diff := cmp.Diff(want, flat(last.Attributes)); diff != "" || last.EventName != "mrsk.failed" {
		t.Error(last.EventName, diff)
	}
}

func TestCollector_that_refuses_is_told_once_and_without_its_password(t *testing.T) {
	t.Parallel()
	c := &collector{answer: http.StatusTeapot}
	server := httptest.NewServer(c)
	defer server.Close()
	s := newShop()
	s.Endpoint = strings.Replace(server.URL, "http://", "http://me:sentinel@", 1) + "/base"
	r := New(t.Context(), s.Options)
	r.Begin()
	for range 3 * batchSize {
		r.Event(event.Note{Text: "x"})
	}
	r.End(nil, "")
	if len(s.shown) != 1 || !strings.Contains(s.shown[0], "418") || strings.Contains(s.shown[0], "sentinel") {
		t.Errorf("told: %q", s.shown)
	}
	if n := len(c.records()); n != 3*batchSize+2 {
		t.Errorf("%d records came", n)
	}
}

// A collector that takes nothing must not hold a deploy up: neither while it works nor at its
// end.
func TestCollector_that_hangs_holds_nothing_up(t *testing.T) {
	t.Parallel()
	hanging := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-hanging }))
	defer server.Close()
	defer close(hanging)
	s := send(t.Context(), server.URL, Run{Command: "deploy"})
	for range queueSize + 3*batchSize {
		s.put(record{text: "x"})
	}
	if s.lost == 0 {
		t.Error("nothing was lost: the queue has no bound")
	}
	s.cancel(errTooSlow) // what end does when its time is over
	w, ok := s.end().(event.Warning)
	if !ok || !strings.Contains(w.Text, "did not take everything within 5s") {
		t.Errorf("told: %v", w)
	}
}
