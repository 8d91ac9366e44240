package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mrsk/internal/event"
)

func TestLog_keeps_the_first_and_the_last_lines(t *testing.T) {
	t.Parallel()
	var l log
	grown := 0
	for i := range 100_000 {
		grown += l.add(line{text: fmt.Sprintf("line %06d", i)}, grown)
	}
	if grown != l.headSize+l.tailSize || grown > keepHead+keepTail {
		t.Errorf("it has grown by %d bytes, and has %d and %d", grown, l.headSize, l.tailSize)
	}
	if l.head[0].text != "line 000000" || l.tail[len(l.tail)-1].text != "line 099999" {
		t.Errorf("it begins with %v and ends with %v", l.head[0], l.tail[len(l.tail)-1])
	}
	if got := len(l.head) + l.dropped + len(l.tail); got != 100_000 {
		t.Errorf("%d lines are accounted for", got)
	}
}

// Many hosts that write much do not fill the memory.
func TestLog_keeps_little_when_all_logs_are_large(t *testing.T) {
	t.Parallel()
	var l log
	for i := range 1000 {
		l.add(line{text: fmt.Sprintf("line %06d", i)}, keepAll)
	}
	if size := l.headSize + l.tailSize; size > keepLate || len(l.head) > 0 || l.tail[len(l.tail)-1].text != "line 000999" {
		t.Errorf("it has %d bytes: %v", size, l)
	}
	if l.add(line{text: strings.Repeat("x", 2*keepLate)}, keepAll); len(l.tail) != 0 || l.dropped != 1001 {
		t.Errorf("a line that is too long: %d are kept, %d dropped", len(l.tail), l.dropped)
	}
}

func TestRecord_bounds_lines_and_messages(t *testing.T) {
	t.Parallel()
	r := newTold()
	r.ran("vm1", "pull", 0, 1, strings.Repeat("ä", longLine))
	for range mostMessages + 3 {
		r.at(1, event.Note{Text: "again"})
	}
	page := pageOf(t, r.Record, Run{Began: start, Ended: at(1)})
	if strings.Contains(page, strings.Repeat("ä", longLine/2+1)) || !strings.Contains(page, strings.Repeat("ä", longLine/2)+" …") {
		t.Error("the line is not cut")
	}
	if want := fmt.Sprintf("%d notes and warnings, and 3 that were too many to keep", mostMessages); !strings.Contains(page, want) {
		t.Errorf("the page has no %q", want)
	}
}

// A secret that is cut in two is not found any more.
func TestRecord_hides_secrets_before_it_cuts(t *testing.T) {
	t.Parallel()
	r := newTold()
	r.ran("vm1", "pull", 0, 1, strings.Repeat("x", longLine-3)+"s3cret")
	if page := pageOf(t, r.Record, Run{Began: start, Ended: at(1)}); strings.Contains(page, "xs3c") {
		t.Error("a part of the secret is shown")
	}
}

// Secrets are read during the command, so that a line can come before its secret is known.
func TestPage_hides_secrets_that_become_known_late(t *testing.T) {
	t.Parallel()
	known := ""
	r := told{New(func(text string) string {
		if known == "" {
			return text
		}
		return strings.ReplaceAll(text, known, "[REDACTED]")
	})}
	r.ran("vm1", "pull late-secret", 0, 1, "the late-secret")
	r.at(1, event.Step{Host: "vm1", Name: "x", State: event.Failed, Shown: "echo late-secret", Err: fmt.Errorf("late-secret is wrong")})
	r.at(1, event.Warning{Text: "late-secret"}, event.Work{Subject: "late-secret", Hosts: []string{"vm1"}})
	known = "late-secret"
	page := pageOf(t, r.Record, Run{Command: "x late-secret", Began: start, Ended: at(1), Headline: "late-secret", Failure: "late-secret"})
	if strings.Contains(page, known) || strings.Count(page, "[REDACTED]") < 8 {
		t.Errorf("the page:\n%s", page)
	}
}

// A line of a step that is not known is not lost.
func TestLine_of_no_step_is_a_message(t *testing.T) {
	t.Parallel()
	r := newTold()
	r.at(0, event.Line{Host: "vm1", Step: "ghost", Text: "boo"})
	if page := pageOf(t, r.Record, Run{Began: start, Ended: at(1)}); !strings.Contains(page, "vm1: ghost | boo") {
		t.Error("it is lost")
	}
}

// The second run of a step has its own output.
func TestSteps_of_one_name_are_apart(t *testing.T) {
	t.Parallel()
	r := newTold()
	r.ran("", "hook", 0, 1, "first")
	r.ran("", "hook", 2, 3, "second")
	r.at(3.5, event.Line{Step: "hook", Text: "late"})
	v := view{Record: r.Record, run: Run{Began: start, Ended: at(4)}}
	v.measured = measured(v)
	var got []string
	for _, s := range v.stepsOf("") {
		for _, l := range s.Lines {
			got = append(got, fmt.Sprint(s.At, " ", l.Text))
		}
	}
	want := "0.0 s $ docker hook|0.0 s first|2.0 s $ docker hook|2.0 s second|2.0 s late"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

func TestDurations_are_in_words(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration][2]string{
		0:                          {"0 ms", "0.0 s"},
		340 * time.Millisecond:     {"340 ms", "0.3 s"},
		2340 * time.Millisecond:    {"2.3 s", "2.3 s"},
		59 * time.Second:           {"59 s", "59.0 s"},
		2 * time.Minute:            {"2 min", "2 min 0.0 s"},
		123 * time.Second:          {"2 min 3 s", "2 min 3.0 s"},
		time.Hour + 90*time.Second: {"1 h 2 min", "61 min 30.0 s"},
	} {
		if got := [2]string{lasted(d), since(d)}; got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
