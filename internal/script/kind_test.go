package script

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/shell"
)

func TestMeans_depends_on_the_kind_of_step(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind   Kind
		status int
		asked  Status
		want   bool
	}{
		"its own":            {Expect, 74, Drifted, true},
		"of any other step":  {Other, 74, Drifted, false},
		"of another kind":    {AwaitHealthy, 74, Drifted, false},
		"another status":     {Expect, 1, Drifted, false},
		"one of several":     {TakeLease, 76, Frozen, true},
		"not the one of two": {TakeLease, 76, Held, false},
	} {
		err := &StepError{Step: Step{Kind: tt.kind}, Status: tt.status}
		if got := err.Means(tt.asked); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
		if (Result{Step: err.Step, Status: tt.status}).Means(tt.asked) {
			t.Errorf("%s: a step that has not run means something", name)
		}
	}
}

func TestScript_knows_the_statuses_by_name(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		names := shell.Text(`echo "$status_unwell $status_drifted $status_held $status_frozen $status_gave_up"`)
		results, err := Script{Steps: []Step{{Name: "a", Run: names}}}.Run(t.Context(), h, (&recorder{}).sink)
		want := fmt.Sprint(int(Unwell), int(Drifted), int(Held), int(Frozen), int(GaveUp))
		if err != nil || results[0].Text() != want {
			t.Fatalf("got %q, %v; want %q", results[0].Text(), err, want)
		}
	})
}

func TestProbes_are_told_as_they_come(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		var told recorder
		probes := shell.Text("report probed 30 'GET /up: 503'; report probed; report probed x 'no limit'")
		if _, err := (Script{Steps: []Step{{Name: "wait", Captured: true, Run: probes}}}).Run(t.Context(), h, told.sink); err != nil {
			t.Fatal(err)
		}
		var got []event.Probe
		for _, e := range told.events {
			if p, ok := e.(event.Probe); ok {
				got = append(got, p)
			}
		}
		want := []event.Probe{
			{Host: h.Name(), Step: "wait", Answer: "GET /up: 503", Limit: 30 * time.Second},
			{Host: h.Name(), Step: "wait", Answer: "no limit"},
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %+v", got)
		}
	})
}

func TestReports_come_beside_the_output(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		many := shell.Text(`i=0; while [ $i -lt 100 ]; do report "r$i"; i=$((i + 1)); done`)
		results, err := Script{Steps: []Step{
			{Name: "a", Run: shell.Text("echo cut 7; report cut 3; report joined; echo more")},
			{Name: "b", Run: shell.Text("echo cut 4")},
			{Name: "c", Run: many},
		}}.Run(t.Context(), h, (&recorder{}).sink)
		if err != nil {
			t.Fatal(err)
		}
		if got := results[0]; got.Text() != "cut 7\nmore" || !maps.Equal(got.Reports, map[Report]string{Cut: "3", Joined: ""}) {
			t.Errorf("got %q and %v", got.Text(), got.Reports)
		}
		if _, found := results[1].Reported(Cut); found {
			t.Error("output was taken for a report")
		}
		if n := len(results[2].Reports); n != maxReports {
			t.Errorf("%d reports were kept", n)
		}
	})
}
