package ui_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/golden"
	"mrsk/internal/testterminal"
	"mrsk/internal/ui"
)

// sized is the size of a terminal.
func sized(width, height int) func() (int, int) {
	return func() (int, int) { return width, height }
}

// drawing is a control sequence that the UI itself writes.
var drawing = regexp.MustCompile(`\x1b\[[0-9]*[AJK]`)

// scene is what happens on a screen, and a name for the picture that is taken then; "" takes none.
type scene struct {
	after   time.Duration // since the scene before
	events  []event.Event
	picture string
}

func began(host, name string) event.Step {
	return event.Step{Host: host, Name: name, State: event.Began}
}

func done(host, name string) event.Step {
	return event.Step{Host: host, Name: name, State: event.Done, Took: time.Second}
}

// onEach makes an event for each of the three hosts.
func onEach(make func(host string) event.Event) []event.Event {
	var all []event.Event
	for _, host := range threeHosts {
		all = append(all, make(host))
	}
	return all
}

func imageOn(host string, sent int64) event.Reached {
	return event.Reached{Host: host, Done: "image", Took: 1900 * time.Millisecond, Sent: sent}
}

func reachedBy(took time.Duration, done string, hosts ...string) []event.Event {
	var all []event.Event
	for _, host := range hosts {
		all = append(all, event.Reached{Host: host, Done: done, Took: took})
	}
	return all
}

var shopWork = event.Work{Doing: "Deploying shop", Version: newVersion, Subject: "Show prices with taxes in the overview and in the basket", Hosts: threeHosts}

func withWas(w event.Work) event.Work {
	w.Was = []string{oldVersion}
	return w
}

const await = "wait until shop-web-3a4370a is healthy"

// toHealth is a deploy up to the moment when two of three hosts are healthy.
var toHealth = []scene{
	{0, []event.Event{shopWork, event.Waiting{Host: "vm1", For: event.Connecting}}, "begun"},
	{2 * time.Second, []event.Event{
		event.Waited{Host: "vm1", For: event.Connecting},
		event.Section{Text: "Build and push the image"},
		event.Build{State: event.Began},
		began("", "build image"),
		event.Line{Step: "build image", Text: "#7 [2/5] RUN\tbundle install"},
	}, "building"},
	{7200 * time.Millisecond, []event.Event{done("", "build image"), event.Build{State: event.Done, Took: 7200 * time.Millisecond, Size: 214e6, Added: 11e6}}, ""},
	{0, append([]event.Event{event.Stage{Name: "pull", Hosts: threeHosts}}, onEach(func(h string) event.Event { return began(h, "pull shop:"+newVersion) })...), ""},
	{time.Second, []event.Event{event.Progress{Host: "vm2", Step: "pull shop:" + newVersion, Sent: 42e6, Of: 120e6, Rate: 3.1e6}}, "pulling"},
	{time.Second, append(onEach(func(h string) event.Event { return done(h, "pull shop:"+newVersion) }), []event.Event{imageOn("vm1", 0), imageOn("vm2", 120e6), imageOn("vm3", 7_430_000)}...), ""},
	{0, append([]event.Event{withWas(shopWork), event.Stage{Name: "start", Hosts: threeHosts, Together: true}}, onEach(func(h string) event.Event { return began(h, await) })...), ""},
	{2 * time.Second, append([]event.Event{done("vm1", await), done("vm3", await)}, reachedBy(2*time.Second, "healthy", "vm1", "vm3")...), ""},
	{4 * time.Second, []event.Event{event.Probe{Host: "vm2", Step: await, Answer: "GET /up on 3000: 503", Limit: 30 * time.Second}}, "two of three are healthy"},
	{0, []event.Event{
		event.Warning{Host: "vm2", Text: "its clock is 3 s late"},
		event.Line{Step: "hook pre-app-boot", Loud: true, Text: "balancer: 多行 told"},
	}, "a warning and output of a hook"},
}

var toEnd = []scene{
	{time.Second, append([]event.Event{done("vm2", await)}, reachedBy(7*time.Second, "healthy", "vm2")...), ""},
	{0, []event.Event{event.Section{Text: "gate: every new container is healthy"}, event.Stage{Name: "switch", Hosts: threeHosts, Together: true}}, ""},
	{0, reachedBy(300*time.Millisecond, "switched", threeHosts...), "switched"},
	{0, append([]event.Event{event.Stage{Name: "finish", Hosts: threeHosts}}, reachedBy(3*time.Second, "cleaned up", threeHosts...)...), ""},
	{0, []event.Event{shopRollout(func(*event.RolloutEnd) {}), event.Note{Text: "the record is in log/1.log"}}, "the end"},
}

var toFailure = []scene{
	{24 * time.Second, []event.Event{event.Step{Host: "vm2", Name: await, State: event.Failed, Took: 30 * time.Second, Err: errors.New("no answer in 30 s\nlog")}}, "one failed"},
	{0, []event.Event{event.Section{Text: "Undo: every host"}, event.Stage{Name: "undo", Hosts: threeHosts, Undo: true}}, "undoing"},
	{time.Second, append([]event.Event{event.HostFailed{Host: "vm3", Err: errors.New("connection lost: EOF")}}, reachedBy(time.Second, "rolled back", "vm1", "vm2")...), "one was lost"},
}

// show plays scenes and returns the pictures.
func show(t *testing.T, screen *testterminal.Terminal, o ui.Options, scenes ...scene) string {
	t.Helper()
	var pictures strings.Builder
	o.Err, o.Terminal, o.Size = screen, true, screen.Size
	u := ui.New(o)
	for _, s := range scenes {
		time.Sleep(s.after)
		for _, e := range s.events {
			u.Sink()(e)
		}
		time.Sleep(100 * time.Millisecond) // until the block is drawn
		if s.picture != "" {
			fmt.Fprintf(&pictures, "=== %s\n%s", s.picture, screen)
		}
	}
	u.Close()
	fmt.Fprintf(&pictures, "=== after\n%s", screen)
	return pictures.String()
}

func concat(parts ...[]scene) []scene {
	var all []scene
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestRows_of_a_deploy(t *testing.T) {
	for _, columns := range []int{40, 80, 120} {
		synctest.Test(t, func(t *testing.T) {
			good := show(t, testterminal.New(columns, 24), ui.Options{}, concat(toHealth, toEnd)...)
			bad := show(t, testterminal.New(columns, 24), ui.Options{}, concat(toHealth, toFailure)...)
			golden.Equal(t, fmt.Sprintf("testdata/rows/%d.golden", columns), good+"\n=== It fails.\n\n"+bad)
		})
	}
}

// manyHosts are the scenes of a rollout on 200 hosts, of which three are slow.
func manyHosts() []scene {
	var hosts []string
	for i := range 200 {
		hosts = append(hosts, fmt.Sprintf("vm%d", i+1))
	}
	var slow []event.Event
	for i, host := range hosts[100:103] {
		slow = append(slow, began(host, await), event.Probe{Host: host, Step: await, Answer: fmt.Sprintf("GET /up on 3000: %d", 502+i/2), Limit: 30 * time.Second})
	}
	return []scene{
		{0, []event.Event{event.Work{Doing: "Deploying shop", Version: newVersion, Hosts: hosts}, event.Stage{Hosts: hosts, Together: true}}, ""},
		{2 * time.Second, slow, ""},
		{8 * time.Second, reachedBy(2*time.Second, "healthy", append(hosts[:100:100], hosts[103:]...)...), "most are healthy"},
	}
}

func TestRows_fold_hosts_in_the_same_state(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := show(t, testterminal.New(80, 24), ui.Options{}, manyHosts()...)
		got += "\n=== A low terminal.\n\n" + show(t, testterminal.New(80, 4), ui.Options{}, manyHosts()...)
		golden.Equal(t, "testdata/rows/many.golden", got)
	})
}

func TestRows_stay_whole_when_the_terminal_changes_its_size(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := testterminal.New(100, 24)
		u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size})
		u.Sink()(event.Note{Text: "before"})
		for _, s := range toHealth[:9] {
			for _, e := range s.events {
				u.Sink()(e)
			}
			time.Sleep(time.Second)
		}
		for _, width := range []int{43, 200, 60} {
			screen.Resize(width, 24)
			time.Sleep(2 * time.Second)
			got := screen.String()
			if strings.Count(got, "Deploying shop") != 1 || strings.Count(got, "  vm2 ") != 1 || !strings.HasPrefix(got, "before\nDeploying") {
				t.Errorf("with %d columns:\n%s", width, got)
			}
		}
		u.Close()
	})
}

// A terminal can be too narrow for the clock, or for anything at all.
func TestRows_survive_every_width(t *testing.T) {
	for columns := 1; columns < 20; columns++ {
		synctest.Test(t, func(t *testing.T) {
			screen := testterminal.New(columns, 24)
			u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size})
			u.Sink()(shopWork)
			for _, host := range threeHosts {
				u.Sink()(began(host, await))
			}
			time.Sleep(65 * time.Second)
			if rows := strings.Count(screen.String(), "\n"); rows > 1+len(threeHosts) {
				t.Errorf("with %d columns there are %d rows:\n%s", columns, rows, screen)
			}
			u.Close()
		})
	}
}

// The cursor is on a line of its own, where the terminal shows ^C.
func TestRows_stay_whole_when_the_user_types(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := testterminal.New(80, 24)
		u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size})
		u.Sink()(shopWork)
		fmt.Fprint(screen, "^C")
		time.Sleep(3 * time.Second)
		if got := screen.String(); strings.Contains(got, "^C") || strings.Count(got, "Deploying") != 1 {
			t.Error(got)
		}
		u.Close()
	})
}

func TestRows_forget_a_failed_attempt_when_the_next_one_begins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := threeHosts[:1]
		failed := func(host, name string) event.Step { return event.Step{Host: host, Name: name, State: event.Failed} }
		got := show(t, testterminal.New(60, 24), ui.Options{},
			scene{0, []event.Event{
				event.Work{Doing: "Deploying shop", Hosts: hosts},
				event.Waiting{Host: "builder", For: event.Connecting},
				event.Build{State: event.Began},
				failed("", "build image"),
				event.Build{State: event.Began},
				event.Build{State: event.Done, Took: time.Second},
				event.Waited{Host: "builder"},
				event.Stage{Hosts: hosts},
				event.Reached{Host: "vm1", Done: "healthy"},
				failed("vm1", "check"),
			}, "failed"},
			scene{0, []event.Event{event.Stage{Hosts: hosts, Undo: true}, event.Reached{Host: "vm1", Done: "rolled back"}}, "undone"},
			scene{0, []event.Event{event.Stage{Hosts: hosts}, event.Reached{Host: "vm1", Done: "healthy"}}, ""},
		)
		want := `=== failed
local: build image: failed
vm1: check: failed
Deploying shop                                          0 s
  build  ✓ 1.0 s
  vm1    ✓ healthy  ✗ check
=== undone
local: build image: failed
vm1: check: failed
Undo: every host goes back to what it ran
Deploying shop                                          0 s
  build  ✓ 1.0 s
  vm1    ✓ rolled back  ✗ check
=== after
local: build image: failed
vm1: check: failed
Undo: every host goes back to what it ran
Deploying shop                                          0 s
  build  ✓ 1.0 s
  vm1    ✓ healthy
`
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReport_stands_below_the_rows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := testterminal.New(40, 24)
		u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size})
		u.Sink()(event.Work{Doing: "Stopping shop", Hosts: threeHosts[:1]})
		u.Report("1.0 s: stop\n")
		u.Close()
		if want := "Stopping shop                       0 s\n  vm1\n1.0 s: stop\n"; screen.String() != want {
			t.Error(screen)
		}
	})
}

func TestRows_count_the_time_while_nothing_happens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := testterminal.New(60, 24)
		u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size})
		u.Sink()(event.Work{Doing: "Restarting shop", Hosts: threeHosts[:1]})
		u.Sink()(began("vm1", "restart"))
		time.Sleep(65500 * time.Millisecond)
		want := "Restarting shop                                   1 min 5 s\n  vm1  … restart                                  1 min 5 s\n"
		if diff := cmp.Diff(want, screen.String()); diff != "" {
			t.Error(diff)
		}
		u.Close()
		time.Sleep(time.Minute)
		if got := screen.String(); !strings.Contains(got, "1 min 5 s") {
			t.Errorf("after the end:\n%s", got)
		}
	})
}

func TestRows_give_way_to_a_question(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen, answer := testterminal.New(80, 24), make(chan string)
		u := ui.New(ui.Options{Err: screen, In: typed{answer}, InTerminal: true, Terminal: true, Size: screen.Size})
		u.Sink()(shopWork)
		go func() {
			time.Sleep(5 * time.Second)
			if got := screen.String(); got != "Go on? [y/N] \n" && got != "Go on? [y/N]\n" {
				t.Errorf("while it asks:\n%s", got)
			}
			fmt.Fprint(screen, "y\n")
			answer <- "y\n"
		}()
		if yes, err := u.Confirm(t.Context(), "Go on?"); !yes || err != nil {
			t.Error(yes, err)
		}
		time.Sleep(time.Second) // nothing happens that would draw the rows
		if got := screen.String(); !strings.HasPrefix(got, "Go on? [y/N] y\nDeploying shop") {
			t.Errorf("afterwards:\n%s", got)
		}
		u.Close()
	})
}

// typed is what a user types.
type typed struct{ lines <-chan string }

func (r typed) Read(p []byte) (int, error) { return copy(p, <-r.lines), nil }

func TestRows_on_screens_without_signs_and_colors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ascii := testterminal.New(80, 24)
		got := show(t, ascii, ui.Options{ASCII: true}, concat(toHealth, toFailure)...)
		if strings.IndexFunc(strings.ReplaceAll(got, "多行", ""), func(r rune) bool { return r > '~' }) >= 0 {
			t.Error(got)
		}
		colored := testterminal.New(80, 24)
		if diff := cmp.Diff(show(t, testterminal.New(80, 24), ui.Options{}, toHealth...), show(t, colored, ui.Options{Color: true}, toHealth...)); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(colored.Raw(), "\x1b[32m✓ healthy 2.0 s\x1b[0m") {
			t.Errorf("%q", colored.Raw())
		}
	})
}

func TestRows_are_clean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const hostile = "x\rstop\x1b]0;x\x07\u202e\x1b[2J\n-1"
		screen := testterminal.New(120, 24)
		show(t, screen, ui.Options{Hide: func(text string) string { return strings.ReplaceAll(text, "s3cret", "[hidden]") }}, scene{
			events: []event.Event{
				event.Work{Doing: hostile, Version: hostile, Subject: hostile, Was: []string{hostile}, Hosts: []string{hostile, "vm2", "vm3"}},
				event.Stage{Hosts: []string{hostile, "vm2"}, Together: true},
				event.Step{Host: "vm2", Name: hostile, State: event.Began},
				event.Probe{Host: "vm2", Step: hostile, Answer: hostile + "s3cret"},
				event.Reached{Host: hostile, Done: hostile},
				event.HostFailed{Host: "vm3", Err: errors.New("s3cret" + hostile)},
			},
		})
		raw := drawing.ReplaceAllString(screen.Raw(), "")
		if i := strings.IndexAny(strings.ReplaceAll(raw, "\r", ""), "\x1b\x07\u202e"); i >= 0 || strings.Contains(raw, "s3cret") {
			t.Errorf("the screen gets %q", raw)
		}
	})
}

func TestRows_are_not_shown_by_quiet_plain_and_piped_screens(t *testing.T) {
	var events []event.Event
	for _, s := range concat(toHealth, toEnd) {
		events = append(events, s.events...)
	}
	synctest.Test(t, func(t *testing.T) {
		if got := playAll(events, ui.Options{Level: ui.Quiet, Terminal: true}); got != "" {
			t.Errorf("quiet: %q", got)
		}
		piped := playAll(events, ui.Options{})
		if strings.Contains(piped, "Deploying") || !strings.Contains(piped, "vm1, vm3: "+await+": done\n") || !strings.Contains(piped, "gate: every new container is healthy\n") {
			t.Error(piped)
		}
		words := playAll(events, ui.Options{Plain: true})
		if strings.ContainsAny(words, "✓✗·…") || !strings.Contains(words, "done: shop 3a4370a5b6c7 serves on vm1, vm2, vm3 in 22 s") {
			t.Error(words)
		}
	})
}
