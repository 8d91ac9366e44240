package ui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/testterminal"
	"mrsk/internal/ui"
)

// story has every kind of event, as a deploy would send them.
var story = []event.Event{
	event.Section{Text: "Build and push the image"},
	event.Step{Name: "build image", State: event.Began, Shown: "docker buildx build \\\n  ."},
	event.Line{Step: "build image", Stream: "stderr", Text: "#7 [2/5] \x1b[32mRUN\x1b[0m bundle"},
	event.Step{Name: "build image", State: event.Done, Took: 12340 * time.Millisecond},
	event.Section{Text: "Start the new version"},
	event.Step{Host: "10.0.0.1", Name: "pull image", State: event.Began, Shown: "docker pull app"},
	event.Step{Host: "10.0.0.2", Name: "pull image", State: event.Began, Shown: "docker pull app"},
	event.Step{Host: "10.0.0.1", Name: "pull image", State: event.Done, Took: 40 * time.Millisecond},
	event.Note{Host: "10.0.0.1", Text: "already there"},
	event.Warning{Text: "the tree has changes\n M app.rb"},
	event.Step{Host: "10.0.0.2", Name: "pull image", State: event.Failed, Took: 2 * time.Minute, Err: errors.New("exit status 1\nno such host")},
	event.Step{Host: "10.0.0.1", Name: "remove old image", State: event.Ignored},
	event.Step{Host: "10.0.0.1", Name: "start container", State: event.Undone, Took: time.Second},
	event.Step{Host: "10.0.0.2", Name: "wait", State: event.Cancelled, Took: time.Second},
}

func play(o ui.Options) string { return playAll(story, o) }

func playAll(events []event.Event, o ui.Options) string {
	var screen strings.Builder
	o.Err = &screen
	u := ui.New(o)
	for _, e := range events {
		u.Sink()(e)
	}
	u.Close()
	return screen.String()
}

func TestSink_plain(t *testing.T) {
	t.Parallel()
	want := `Build and push the image
local: build image
local: build image: done
Start the new version
10.0.0.1: pull image: done
10.0.0.1: already there
warning: the tree has changes
 M app.rb
10.0.0.2: pull image: failed: exit status 1
10.0.0.1: remove old image: failed (ignored)
10.0.0.1: start container: undone
10.0.0.2: wait: cancelled
`
	if diff := cmp.Diff(want, play(ui.Options{})); diff != "" {
		t.Error(diff)
	}
}

func TestSink_verbose_shows_commands_output_and_durations(t *testing.T) {
	t.Parallel()
	want := `Build and push the image
local: build image
local: $ docker buildx build \
local: >   .
local: build image | #7 [2/5] RUN bundle
local: build image: done (12.3s)
Start the new version
10.0.0.1: pull image
10.0.0.1: $ docker pull app
10.0.0.2: pull image
10.0.0.2: $ docker pull app
10.0.0.1: pull image: done (40ms)
10.0.0.1: already there
warning: the tree has changes
 M app.rb
10.0.0.2: pull image: failed: exit status 1 (2m0s)
10.0.0.1: remove old image: failed (ignored)
10.0.0.1: start container: undone (1.0s)
10.0.0.2: wait: cancelled (1.0s)
`
	if diff := cmp.Diff(want, play(ui.Options{Level: ui.Verbose})); diff != "" {
		t.Error(diff)
	}
}

// A version is a full commit. Twelve digits are enough to tell it from others; a digest, an error and what
// a program prints stay as they are.
func TestSink_abbreviates_versions_unless_it_is_verbose(t *testing.T) {
	t.Parallel()
	version := strings.Repeat("0123456789", 4)
	digest := strings.Repeat("ab", 32)
	events := []event.Event{
		event.Note{Host: "vm1", Text: "version " + version + " of @sha256:" + digest},
		event.Warning{Text: version + " is old"},
		event.Step{Name: "build " + version, State: event.Began},
		event.Step{Name: "start shop-web-" + version, State: event.Failed, Err: errors.New("no " + version)},
		event.Line{Step: "build", Loud: true, Text: version},
	}
	short := "vm1: version 012345678901 of @sha256:" + digest + "\nwarning: 012345678901 is old\nlocal: build 012345678901\n" +
		"local: start shop-web-012345678901: failed: no " + version + "\nlocal: build | " + version + "\n"
	if diff := cmp.Diff(short, playAll(events, ui.Options{})); diff != "" {
		t.Error(diff)
	}
	full := strings.ReplaceAll(strings.ReplaceAll(short, version, "012345678901"), "012345678901", version)
	if diff := cmp.Diff(full, playAll(events, ui.Options{Level: ui.Verbose})); diff != "" {
		t.Error(diff)
	}
	running := playAll(events[2:3], ui.Options{Terminal: true})
	if want := "… local: build 012345678901\n<wipe>"; readable(running) != want {
		t.Errorf("the running line is %q, want %q", readable(running), want)
	}
}

func TestSink_quiet_shows_nothing(t *testing.T) {
	t.Parallel()
	if got := play(ui.Options{Level: ui.Quiet, Terminal: true}); got != "" {
		t.Errorf("got %q", got)
	}
}

// wipe is what takes the live line away; the tests show it as a word.
func readable(screen string) string {
	return strings.NewReplacer("\r\x1b[1A\x1b[J", "<wipe>", "\x1b[", "<").Replace(screen)
}

func TestSink_on_a_terminal_keeps_one_line_with_what_is_running(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := testterminal.New(40, 24)
		u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size})
		var last []string
		for _, e := range story {
			u.Sink()(e)
			time.Sleep(time.Minute) // until the line is drawn
			lines := strings.Split(screen.String(), "\n")
			if l := lines[len(lines)-2]; strings.HasPrefix(l, "…") && (len(last) == 0 || last[len(last)-1] != l) {
				last = append(last, l)
			}
		}
		u.Close()
		want := []string{
			"… local: build image", "… local: build image | #7 [2/5] RUN bu…", "… 10.0.0.1: pull image",
			"… 10.0.0.2: pull image (+1)", "… 10.0.0.2: pull image",
		}
		if diff := cmp.Diff(want, last); diff != "" {
			t.Error(diff)
		}
		wantAll := `Build and push the image
local: build image: done (12.3s)
Start the new version
10.0.0.1: pull image: done (40ms)
10.0.0.1: already there
warning: the tree has changes
 M app.rb
10.0.0.2: pull image: failed: exit statu
s 1 (2m0s)
10.0.0.1: remove old image: failed (igno
red)
10.0.0.1: start container: undone (1.0s)
10.0.0.2: wait: cancelled (1.0s)
`
		if diff := cmp.Diff(wantAll, screen.String()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSink_has_the_same_words_with_colour_and_without(t *testing.T) {
	t.Parallel()
	for _, level := range []ui.Level{ui.Normal, ui.Verbose} {
		colored := play(ui.Options{Color: true, Level: level})
		for _, code := range []string{"0", "1", "2", "31", "32", "33"} {
			colored = strings.ReplaceAll(colored, "\x1b["+code+"m", "")
		}
		if diff := cmp.Diff(play(ui.Options{Level: level}), colored); diff != "" {
			t.Error(diff)
		}
	}
}

func TestFail_colours_only_the_first_word_and_shows_at_every_level(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	u := ui.New(ui.Options{Err: &screen, Color: true, Level: ui.Quiet})
	u.Fail(advised{"no such role", "mrsk config"})
	want := "<31merror:<0m no such role\n<36mhint:<0m mrsk config\n"
	if diff := cmp.Diff(want, readable(screen.String())); diff != "" {
		t.Error(diff)
	}
}

func TestOut_is_byte_exact_and_takes_the_live_line_away_first(t *testing.T) {
	t.Parallel()
	var both strings.Builder
	u := ui.New(ui.Options{Out: &both, Err: &both, Terminal: true})
	u.Sink()(event.Step{Name: "list", State: event.Began})
	fmt.Fprint(u.Out(), "a\x1b[1m\x00b")
	u.Close()
	if diff := cmp.Diff("… local: list\n\r\x1b[1A\x1b[Ja\x1b[1m\x00b", both.String()); diff != "" {
		t.Error(diff)
	}
}

func TestSink_can_be_used_by_many_goroutines(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	u := ui.New(ui.Options{Err: &screen})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { u.Sink()(event.Note{Host: fmt.Sprint(i), Text: "x\ny"}) })
	}
	all.Wait()
	if got := strings.Count(screen.String(), ": x\n"); got != 20 {
		t.Errorf("%d notes in\n%s", got, screen.String())
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		input string
		want  bool
		asked int
	}{
		{"y\n", true, 1},
		{"YES\n", true, 1},
		{"\n", false, 1},
		{"n\n", false, 1},
		{"", false, 1},
		{"sure\ny\n", true, 2},
		{"sure", false, 2},
	} {
		var screen strings.Builder
		u := ui.New(ui.Options{In: strings.NewReader(tt.input), Err: &screen, InTerminal: true, Level: ui.Quiet})
		got, err := u.Confirm(t.Context(), "Remove the app?")
		if err != nil || got != tt.want {
			t.Errorf("%q: got %v, %v", tt.input, got, err)
		}
		if diff := cmp.Diff(strings.Repeat("Remove the app? [y/N] ", tt.asked), screen.String()); diff != "" {
			t.Errorf("%q: %s", tt.input, diff)
		}
	}
}

// Names of containers and versions in a question, and of steps, come from hosts.
func TestNothing_of_a_host_steers_the_terminal_through_names_and_questions(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	u := ui.New(ui.Options{In: strings.NewReader("y\n"), Err: &screen, InTerminal: true, Level: ui.Verbose})
	const hostile = "x\rstop app\x1b]0;x\x07\u202e-1\x9b"
	for _, e := range []event.Event{
		event.Step{Host: "h\x1b[2J", Name: hostile, State: event.Began, Shown: hostile},
		event.Line{Host: "h\x1b[2J", Step: hostile, Text: hostile},
		event.Step{Host: "h\x1b[2J", Name: hostile, State: event.Failed, Err: errors.New(hostile)},
		event.Section{Text: hostile},
		event.Note{Text: hostile},
		event.Warning{Text: hostile},
	} {
		u.Sink()(e)
	}
	if _, err := u.Confirm(t.Context(), hostile+"\nor not?"); err != nil {
		t.Fatal(err)
	}
	u.Fail(errors.New(hostile))
	u.Close()
	if i := strings.IndexAny(screen.String(), "\x1b\x07\u202e\r"); i >= 0 || strings.Contains(screen.String(), "\x9b") {
		t.Errorf("the screen gets %q", screen.String())
	}
	if !strings.Contains(screen.String(), "\nor not? [y/N]") {
		t.Errorf("the question is %q", screen.String())
	}
}

// Scripts pipe their answers; where they have none, that is not a no.
func TestConfirm_takes_a_piped_answer(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]bool{"y\n": true, "n\n": false, "\n": false, "sure\ny\n": true} {
		u := ui.New(ui.Options{In: strings.NewReader(input)})
		if got, err := u.Confirm(t.Context(), "Remove the app?"); err != nil || got != want {
			t.Errorf("%q: got %v, %v", input, got, err)
		}
	}
	u := ui.New(ui.Options{In: strings.NewReader("sure")})
	_, err := u.Confirm(t.Context(), "Remove the app?")
	want := "error: cannot ask, as stdin is no terminal: Remove the app?\nhint: add -y to confirm\n"
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
}

// never is a terminal at which nobody types.
type never struct{ done <-chan struct{} }

func (n never) Read([]byte) (int, error) { <-n.done; return 0, errors.New("end of test") }

func TestConfirm_ends_with_its_context(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	u := ui.New(ui.Options{In: never{t.Context().Done()}, InTerminal: true})
	cancel(errors.New("interrupted"))
	if _, err := u.Confirm(ctx, "Remove the app?"); err == nil || err.Error() != "interrupted" {
		t.Errorf("got %v", err)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	got := ui.Table([]string{"HOST", "VERSION", "STATE"}, [][]string{
		{"10.0.0.1", "3f2a", "running"},
		{"10.0.0.10", "ümläut"},
		{"a", "", "x"},
	})
	want := `HOST       VERSION  STATE
10.0.0.1   3f2a     running
10.0.0.10  ümläut
a                   x
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := ui.Table(nil, nil); got != "" {
		t.Errorf("no rows: %q", got)
	}
}

// The line that shows what is running must not come back behind the prompt of the shell.
func TestClose_takes_the_running_line_away_for_good(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	u := ui.New(ui.Options{Err: &screen, Terminal: true})
	u.Sink()(event.Step{Host: "vm1", Name: "pull image", State: event.Began})
	u.Close()
	before := screen.String()
	u.Sink()(event.Step{Host: "vm2", Name: "pull image", State: event.Began})
	u.Fail(errors.New("no"))
	if got := strings.TrimPrefix(screen.String(), before); got != "error: no\n" {
		t.Errorf("after the end: %q", got)
	}
}

func TestClean_leaves_nothing_that_steers_a_terminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain\n\ttext\n":                    "plain\n\ttext\n",
		"Straße 多行 👍\n\nend":                 "Straße 多行 👍\n\nend",
		"\x1b[31mred\x1b[0m\x1b]0;title\x07": "red",
		"\x1b\x1b[0m[31mnested":              "[31mnested",
		"a\x00b\x07c\x7fd\u009b31me":         "abcd31me",
		"eight bits \x9b31m":                 "eight bits \uFFFD31m",
		"first\rover\nnext":                  "over\nnext",
		"user\u202Egnp.exe\u2066x\u200B":     "usergnp.exex",
		"line\u2028separator\u2029":          "lineseparator",
		"\x1bPq#0;2;0;0;0\x1b\\":             "q#0;2;0;0;0",
	} {
		if got := ui.Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWantsColor(t *testing.T) {
	t.Parallel()
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			if pairs[0] == name {
				return pairs[1]
			}
			return ""
		}
	}
	for _, tt := range []struct {
		terminal bool
		getenv   func(string) string
		want     bool
	}{
		{true, env("", ""), true},
		{false, env("", ""), false},
		{true, env("NO_COLOR", "1"), false},
		{true, env("TERM", "dumb"), false},
	} {
		if got := ui.WantsColor(tt.terminal, tt.getenv); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}
