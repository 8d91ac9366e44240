package cli

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/eventjson"
	"mrsk/internal/server"
	"mrsk/internal/session"
)

func TestLogLines_are_events_with_the_time_of_each_line(t *testing.T) {
	t.Parallel()
	web := session.Target{Host: "vm1", Role: "web"}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, tt := range map[string]struct {
		split splitLine
		text  string
		want  []eventjson.Log
	}{
		"a log with times": {
			docker.SplitLog, "2026-01-02T03:04:05Z one\r\n--\n\n2026-01-02T03:04:05Z two",
			[]eventjson.Log{{At: at, Text: "one"}, {Text: "--"}, {}, {At: at, Text: "two"}},
		},
		"a log without times": {
			untimed, "2026-01-02T03:04:05Z one\n",
			[]eventjson.Log{{Text: "2026-01-02T03:04:05Z one"}},
		},
		"an audit log": {
			server.SplitAudit, "[2026-01-02T03:04:05Z] [ann] Locked\n[now] [ann] x\n",
			[]eventjson.Log{{At: at, Text: "[ann] Locked"}, {Text: "[now] [ann] x"}},
		},
		"nothing": {docker.SplitLog, "", nil},
	} {
		var got []eventjson.Log
		to := logLines{split: tt.split, of: web, emit: func(e event.Event) error {
			got = append(got, e.(eventjson.Log))
			return nil
		}}
		if n, err := io.WriteString(to, tt.text); n != len(tt.text) || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		for i := range tt.want {
			tt.want[i].Host, tt.want[i].Role = "vm1", "web"
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestLogLines_end_when_nobody_takes_them(t *testing.T) {
	t.Parallel()
	lines := 0
	to := logLines{split: untimed, emit: func(event.Event) error {
		lines++
		return io.ErrClosedPipe
	}}
	if _, err := fmt.Fprint(to, "a\nb\n"); !errors.Is(err, io.ErrClosedPipe) || lines != 1 {
		t.Errorf("%v after %d lines", err, lines)
	}
}

// closed is a stdout that nobody reads.
type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestEmit_ends_no_command_whose_events_nobody_takes(t *testing.T) {
	t.Parallel()
	sys := &System{Out: closed{}, Now: time.Now}
	o := &opener{sys: sys, asJSON: true, console: &console{sys: sys, globals: &globals{}}}
	o.emit(event.Note{Text: "x"})
	if err := o.tryEmit(eventjson.Log{Text: "x"}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a line that the user asked for: %v", err)
	}
	o.asJSON = false
	if err := o.tryEmit(eventjson.Log{Text: "x"}); err != nil {
		t.Errorf("without --json: %v", err)
	}
}
