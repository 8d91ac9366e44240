package ui

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/event"
)

// stdin of a script can stay open and silent.
func TestConfirm_says_that_it_waits_for_a_piped_answer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in, answers := io.Pipe()
		var screen strings.Builder
		u := New(Options{In: in, Err: &screen})
		go func() {
			time.Sleep(2 * event.LongWait)
			_, _ = io.WriteString(answers, "y\n")
		}()
		if sure, err := u.Confirm(t.Context(), "Remove the app?"); err != nil || !sure {
			t.Errorf("got %v, %v", sure, err)
		}
		if want := "still waiting for an answer on stdin, y or n (add -y to confirm): Remove the app?\n"; screen.String() != want {
			t.Errorf("the screen has %q, want %q", screen.String(), want)
		}
	})
}

// slowly answers a question at the very moment when the reminder of it is due.
type slowly struct{}

func (slowly) Read(p []byte) (int, error) {
	time.Sleep(event.LongWait)
	return copy(p, "y\n"), nil
}

// A reminder that comes with the answer must not leave the screen as if the question were still open.
func TestConfirm_draws_again_when_the_reminder_comes_with_the_answer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 500 {
			u := New(Options{In: slowly{}, Terminal: true})
			if sure, err := u.Confirm(t.Context(), "Remove the app?"); err != nil || !sure {
				t.Fatalf("got %v, %v", sure, err)
			}
			if u.asking {
				t.Fatal("the question is still open")
			}
			u.Close()
		}
	})
}
