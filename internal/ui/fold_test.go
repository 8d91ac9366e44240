package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/ui"
)

func TestSink_folds_equal_lines_of_hosts_in_a_pipe(t *testing.T) {
	five := strings.Fields("vm1 vm2 vm3 vm4 vm5")
	stage := event.Stage{Name: "start", Hosts: threeHosts, Together: true}
	gate := event.Section{Text: "gate: all"}
	for name, tt := range map[string]struct {
		events []event.Event
		want   string
	}{
		"all at once": {
			[]event.Event{stage, done("vm3", "a"), done("vm1", "a"), done("vm1", "b"), done("vm2", "a"), done("vm3", "b"), done("vm2", "b"), gate},
			"vm1, vm2, vm3: a: done\nvm1, vm2, vm3: b: done\ngate: all\n",
		},
		"many": {
			[]event.Event{event.Stage{Hosts: five}, done("vm1", "a"), done("vm2", "a"), done("vm3", "a"), done("vm4", "a"), done("vm5", "a")},
			"5 hosts: a: done\n",
		},
		"one does things in another order": {
			[]event.Event{stage, done("vm1", "a"), done("vm2", "b"), done("vm2", "a"), done("vm1", "b"), gate},
			"vm1: a: done\nvm1, vm2: b: done\nvm2: a: done\ngate: all\n",
		},
		"something else happens": {
			[]event.Event{stage, done("vm1", "a"), event.Warning{Host: "vm2", Text: "x"}, done("vm2", "a"), done("vm3", "a"), gate},
			"vm1: a: done\nvm2: warning: x\nvm2, vm3: a: done\ngate: all\n",
		},
		"hosts that work for themselves": {
			[]event.Event{done("vm1", "a"), done("vm2", "a"), event.Stage{Hosts: threeHosts[:1]}, done("vm1", "b")},
			"vm1: a: done\nvm2: a: done\nvm1: b: done\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // a slow machine must not end the wait for other hosts
				if diff := cmp.Diff(tt.want, playAll(tt.events, ui.Options{})); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// player returns a function that sends events, waits, and compares what is on the screen then.
func player(t *testing.T, u *ui.UI, screen *lockedBuffer) func(wait time.Duration, want string, events ...event.Event) {
	return func(wait time.Duration, want string, events ...event.Event) {
		t.Helper()
		for _, e := range events {
			u.Sink()(e)
		}
		time.Sleep(wait)
		synctest.Wait()
		if diff := cmp.Diff(want, screen.String()); diff != "" {
			t.Error(diff)
		}
	}
}

// What is done stands before what is waited for, also where its line was held.
func TestSink_shows_a_held_line_before_a_reminder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := &lockedBuffer{}
		u := ui.New(ui.Options{Err: screen})
		defer u.Close()
		play := player(t, u, screen)
		play(event.LongWait-time.Second/2, "", event.Stage{Name: "start", Hosts: threeHosts}, began("vm1", "a"), began("vm2", "b"))
		play(time.Second, "vm1: a: done\nvm2: still waiting for: b (15s)\n", done("vm1", "a"))
	})
}

// A line that was held is printed when the wait for other hosts ends: the pause until a reminder begins then.
func TestSink_reminds_no_sooner_than_after_a_held_line(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := &lockedBuffer{}
		u := ui.New(ui.Options{Err: screen})
		defer u.Close()
		play := player(t, u, screen)
		play(10*time.Second, "", event.Stage{Name: "start", Hosts: threeHosts}, began("vm1", "a"), began("vm2", "b"))
		play(event.LongWait, "vm1: a: done\n", done("vm1", "a"))
		play(2*time.Second, "vm1: a: done\nvm2: still waiting for: b (15s)\n")
	})
}

func TestSink_holds_a_line_for_a_second_at_most(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := &lockedBuffer{}
		u := ui.New(ui.Options{Err: screen})
		defer u.Close()
		play := player(t, u, screen)
		early := "vm1, vm3: a: done\nvm1: b: done\n"
		play(900*time.Millisecond, "", event.Stage{Name: "start", Hosts: threeHosts}, done("vm1", "a"), done("vm3", "a"), done("vm1", "b"))
		play(200*time.Millisecond, early)
		play(time.Second, early+"vm2: a: done\n", done("vm2", "a"))
		play(0, early+"vm2: a: done\nvm3: c: done\nno\n", done("vm3", "c"), event.Note{Text: "no"})
	})
}

func TestSink_folds_nothing_if_it_is_verbose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := playAll([]event.Event{event.Stage{Hosts: threeHosts}, done("vm1", "a"), done("vm2", "a")}, ui.Options{Level: ui.Verbose})
		if want := "vm1: a: done (1.0s)\nvm2: a: done (1.0s)\n"; got != want {
			t.Error(got)
		}
	})
}
