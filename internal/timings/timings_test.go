package timings

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/golden"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// TestReport reads events from the files in testdata, one a line, and compares what the report says:
//
//	AT HOST began|done|failed|undone STEP     (host - is the operator's machine)
//	AT HOST queued|connecting|sent|gate TOOK [GATE]
//	AT end
func TestReport(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, _, _ := strings.Cut(string(text), "----\n")
			r := reportOf(t, input)
			golden.Equal(t, file, input+"----\n"+shown(r))
		})
	}
}

func shown(r Report) string {
	rows, others := r.Rows()
	var out strings.Builder
	for _, row := range append([][]string{Header()}, rows...) {
		fmt.Fprintln(&out, strings.Join(row, " | "))
	}
	fmt.Fprintf(&out, "and %d shorter\n%s\n", others, r.Line())
	for _, l := range r.Path {
		fmt.Fprintf(&out, "  %s %s %q %.3f\n", l.Host, l.Kind, l.Name, l.Took.Seconds())
	}
	return out.String()
}

func reportOf(t *testing.T, input string) Report {
	t.Helper()
	r, _ := reportAndEvents(t, input)
	return r
}

func reportAndEvents(t *testing.T, input string) (r Report, all []Moment) {
	t.Helper()
	var end time.Time
	for line := range strings.Lines(input) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if strings.HasPrefix(line, "#") || words[0] == "" {
			continue
		}
		at := start.Add(duration(t, words[0]))
		if words[1] == "end" {
			end = at
			continue
		}
		all = append(all, Moment{at, parsed(t, at, words)})
	}
	return Of(start, end, all), all
}

func parsed(t *testing.T, at time.Time, words []string) event.Event {
	t.Helper()
	host := strings.TrimPrefix(words[1], "-")
	switch state := event.State(words[2]); state {
	case event.Began, event.Done, event.Failed:
		return event.Step{Host: host, Name: words[3], State: state}
	case event.Undone:
		name, took, _ := strings.Cut(words[3], " took ")
		return event.Step{Host: host, Name: name, State: state, Took: duration(t, took)}
	}
	took, gate, _ := strings.Cut(words[3], " ")
	w := event.Waited{Host: host, For: event.Wait(words[2]), Gate: gate, Took: duration(t, took)}
	w.Since = at.Add(-w.Took)
	return w
}

func duration(t *testing.T, seconds string) time.Duration {
	t.Helper()
	f, err := strconv.ParseFloat(seconds, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(f * float64(time.Second))
}

// The parts of the critical path add up to the time of the command.
func TestPath_covers_the_whole_command(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input, _, _ := strings.Cut(string(text), "----\n")
		r := reportOf(t, input)
		var sum time.Duration
		for _, l := range r.Path {
			sum += l.Took
		}
		if sum != r.Took {
			t.Errorf("%s: the path takes %v of %v", file, sum, r.Took)
		}
	}
}

// The spans on the critical path are its legs, and each span knows the event that began it.
func TestSpans_are_those_of_the_path_and_of_the_events(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		input, _, _ := strings.Cut(string(text), "----\n")
		r, all := reportAndEvents(t, input)
		var got, want []string
		for _, s := range r.Spans {
			if s.Critical {
				got = append(got, fmt.Sprint(s.Host, s.Kind, s.Took))
			}
			if err := begunBy(s, all); err != "" {
				t.Errorf("%s: %+v: %s", file, s, err)
			}
		}
		for _, l := range r.Path {
			if l.Kind != "" {
				want = append(want, fmt.Sprint(l.Host, l.Kind, l.Took))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: critical spans %q, legs %q", file, got, want)
		}
	}
}

// begunBy returns what is wrong with the event that a span names.
func begunBy(s Span, all []Moment) string {
	if s.Moment < 0 {
		if s.Kind != Kind(event.Sent) {
			return "it has no event"
		}
		return ""
	}
	switch e := all[s.Moment].Event.(type) {
	case event.Step:
		last, _ := all[s.Last].Event.(event.Step)
		if e.Host == s.Host && e.Name == s.Name && s.Kind == Ran && last.Host == s.Host && last.Name == s.Name && last.State == s.State {
			return ""
		}
	case event.Waited:
		if e.Host == s.Host && Kind(e.For) == s.Kind && e.Took == s.Took {
			return ""
		}
	}
	return fmt.Sprintf("its event is %+v", all[s.Moment].Event)
}

func TestGates_name_the_host_that_came_last_and_what_it_did(t *testing.T) {
	r := reportOf(t, `0.1 vm1 began start
0.1 vm2 began start
0.2 vm2 began probe
0.3 vm1 done start
0.4 vm2 done start
0.5 vm2 done probe
0.5 vm1 gate 0.2 healthy
0.5 vm2 gate 0 healthy
0.6 vm1 began switch
0.6 vm2 began switch
0.7 vm2 done switch
0.9 vm1 done switch
0.9 vm1 gate 0
0.9 vm2 gate 0.2
1.0 vm3 gate 0.1 never worked
1.0 end
`)
	var got []string
	for _, g := range r.Gates() {
		what := ""
		if g.For >= 0 {
			what = r.Spans[g.For].Name
		}
		got = append(got, fmt.Sprintf("%s %v: %d hosts, last %s: %s", g.Name, g.Opened, len(g.Waits), g.Last, what))
	}
	want := []string{"healthy 500ms: 2 hosts, last vm2: probe", " 900ms: 2 hosts, last vm1: switch", "never worked 1s: 1 hosts, last vm3: "}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLastBefore_takes_the_first_of_those_that_end_together(t *testing.T) {
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	w := workOf([]span{
		{name: "early", begin: at(0), end: at(1)},
		{host: "vm1", kind: Ran, name: "long", begin: at(1), end: at(3)},
		{host: "vm2", kind: Ran, name: "short", begin: at(2), end: at(3)},
		{host: "vm2", kind: Kind(event.AtGate), name: "gate", begin: at(3), end: at(4)},
		{host: "vm2", kind: Ran, name: "no time", begin: at(4), end: at(4)},
	})
	for seconds, want := range []string{"", "early", "early", "long", "long", "no time"} {
		if got, _ := w.all.lastBefore(at(seconds)); got.name != want {
			t.Errorf("before %d s: %q, want %q", seconds, got.name, want)
		}
	}
	if got, _ := w.before(span{host: "vm2", kind: Ran, begin: at(4)}); got.name != "short" {
		t.Errorf("before a step of vm2: %q", got.name)
	}
	if got, _ := w.before(span{host: "vm2", kind: Kind(event.Sent), begin: at(4)}); got.name != "long" {
		t.Errorf("before an order to vm2: %q", got.name)
	}
}

func TestDocument_tells_waits_that_no_step_followed_and_failed_parts_of_the_path(t *testing.T) {
	d := reportOf(t, "0.5 vm1 connecting 0.5\n0.5 - began run hook\n0.7 - failed run hook\n0.7 end\n").Document("deploy")
	if got := d.Steps[len(d.Steps)-1]; got.Host != "vm1" || got.State != "waited" {
		t.Errorf("%+v", got)
	}
	if got := d.Path[len(d.Path)-1]; got.Step != "run hook" || got.State != "failed" {
		t.Errorf("%+v", got)
	}
}

func TestRows_are_the_longest_steps_in_the_order_of_their_beginning(t *testing.T) {
	var all []Moment
	for i := range mostRows + 5 {
		name := fmt.Sprintf("step %d", i)
		began, took := start.Add(time.Duration(i)*time.Minute), time.Duration(i+1)*time.Second
		all = append(all, Moment{began, event.Step{Name: name, State: event.Began}}, Moment{began.Add(took), event.Step{Name: name, State: event.Done}})
	}
	rows, others := Of(start, start.Add(time.Hour), all).Rows()
	if len(rows) != mostRows || others != 5 {
		t.Fatalf("%d rows and %d others", len(rows), others)
	}
	if first := rows[0]; first[len(first)-1] != "step 5" {
		t.Errorf("the first row is %q", first)
	}
}

// docs/timings.md describes every field of the JSON form, and no other.
func TestDocument_has_the_fields_that_the_docs_describe(t *testing.T) {
	r := Report{Took: time.Second, Path: []Leg{{Host: "vm1", Kind: Ran, Name: "x", State: event.Done}}, Steps: []Step{{Host: "vm1", Gate: "g"}}}
	text, err := json.Marshal(r.Document("deploy"))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	names(fields, "", got)
	for _, row := range golden.Table(t, "../../docs/timings.md", "## The JSON document") {
		name := strings.Trim(row[0], "`")
		if !got[name] {
			t.Errorf("docs/timings.md describes %s, which is no field", name)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("docs/timings.md does not describe %s", name)
	}
}

// names adds the paths of the fields of a document, such as steps[].host.
func names(v any, prefix string, to map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			names(value, strings.TrimPrefix(prefix+"."+name, "."), to)
		}
	case []any:
		for _, item := range v {
			names(item, prefix+"[]", to)
		}
	default:
		to[prefix] = true
	}
}
