package trace

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"mrsk/internal/event"
	"mrsk/internal/golden"
	"mrsk/internal/otlp"
	"mrsk/internal/otlp/otlptest"
	"mrsk/internal/timings"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)).Round(time.Millisecond))
}

// story is the events of a command.
type story []timings.Moment

func (s *story) at(seconds float64, all ...event.Event) {
	for _, e := range all {
		*s = append(*s, timings.Moment{At: at(seconds), Event: e})
	}
}

func (s *story) ran(host, name string, from, to float64) {
	s.at(from, event.Step{Host: host, Name: name, State: event.Began})
	s.at(to, event.Step{Host: host, Name: name, State: event.Done})
}

func (s *story) waited(host string, what event.Wait, gate string, from, to float64) {
	s.at(to, event.Waited{Host: host, For: what, Gate: gate, Since: at(from), Took: at(to).Sub(at(from))})
}

var both = []string{"vm1", "vm2"}

// begins tells of a deploy until containers start.
func begins() *story {
	s := &story{}
	s.ran("", "hook pre-connect", 0.1, 0.2)
	s.at(0.2, event.Build{State: event.Began})
	s.at(0.2, event.Step{Name: "build image", State: event.Began})
	for _, h := range both {
		s.waited(h, event.Queued, "", 0.2, 0.2)
		s.waited(h, event.Connecting, "", 0.2, 0.5)
		s.ran(h, "look at the containers", 0.6, 0.8)
	}
	s.at(2, event.Step{Name: "build image", State: event.Done})
	s.at(2, event.Build{State: event.Done})
	s.ran("", "hook post-push", 2.1, 2.2)
	s.at(2.2, event.Stage{Name: "pull", Hosts: both})
	for _, h := range both {
		s.waited(h, event.Sent, "", 2.2, 2.3)
		s.ran(h, "pull shop:v2", 2.3, 3)
		s.at(3, event.Reached{Host: h, Stage: "pull"})
		s.ran(h, "take the lock", 3.1, 3.2)
	}
	s.ran("", "hook pre-app-boot", 3.3, 3.4)
	s.at(3.5, event.Stage{Name: "start", Hosts: both, Together: true})
	return s
}

func deployed() *story {
	s := begins()
	for i, h := range both {
		s.ran(h, "start container shop-web-v2", 3.5, 4+float64(i))
		s.at(4+float64(i), event.Reached{Host: h, Stage: "start"})
	}
	s.at(5, event.Stage{Name: "switch", Hosts: both, Together: true})
	for i, h := range both {
		s.waited(h, event.AtGate, "gate: every new container is healthy", 4+float64(i), 5)
		s.ran(h, "switch requests", 5.1, 5.5)
		s.at(5.5, event.Reached{Host: h, Stage: "switch"})
	}
	s.ran("", "hook post-app-boot", 5.6, 5.7)
	s.at(6, event.Stage{Name: "finish", Hosts: both})
	for _, h := range both {
		s.ran(h, "stop container shop-web-v1", 6, 6.5)
		s.at(6.5, event.Reached{Host: h, Stage: "finish"})
		s.ran(h, "free the lock", 6.6, 6.7)
	}
	s.at(7, event.RolloutEnd{App: "shop", Version: "v2", Outcome: event.Live})
	return s
}

func failed() *story {
	s := begins()
	for _, h := range both {
		s.at(3.5, event.Step{Host: h, Name: "wait until shop-web-v2 is healthy", State: event.Began})
	}
	err := errors.New("GET /up answers 503: \x1b[31ms3cret\x1b[0m\nthe log of the container")
	s.at(4, event.Step{Host: "vm1", Name: "wait until shop-web-v2 is healthy", State: event.Failed, Err: err}, event.HostFailed{Host: "vm1", Err: err})
	s.at(4.1, event.HostFailed{Host: "vm2", Err: errors.New("connection lost")})
	s.at(4.2, event.Stage{Name: "undo", Hosts: both, Undo: true})
	s.at(4.8, event.Step{Host: "vm1", Name: "start container shop-web-v2", State: event.Undone, Took: 500 * time.Millisecond})
	s.at(4.8, event.Reached{Host: "vm1", Stage: "undo"})
	s.ran("vm1", "free the lock", 4.9, 5)
	s.at(5, event.RolloutEnd{App: "shop", Version: "v2", Outcome: event.Unclear})
	return s
}

func hide(text string) string { return strings.ReplaceAll(text, "s3cret", "[REDACTED]") }

var (
	deployedRun = Run{Command: "deploy", App: "shop", Destination: "staging", Version: "v2", Performer: "me", Tool: "1.2.3", Began: start, Ended: at(7), Hide: hide}
	failedRun   = Run{Command: "deploy", App: "shop", Version: "v2", Began: start, Ended: at(5.1), Status: 1, Failure: "✗ shop v2 failed: s3cret\nerror: more\n", Hide: hide}
)

var self = Root(Context{}, [24]byte{1, 16: 2})

// spansOf encodes and decodes the spans of a command.
func spansOf(t *testing.T, self, parent Context, run Run, moments []timings.Moment) []*tracepb.Span {
	t.Helper()
	var all []*tracepb.TracesData
	for _, body := range Bodies(otlp.Attributes("service.name", "mrsk"), "1.2.3", Of(self, parent, run, moments)) {
		data, err := otlptest.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	outer := ""
	if parent.IsSet() {
		outer = parent.Span()
	}
	spans, err := otlptest.Spans(all, outer)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}

func TestSpans_of_commands(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		*story
		run Run
	}{"deployed": {deployed(), deployedRun}, "failed": {failed(), failedRun}, "nothing": {&story{}, Run{Command: "deploy", Began: start, Ended: at(0.1), Status: 1, Failure: "error: no config", Hide: hide}}} {
		spans := spansOf(t, self, Context{}, tt.run, *tt.story)
		golden.Equal(t, "testdata/"+name+".txt", otlptest.Tree(spans, "deployment.id", "server.address", "mrsk.phase"))
	}
}

func TestSpans_have_the_times_of_the_events(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, s := range spansOf(t, self, Context{}, deployedRun, *deployed()) {
		began, ended := time.Unix(0, int64(s.GetStartTimeUnixNano())), time.Unix(0, int64(s.GetEndTimeUnixNano()))
		got[s.GetName()] = fmt.Sprint(began.Sub(start), " ", ended.Sub(start))
	}
	for name, want := range map[string]string{"deploy shop": "0s 7s", "build": "200ms 2s", "prepare": "100ms 3.4s", "start": "3.5s 5s", "finish": "6s 6.5s", "conclude": "6.6s 6.7s"} {
		if got[name] != want {
			t.Errorf("%s: %s, want %s", name, got[name], want)
		}
	}
}

// The spans of a part of another trace have its ID and state, and the first one its parent.
func TestSpans_are_a_part_of_the_outer_trace(t *testing.T) {
	t.Parallel()
	parent, ok := ParseContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "rojo=00f067aa0ba902b7")
	if !ok {
		t.Fatal("not parsed")
	}
	inner := Root(parent, [24]byte{1, 16: 2})
	spans := spansOf(t, inner, parent, deployedRun, *deployed())
	for i, s := range spans {
		far := s.GetFlags()&otlp.IsFar != 0
		if fmt.Sprintf("%x", s.GetTraceId()) != "0af7651916cd43dd8448eb211c80319c" || s.GetTraceState() != "rojo=00f067aa0ba902b7" || far != (i == 0) || s.GetFlags()&otlp.Sampled == 0 {
			t.Errorf("%v", s)
		}
	}
	if want := []string{"TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-" + inner.Span() + "-01", "TRACESTATE=rojo=00f067aa0ba902b7"}; fmt.Sprint(inner.Environ()) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", inner.Environ(), want)
	}
	if want := "TRACEPARENT=00-" + self.ID() + "-" + self.Span() + "-03"; self.Environ()[0] != want || self.Environ()[1] != "TRACESTATE=" {
		t.Errorf("without an outer trace: %q", self.Environ())
	}
}

func TestBodies_have_few_spans_each(t *testing.T) {
	t.Parallel()
	s := &story{}
	for i := range 3 * atOnce {
		s.ran("", fmt.Sprint("step ", i), float64(i), float64(i)+0.5)
	}
	run := deployedRun
	run.Ended = at(4 * atOnce)
	if got := len(Bodies(nil, "", Of(self, Context{}, run, *s))); got != 4 {
		t.Errorf("%d requests", got)
	}
	spansOf(t, self, Context{}, run, *s)
}

func TestFailure_is_one_line_that_is_not_too_long(t *testing.T) {
	t.Parallel()
	tr := tree{run: Run{Hide: hide}}
	if got := tr.line(errors.New(strings.Repeat("ä", longestMessage) + "s3cret")); len(got) > longestMessage || strings.Trim(got, "ä") != "" {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

func TestParseContext_accepts_what_the_standard_does(t *testing.T) {
	t.Parallel()
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for text, want := range map[string]string{
		"00-" + id + "-" + span + "-01":                              "01",
		" 00-" + id + "-" + span + "-00\n":                           "00",
		"00-" + id + "-" + span + "-ff":                              "03",
		"cc-" + id + "-" + span + "-01":                              "01", // a later version
		"cc-" + id + "-" + span + "-01-what-the-future-will-be-like": "01",
		"":                                   "",
		"00-" + id + "-" + span + "-01-more": "",
		"cc-" + id + "-" + span + "-01.more": "",
		"ff-" + id + "-" + span + "-01":      "",
		"00-" + strings.ToUpper(id) + "-" + span + "-01":     "",
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01": "",
		"00-" + id + "-" + strings.Repeat("0", 16) + "-01":   "",
		"00-" + id[1:] + "-" + span + "-01":                  "",
		"0-" + id + "-" + span + "-01":                       "",
		"00-" + id + "-" + span:                              "",
	} {
		c, ok := ParseContext(text, "")
		if ok != (want != "") || ok && (fmt.Sprintf("%02x", c.Flags) != want || c.ID() != id || c.Span() != span || c.Sampled() != (c.Flags&1 == 1)) {
			t.Errorf("%q: %+v, %v", text, c, ok)
		}
	}
	const good = "00-" + id + "-" + span + "-01"
	for state, want := range map[string]string{" a=1,b=2 ": "a=1,b=2", "a=\x1b[31m": "", strings.Repeat("a", longestState+1): "", "ä=1": ""} {
		if c, _ := ParseContext(good, state); c.State != want {
			t.Errorf("state %q becomes %q", state, c.State)
		}
	}
}

func TestResource_has_what_the_environment_says(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		attributes, service, want string
	}{
		{"", "", "service.name=mrsk service.version=1.2.3 service.namespace=shop deployment.environment.name=staging"},
		{"service.name=ci, team=a%20b,deployment.environment.name=prod", "", "service.version=1.2.3 service.namespace=shop service.name=ci team=a b deployment.environment.name=prod"},
		{"service.name=ci", "releases", "service.version=1.2.3 service.namespace=shop deployment.environment.name=staging service.name=releases"},
		{"no pair", "releases", "error"},
	} {
		all, err := deployedRun.Resource(func(name string) string {
			return map[string]string{"OTEL_RESOURCE_ATTRIBUTES": tt.attributes, "OTEL_SERVICE_NAME": tt.service}[name]
		})
		var words []string
		for _, a := range all {
			words = append(words, a.Key+"="+*a.Value.String)
		}
		if got := strings.Join(words, " "); (err == nil) != (tt.want != "error") || err == nil && got != tt.want {
			t.Errorf("%+v: %s, %v", tt, got, err)
		}
	}
}
