package ui_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/ui"
)

// lockedBuffer is a screen that a timer of the UI may write to while a test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestSink_names_what_is_waited_for(t *testing.T) {
	begin := func(host, name string) event.Event {
		return event.Step{Host: host, Name: name, State: event.Began}
	}
	end := func(host, name string) event.Event {
		return event.Step{Host: host, Name: name, State: event.Done}
	}
	type at struct {
		after time.Duration
		event event.Event
	}
	for name, test := range map[string]struct {
		options ui.Options
		events  []at
		want    string
	}{
		"with growing gaps, until it is done": {
			events: []at{{0, begin("vm1", "pull image")}, {200 * time.Second, end("vm1", "pull image")}, {time.Hour, event.Note{Text: "end"}}},
			want: `vm1: still waiting for: pull image (15s)
vm1: still waiting for: pull image (45s)
vm1: still waiting for: pull image (1m45s)
vm1: pull image: done
end
`,
		},
		// Hooks have no time limit, and may be hidden.
		"a step that is not shown": {
			events: []at{
				{0, event.Step{Name: "hook pre-build", State: event.Began, VerboseOnly: true}},
				{20 * time.Second, event.Step{Name: "hook pre-build", State: event.Done, VerboseOnly: true}},
			},
			want: "local: still waiting for: hook pre-build (15s)\n",
		},
		"at least every five minutes": {
			events: []at{{0, begin("vm1", "pull image")}, {1400 * time.Second, end("vm1", "pull image")}},
			want: `vm1: still waiting for: pull image (15s)
vm1: still waiting for: pull image (45s)
vm1: still waiting for: pull image (1m45s)
vm1: still waiting for: pull image (3m45s)
vm1: still waiting for: pull image (7m45s)
vm1: still waiting for: pull image (12m45s)
vm1: still waiting for: pull image (17m45s)
vm1: still waiting for: pull image (22m45s)
vm1: pull image: done
`,
		},
		"the last one that has begun": {
			events: []at{{0, begin("vm1", "pull image")}, {10 * time.Second, begin("vm2", "pull image")}, {6 * time.Second, end("vm2", "pull image")}, {16 * time.Second, end("vm1", "pull image")}},
			want: `vm2: still waiting for: pull image (+1) (15s)
vm2: pull image: done
vm1: still waiting for: pull image (15s)
vm1: pull image: done
`,
		},
		"not while something is printed": {
			options: ui.Options{Level: ui.Verbose},
			events: []at{
				{0, begin("", "build image")},
				{14 * time.Second, event.Line{Step: "build image", Text: "1"}},
				{14 * time.Second, event.Line{Step: "build image", Text: "2"}},
				{14 * time.Second, end("", "build image")},
			},
			want: `local: build image
local: build image | 1
local: build image | 2
local: build image: done
`,
		},
		"though output comes that is not shown": {
			events: []at{
				{0, begin("vm1", "pull image")},
				{14 * time.Second, event.Line{Host: "vm1", Step: "pull image", Text: "1"}},
				{2 * time.Second, end("vm1", "pull image")},
			},
			want: "vm1: still waiting for: pull image (15s)\nvm1: pull image: done\n",
		},
		"a detail that is not shown": {
			events: []at{{0, event.Step{Host: "vm1", Name: "look", State: event.Began, VerboseOnly: true}}, {16 * time.Second, event.Step{Host: "vm1", Name: "look", State: event.Done, VerboseOnly: true}}, {time.Hour, event.Note{Text: "end"}}},
			want:   "vm1: still waiting for: look (15s)\nend\n",
		},
		"nobody is told with --quiet": {
			options: ui.Options{Level: ui.Quiet},
			events:  []at{{0, begin("vm1", "pull image")}, {time.Hour, end("vm1", "pull image")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var screen lockedBuffer
				test.options.Err = &screen
				u := ui.New(test.options)
				for _, e := range test.events {
					time.Sleep(e.after)
					synctest.Wait()
					u.Sink()(e.event)
				}
				u.Close()
				time.Sleep(time.Hour)
				synctest.Wait()
				if diff := cmp.Diff(test.want, screen.String()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// The last line of a terminal tells what is waited for, and nothing is printed once the UI is closed.
func TestSink_prints_no_reminder(t *testing.T) {
	for name, act := range map[string]func(u *ui.UI){
		"on a terminal":  func(*ui.UI) {},
		"after the end ": func(u *ui.UI) { u.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var screen lockedBuffer
				u := ui.New(ui.Options{Err: &screen, Terminal: name == "on a terminal"})
				u.Sink()(event.Step{Host: "vm1", Name: "pull image", State: event.Began})
				act(u)
				time.Sleep(time.Hour)
				synctest.Wait()
				if strings.Contains(screen.String(), "still") {
					t.Errorf("%q", screen.String())
				}
				u.Close()
			})
		})
	}
}
