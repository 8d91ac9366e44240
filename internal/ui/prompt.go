package ui

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"mrsk/internal/event"
)

// NoTerminalError reports a question that cannot be answered, because stdin is not a terminal.
type NoTerminalError struct{ Question string }

func (e *NoTerminalError) Error() string {
	return "cannot ask, as stdin is no terminal: " + e.Question
}

// Hint says how to run without questions.
func (e *NoTerminalError) Hint() string { return "add -y to confirm" }

// Confirm asks question on stderr and reports whether the answer is yes. No answer, like the end of
// input, is no; anything but y or n asks again. It asks at every level. The answer may be piped in,
// unasked: where stdin is no terminal and ends without one, Confirm fails with *NoTerminalError. It
// fails with the cause when ctx ends first.
func (u *UI) Confirm(ctx context.Context, question string) (bool, error) {
	for {
		if u.options.InTerminal {
			u.ask(Clean(question) + " [y/N] ")
		}
		stop := u.remindOf(question)
		answer, err := u.answer(ctx)
		stop() // before answered: a reminder that is late opens the question again
		u.answered()
		if err != nil {
			return false, err
		}
		if !u.options.InTerminal && !strings.HasSuffix(answer, "\n") {
			return false, &NoTerminalError{question}
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		case "", "n", "no":
			return false, nil
		}
	}
}

// remindOf says after some time that an answer is waited for, where the question is not on a terminal. When
// stop has returned, nothing more is said.
func (u *UI) remindOf(question string) (stop func()) {
	if u.options.InTerminal {
		return func() {}
	}
	text := "still waiting for an answer on stdin, y or n (add -y to confirm): " + Clean(question) + "\n"
	said := make(chan struct{})
	timer := time.AfterFunc(event.LongWait, func() {
		defer close(said)
		u.ask(text)
	})
	return func() {
		if !timer.Stop() {
			<-said
		}
	}
}

// ask shows a question. The block is not drawn until it is answered.
func (u *UI) ask(text string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.unfold()
	u.erase()
	u.asking = true
	u.write(u.paint.in(bold, text))
}

// answered ends a question. The block is drawn again soon, unless another question follows.
func (u *UI) answered() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.asking = false
	if u.options.Terminal {
		u.drawIn(frame)
	}
}

// answer reads one line. A read from a terminal cannot be
// cancelled: when ctx ends first, its goroutine is left behind for the process to end with.
func (u *UI) answer(ctx context.Context) (string, error) {
	type reading struct {
		text string
		err  error
	}
	done := make(chan reading, 1)
	go func() {
		text, err := u.in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		done <- reading{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
