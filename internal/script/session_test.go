package script

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/shell"
)

// trace is a session of three stages, the second of which commits; every step and undo writes
// its name into a file.
func trace(file string) Session {
	mark := func(name string) shell.Line { return shell.Text(fmt.Sprintf("echo %s >>%s", name, file)) }
	step := func(name string) Step { return Step{Name: name, Run: mark(name), Undo: mark("un" + name)} }
	return Session{
		Setup: []Step{{Name: "lock", Run: shell.Text("held=1"), Main: true}},
		Stages: []Stage{
			{Name: "start", Steps: []Step{step("a"), step("b")}},
			{Name: "keep", Steps: []Step{step("c")}, Commit: true},
			{Name: "finish", Steps: []Step{{Name: "d", Run: mark("d")}}},
		},
		Report:         shell.Text("echo $1 $2 >>" + file),
		SilenceTimeout: 20 * time.Second,
	}
}

func traced(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(content)), " ")
}

func inSession(t *testing.T, change func(*Session), test func(t *testing.T, r *Running, h *localHost, file string)) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		file := t.TempDir() + "/trace"
		s := trace(file)
		if change != nil {
			change(&s)
		}
		r, err := s.Start(t.Context(), h, (&recorder{}).sink)
		if err != nil {
			t.Fatal(err)
		}
		test(t, r, h, file)
	})
}

func TestSession_goes_on_as_ordered(t *testing.T) {
	inSession(t, nil, func(t *testing.T, r *Running, _ *localHost, file string) {
		for k := range 3 {
			r.Order(k)
			if err := r.Stage(t.Context(), k); err != nil {
				t.Fatalf("stage %d: %v", k, err)
			}
		}
		if end, err := r.Wait(t.Context()); end != Finished || err != nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a b c d" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_undoes_in_reverse_when_a_step_fails(t *testing.T) {
	fail := func(s *Session) { s.Stages[0].Steps[1].Run = shell.Text("echo boom >&2; exit 4") }
	inSession(t, fail, func(t *testing.T, r *Running, _ *localHost, file string) {
		var failed *StepError
		if err := r.Stage(t.Context(), 0); !errors.As(err, &failed) || failed.Step.Name != "b" || failed.Status != 4 {
			t.Fatalf("stage: %v", err)
		}
		if end, err := r.Wait(t.Context()); end != Undone || !errors.As(err, &failed) {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a unb una undone failed" {
			t.Fatalf("did %s", got)
		}
	})
}

// A host that stops listening in the middle of an order hears the rest of it next: once it took
// that for the order to go on, and let go of a lock that its run still needed.
func TestSession_does_not_take_the_rest_of_an_order_for_one(t *testing.T) {
	inSession(t, nil, func(t *testing.T, r *Running, h *localHost, file string) {
		if err := r.Stage(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		for _, rest := range []string{"\n", " \n", "x\n"} {
			if _, err := io.WriteString(h.last.in, rest); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(200 * time.Millisecond)
		r.Undo()
		if end, err := r.Wait(t.Context()); end != Undone || err != nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a b unb una undone ordered" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_gives_a_long_wait_up_when_ordered_to_undo(t *testing.T) {
	wait := func(s *Session) {
		s.Stages[0].Steps[1].Kind = AwaitHealthy
		s.Stages[0].Steps[1].Run = shell.Text(`while :; do pause 1 || return "$status_gave_up"; done`)
	}
	inSession(t, wait, func(t *testing.T, r *Running, _ *localHost, file string) {
		r.Undo()
		if err := r.Stage(t.Context(), 0); !errors.Is(err, ErrUndone) {
			t.Fatalf("stage: %v", err)
		}
		if end, err := r.Wait(t.Context()); end != Undone || err != nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a unb una undone ordered" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_says_nothing_of_its_own_while_it_waits(t *testing.T) {
	wait := func(s *Session) {
		s.Stages[0].Steps[1].Run = shell.Text("pause 1; echo waited; pause 1; echo waited")
	}
	inSession(t, wait, func(t *testing.T, r *Running, _ *localHost, _ string) {
		if err := r.Stage(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if got := r.Results()[2]; string(got.Stdout) != "waited\nwaited\n" || len(got.Stderr) > 0 {
			t.Errorf("the step says %q, %q", got.Stdout, got.Stderr)
		}
		r.Undo()
		_, _ = r.Wait(t.Context())
	})
}

func TestSession_undoes_by_itself_when_the_operator_is_gone_before_the_commit(t *testing.T) {
	inSession(t, nil, func(t *testing.T, r *Running, h *localHost, file string) {
		if err := r.Stage(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		r.Hangup()
		_ = h.last.Wait()
		if got := traced(t, file); got != "a b unb una undone lost" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_undoes_by_itself_in_the_middle_of_a_wait(t *testing.T) {
	wait := func(s *Session) {
		s.Stages[0].Steps[1].Run = shell.Text("while :; do echo still; pause 1 || return $status_gave_up; done")
	}
	inSession(t, wait, func(t *testing.T, r *Running, h *localHost, file string) {
		for len(r.Results()[2].Stdout) == 0 {
			time.Sleep(time.Millisecond)
		}
		r.Hangup()
		_ = h.last.Wait()
		if got := traced(t, file); got != "a unb una undone failed" && got != "a unb una undone lost" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_undoes_when_the_operator_falls_silent(t *testing.T) {
	impatient := func(s *Session) { s.SilenceTimeout = time.Second }
	inEveryShell(t, func(t *testing.T, h *localHost) {
		file := t.TempDir() + "/trace"
		s := trace(file)
		impatient(&s)
		s.Stages[0].Steps[1].Run = shell.Text("echo b >>" + file)
		p := s.compile("mark")
		session, err := h.Start(t.Context(), Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		_ = send(session.Stdin(), p.text())
		_ = newCollector("vm1", p.steps, time.Now(), limitStart(session), (&recorder{}).sink).read("mark", session.Stdout(), session.Stderr())
		_ = h.last.Wait()
		if got := traced(t, file); got != "a b unb una undone silent" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_keeps_what_was_committed_when_the_operator_is_gone(t *testing.T) {
	inSession(t, nil, func(t *testing.T, r *Running, h *localHost, file string) {
		r.Order(1)
		if err := r.Stage(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		r.Hangup()
		_ = h.last.Wait()
		if got := traced(t, file); got != "a b c" {
			t.Fatalf("did %s", got)
		}
	})
}

// What a step says goes nowhere once the operator is gone, and a program dies of that. From the
// order to commit on that must not be what makes a host go back: others may have committed.
func TestSession_commits_though_nobody_hears_what_is_said(t *testing.T) {
	for _, k := range []int{1, 2} {
		talk := func(s *Session) {
			says := func(file string) string {
				return "i=0; while [ $i -lt 9 ]; do i=$((i+1)); env echo out || return 1; env echo err >&2 || return 1; sleep 0.02; done\necho told >>" + file
			}
			file := strings.Fields(s.Report.String())[len(strings.Fields(s.Report.String()))-1]
			s.Stages[k].Steps[0].Run = shell.Text(says(strings.TrimPrefix(file, ">>")))
		}
		inSession(t, talk, func(t *testing.T, r *Running, h *localHost, file string) {
			r.Order(2)
			for !strings.Contains(string(r.Results()[2+k].Stdout), "out") {
				time.Sleep(time.Millisecond)
			}
			r.Hangup()
			_ = h.last.Wait()
			want := map[int]string{1: "a b told", 2: "a b c told"}[k]
			if got := traced(t, file); got != want && got != want+" d" {
				t.Errorf("did %s, want %s", got, want)
			}
		})
	}
}

func TestSession_can_still_be_undone_by_order_after_the_commit(t *testing.T) {
	inSession(t, nil, func(t *testing.T, r *Running, _ *localHost, file string) {
		r.Order(1)
		if err := r.Stage(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		r.Undo()
		if end, err := r.Wait(t.Context()); end != Undone || err != nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a b c unc unb una undone ordered" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_does_nothing_when_its_setup_fails(t *testing.T) {
	refuse := func(s *Session) { s.Setup[0].Run = shell.Text("echo taken >&2; return 75") }
	inSession(t, refuse, func(t *testing.T, r *Running, _ *localHost, file string) {
		end, err := r.Wait(t.Context())
		var failed *StepError
		if end != Refused || !errors.As(err, &failed) || failed.Status != 75 {
			t.Fatalf("ended %q, %v", end, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Fatal("something was done")
		}
	})
}

func TestSession_tells_an_undo_that_fails(t *testing.T) {
	broken := func(s *Session) {
		s.Stages[0].Steps[0].Undo = shell.Text("echo cannot; exit 9")
		s.Stages[0].Steps[1].Run = shell.Text("exit 1")
	}
	inSession(t, broken, func(t *testing.T, r *Running, _ *localHost, _ string) {
		end, err := r.Wait(t.Context())
		if end != Broken || !strings.Contains(fmt.Sprint(err), "cannot") {
			t.Fatalf("ended %q, %v", end, err)
		}
	})
}

// The time that a host listens can end in the middle of an order; what is left of the line once
// made a host go on to its last stage, which stopped containers that still served.
func TestSession_heeds_nothing_that_is_no_order(t *testing.T) {
	inEveryShell(t, func(t *testing.T, h *localHost) {
		file := t.TempDir() + "/trace"
		p := trace(file).compile("mark")
		session, err := h.Start(t.Context(), Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		_ = send(session.Stdin(), p.text())
		c := newCollector("vm1", p.steps, time.Now(), limitStart(session), (&recorder{}).sink)
		c.onFrame = func(f frame) {
			if f.kind == "S" && f.number(0) == 0 {
				_, _ = session.Stdin().Write([]byte("\nx\n-1\nundo\n\n"))
				_ = session.Stdin().Close()
			}
		}
		_ = c.read("mark", session.Stdout(), session.Stderr())
		_ = h.last.Wait()
		if got := traced(t, file); got != "a b unb una undone lost" {
			t.Fatalf("did %s", got)
		}
	})
}

// An undo that waits, for an old container to come up again, must not be given up because the
// deploy was: it once led traffic to a container that had not booted.
func TestSession_lets_an_undo_wait(t *testing.T) {
	wait := func(s *Session) {
		s.Stages[0].Steps[0].Undo = shell.Text("pause 1 && " + s.Stages[0].Steps[0].Undo.Wire().Reveal())
	}
	inSession(t, wait, func(t *testing.T, r *Running, h *localHost, file string) {
		if err := r.Stage(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		r.Undo()
		if end, err := r.Wait(t.Context()); end != Undone || err != nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a b unb una undone ordered" {
			t.Fatalf("did %s", got)
		}
	})
}

// What comes behind a gate is shown behind all that came before it, on whichever stream that was.
func TestStage_is_over_when_both_streams_are(t *testing.T) {
	t.Parallel()
	for _, first := range []int{stdout, stderr} {
		over := 0
		c := newCollector("vm1", nil, time.Now(), limitStart(&liarSession{closed: make(chan struct{})}), func(event.Event) {})
		c.onFrame = func(frame) { over++ }
		for k := range 2 {
			stage := frame{"S", []string{strconv.Itoa(k)}}
			if c.frame(first, stage); over != k {
				t.Errorf("over with %s alone", streamNames[first])
			}
			if c.frame(1-first, stage); over != k+1 {
				t.Error("not over with both")
			}
		}
	}
}

// What an undo needs may be gone for a moment, and with it the reason why a step failed.
func TestSession_waits_for_what_its_undo_needs(t *testing.T) {
	fail := func(s *Session) {
		file := strings.TrimPrefix(s.Report.String(), "echo $1 $2 >>")
		s.Ready = shell.Text("sleep 0.2; echo ready >>" + file)
		s.Stages[0].Steps[1].Run = shell.Text("exit 4")
	}
	inSession(t, fail, func(t *testing.T, r *Running, _ *localHost, file string) {
		if end, err := r.Wait(t.Context()); end != Undone || err == nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a ready unb una undone failed" {
			t.Fatalf("did %s", got)
		}
	})
}

func TestSession_undoes_what_it_can_where_that_is_not_ready(t *testing.T) {
	fail := func(s *Session) {
		s.Ready = shell.Text("return 1")
		s.Stages[0].Steps[1].Run = shell.Text("exit 4")
	}
	inSession(t, fail, func(t *testing.T, r *Running, _ *localHost, file string) {
		if end, err := r.Wait(t.Context()); end != Undone || err == nil {
			t.Fatalf("ended %q, %v", end, err)
		}
		if got := traced(t, file); got != "a unb una undone failed" {
			t.Fatalf("did %s", got)
		}
	})
}
