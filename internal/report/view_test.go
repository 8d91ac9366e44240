package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/timings"
)

func measured(v view) timings.Report { return timings.Of(v.run.Began, v.run.Ended, v.moments) }

func viewOf(r told, run Run) view {
	v := view{Record: r.Record, run: run}
	v.measured = measured(v)
	return v
}

func TestBadge_is_the_outcome(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		end    *event.RolloutEnd
		status int
		want   badge
	}{
		{&event.RolloutEnd{Outcome: event.Live}, 0, badge{"live", "good"}},
		{&event.RolloutEnd{Outcome: event.Live, Interrupted: true}, 0, badge{"live", "good"}},
		{&event.RolloutEnd{Outcome: event.Live}, 1, badge{"live with faults", "warn"}}, // the hook post-command
		{&event.RolloutEnd{Outcome: event.LiveWithFaults}, 1, badge{"live with faults", "warn"}},
		{&event.RolloutEnd{Outcome: event.RolledBack}, 1, badge{"rolled back", "bad"}},
		{&event.RolloutEnd{Outcome: event.RolledBack, Interrupted: true}, 130, badge{"interrupted, rolled back", "bad"}},
		{&event.RolloutEnd{Outcome: event.Unchanged, Interrupted: true}, 130, badge{"interrupted, nothing changed", "bad"}},
		{&event.RolloutEnd{Outcome: event.NotStarted}, 1, badge{"failed, not started", "bad"}},
		{nil, 0, badge{"done", "good"}},
		{nil, 1, badge{"failed", "bad"}},
	} {
		r := newTold()
		r.end = tt.end
		if got := viewOf(r, Run{Status: tt.status}).badge(); got != tt.want {
			t.Errorf("%+v, status %d: %v, want %v", tt.end, tt.status, got, tt.want)
		}
	}
}

func TestServing_says_who_runs_what(t *testing.T) {
	t.Parallel()
	before := []event.Running{{Version: "v1", Hosts: []string{"a", "b"}}, {Hosts: []string{"c"}}}
	for want, end := range map[string]event.RolloutEnd{
		"Serves now: v2 on a, b":                      {Outcome: event.Live, Version: "v2", Hosts: []string{"a", "b"}, Routed: true, Before: before},
		"Runs now: v1 on a, b; no version on c":       {Outcome: event.RolledBack, Version: "v2", Before: before},
		"Runs now: either version on b, c; v1 on a; ": {Outcome: event.Unclear, Unclear: []string{"b", "c"}, Before: before},
		"Runs now: ": {Outcome: event.Unchanged},
	} {
		r := newTold()
		r.end = &end
		if f := viewOf(r, Run{}).serving(); f.Name+": "+strings.Join(f.Texts, "; ") != want {
			t.Errorf("got %+v, want %s", f, want)
		}
	}
}

func TestLanes_have_no_overlap_that_can_be_seen(t *testing.T) {
	t.Parallel()
	r := newTold()
	r.ran("vm1", "pull", 0, 4)
	r.ran("vm1", "take the lock", 1, 2)
	r.ran("vm1", "look", 2, 3)
	r.ran("vm1", "start", 3.99, 6) // begins a moment before pull ends
	v := viewOf(r, Run{Began: start, Ended: at(10)})
	var got []string
	for _, l := range v.timeline().Rows[0].Lanes {
		text := ""
		for _, b := range l.Bars {
			text += fmt.Sprintf("%s %s+%s ", b.Label, b.X, b.Width)
		}
		got = append(got, text)
	}
	want := []string{"pull 0.000%+40.000% start 39.900%+20.100% ", "take the lock 10.000%+10.000% look 20.000%+10.000% "}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A stage that a host did not come to the end of lasts until the next one.
func TestBands_end_when_all_hosts_are_there(t *testing.T) {
	t.Parallel()
	r := newTold()
	r.at(1, event.Stage{Name: "start", Hosts: []string{"a", "b"}})
	r.at(2, event.Reached{Host: "a", Stage: "start"}, event.Reached{Host: "a", Stage: "unknown"})
	r.at(4, event.Stage{Name: "undo", Hosts: []string{"a", "b"}, Undo: true})
	r.at(5, event.Reached{Host: "a", Stage: "undo"})
	r.at(6, event.Reached{Host: "b", Stage: "undo"})
	r.at(7, event.Stage{Name: "start", Hosts: []string{"a", "b"}})
	var got []string
	for _, b := range viewOf(r, Run{Began: start, Ended: at(10)}).stageBars() {
		got = append(got, fmt.Sprintf("%s %v-%v", b.Look, b.began, b.ended))
	}
	if want := "[stage 1s-4s stage back 4s-6s stage 7s-10s]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTicks_are_few_and_round(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]string{
		0:                     "0",
		80 * time.Millisecond: "0 10 ms 20 ms 30 ms 40 ms 50 ms 60 ms 70 ms",
		12 * time.Second:      "0 2 s 4 s 6 s 8 s 10 s",
		95 * time.Second:      "0 30 s 1 min 1 min 30 s",
		3 * time.Hour:         "0 30 min 1 h 1 h 30 min 2 h 2 h 30 min",
		100 * time.Hour:       "0 16 h 32 h 48 h 64 h 80 h 96 h",
	} {
		var labels []string
		for _, tick := range viewOf(newTold(), Run{Began: start, Ended: start.Add(took)}).ticks() {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%v: %s, want %s", took, got, want)
		}
	}
}

// A step that only shows its output in its error has all of it.
func TestFailure_is_shown_once(t *testing.T) {
	t.Parallel()
	v := viewOf(newTold(), Run{})
	for hasOutput, want := range map[bool]string{true: "it failed", false: "it failed\nwith output"} {
		if got := v.failure(&step{failure: "it failed\nwith output"}, hasOutput); got != want {
			t.Errorf("has output %v: %q", hasOutput, got)
		}
	}
}
