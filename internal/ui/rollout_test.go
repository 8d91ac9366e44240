package ui_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/golden"
	"mrsk/internal/ui"
)

const (
	newVersion = "3a4370a5b6c7d8e9f00112233445566778899aab"
	oldVersion = "4fa4d9e123456789abcdef0123456789abcdef01"
)

var threeHosts = []string{"vm1", "vm2", "vm3"}

// shopRollout is a rollout on three hosts. Tests change what they are about.
func shopRollout(change func(*event.RolloutEnd)) event.RolloutEnd {
	e := event.RolloutEnd{
		App: "shop", Again: "mrsk deploy", Version: newVersion, Outcome: event.Live, Routed: true, Hosts: threeHosts, Took: 22400 * time.Millisecond,
		URL: "https://shop.example.com", Back: oldVersion, Before: []event.Running{{Version: oldVersion, Hosts: threeHosts}},
	}
	change(&e)
	return e
}

// failedRollout stands for the error type of workflow.
type failedRollout struct {
	end event.RolloutEnd
	err error
}

func (f failedRollout) Error() string             { return f.err.Error() }
func (f failedRollout) Unwrap() error             { return f.err }
func (f failedRollout) Rollout() event.RolloutEnd { return f.end }

func unhealthy(host string) error {
	text := "wait until shop-web-3a4370a is healthy: GET /up on port 3000: no answer in 30 s\nbooted version 3a4370a"
	return onHost{host, advised{text, "its whole log is in .mrsk/logs/" + host + ".log"}}
}

var endings = []struct {
	name   string
	change func(*event.RolloutEnd)
	err    error
}{
	{"all hosts serve", func(*event.RolloutEnd) {}, nil},
	{"many hosts", func(e *event.RolloutEnd) { e.Hosts = strings.Fields("a b c d"); e.Took = 83 * time.Second }, nil},
	{"the first version, without a proxy, to a destination", func(e *event.RolloutEnd) {
		e.Routed, e.URL, e.Back, e.Options, e.Took = false, "", "", "-d staging", 2340*time.Millisecond
	}, nil},
	{"on one host of another configuration", func(e *event.RolloutEnd) { e.Options, e.Hosts = "-c config/admin.yml --hosts vm1", threeHosts[:1] }, nil},
	{"a rollback was interrupted on chosen hosts", func(e *event.RolloutEnd) {
		e.Outcome, e.Interrupted, e.Again = event.RolledBack, true, "mrsk rollback --hosts 'vm*' 4fa4d9e"
	}, errors.New("interrupted")},
	{"no host became healthy", func(e *event.RolloutEnd) { e.Outcome = event.RolledBack }, onHosts{unhealthy("vm1"), unhealthy("vm2"), unhealthy("vm3")}},
	{"the build failed", func(e *event.RolloutEnd) { e.Outcome, e.Before = event.Unchanged, nil }, errors.New("build image: exit status 1")},
	{"the release command failed", func(e *event.RolloutEnd) {
		e.Outcome, e.Before = event.NotStarted, []event.Running{{Version: oldVersion, Hosts: []string{"vm1", "vm2"}}, {Hosts: []string{"vm3"}}}
	}, onHost{"vm1", errors.New("run the release command: exit status 74")}},
	{"one host was lost", func(e *event.RolloutEnd) { e.Outcome, e.Unclear = event.Unclear, []string{"vm2"} }, errors.Join(errors.New("vm2: lost"))},
	{"a hook failed afterwards", func(e *event.RolloutEnd) { e.Outcome = event.LiveWithFaults }, errors.New("hook post-deploy: exit status 1")},
	{"interrupted", func(e *event.RolloutEnd) { e.Outcome, e.Interrupted = event.RolledBack, true }, errors.New("interrupted")},
	{"interrupted early, without a proxy", func(e *event.RolloutEnd) { e.Outcome, e.Interrupted, e.Routed = event.Unchanged, true, false }, errors.New("interrupted")},
}

func TestRollout_tells_how_it_ended(t *testing.T) {
	t.Parallel()
	screens := []struct {
		name    string
		options ui.Options
	}{
		{"40 columns", ui.Options{Terminal: true, Size: sized(40, 24)}},
		{"80 columns", ui.Options{Terminal: true, Size: sized(80, 24)}},
		{"120 columns", ui.Options{Terminal: true, Size: sized(120, 24)}},
		{"pipe", ui.Options{Size: sized(40, 24)}},
		{"ascii", ui.Options{Terminal: true, Size: sized(120, 24), ASCII: true}},
		{"verbose", ui.Options{Level: ui.Verbose}},
	}
	for _, screen := range screens {
		var out strings.Builder
		for _, ending := range endings {
			fmt.Fprintf(&out, "=== %s\n%s", ending.name, ended(screen.options, shopRollout(ending.change), ending.err))
		}
		golden.Equal(t, "testdata/rollout/"+strings.ReplaceAll(screen.name, " ", "-")+".golden", out.String())
	}
}

// ended is what a screen shows of the end of a rollout.
func ended(o ui.Options, end event.RolloutEnd, err error) string {
	if err == nil {
		return playAll([]event.Event{end}, o)
	}
	var screen strings.Builder
	o.Err = &screen
	ui.New(o).Fail(failedRollout{end, err})
	return screen.String()
}

func TestError_of_a_rollout_has_the_full_version(t *testing.T) {
	t.Parallel()
	err := failedRollout{shopRollout(func(e *event.RolloutEnd) { e.Outcome = event.Unchanged }), errors.New("no room")}
	want := "✗ shop " + newVersion + " failed before any container changed: vm1, vm2, vm3 still serve " + oldVersion + "\n" +
		"error: no room\nhint: solve this, then run mrsk deploy again\n"
	if diff := cmp.Diff(want, ui.Error(errors.Join(err))); diff != "" {
		t.Error(diff)
	}
}

// The program closes the screen before it shows why it failed.
func TestFail_breaks_lines_of_a_closed_terminal(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	u := ui.New(ui.Options{Err: &screen, Terminal: true, Size: sized(40, 24)})
	u.Close()
	u.Fail(failedRollout{shopRollout(func(e *event.RolloutEnd) { e.Outcome = event.Unchanged }), errors.New("x")})
	want := "✗ shop 3a4370a5b6c7 failed before any\n  container changed: vm1, vm2, vm3 still\n  serve 4fa4d9e12345\n"
	if !strings.HasPrefix(screen.String(), want) {
		t.Error(screen.String())
	}
}

func TestFail_colours_the_sign_of_a_failed_rollout(t *testing.T) {
	t.Parallel()
	got := ended(ui.Options{Color: true}, shopRollout(func(e *event.RolloutEnd) { e.Outcome = event.Unchanged }), errors.New("x"))
	if !strings.HasPrefix(got, "\x1b[31m✗\x1b[0m shop") {
		t.Errorf("%q", got)
	}
}

func TestWantsASCII(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"LANG": "en_US.UTF-8"}, false},
		{map[string]string{"LANG": "C.utf8"}, false},
		{map[string]string{"LANG": "C"}, true},
		{map[string]string{"LANG": "de_DE.ISO-8859-1"}, true},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, true},
		{map[string]string{"LANG": "C", "LC_CTYPE": "C.UTF-8"}, false},
		{map[string]string{"TERM": "dumb", "LANG": "C.UTF-8"}, true},
	} {
		if got := ui.WantsASCII(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("with %v: %t", tt.env, got)
		}
	}
}
