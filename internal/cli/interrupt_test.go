package cli

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/testterminal"
)

func TestWatch_ends_the_work_first_and_the_program_then(t *testing.T) {
	t.Parallel()
	signals, quit := make(chan os.Signal), make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	go watch(signals, cancel, func() { close(quit) })
	signals <- os.Interrupt
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, errInterrupted) {
		t.Errorf("the cause is %v", err)
	}
	select {
	case <-quit:
		t.Error("the first signal ends the program")
	default:
	}
	signals <- os.Interrupt
	<-quit
}

// The prompt of the shell comes next.
func TestAbandon_takes_the_running_line_away(t *testing.T) {
	t.Parallel()
	screen := testterminal.New(80, 24)
	c := &console{globals: &globals{}, sys: &System{
		Err: screen, ErrTerminal: true, Size: screen.Size, Getenv: func(string) string { return "" }, Now: time.Now,
	}}
	c.ui().Sink()(event.Step{Name: "build image", State: event.Began})
	c.abandon()
	c.abandon() // nothing is left to do
	if text := strings.TrimSpace(screen.String()); strings.Contains(text, "build image") {
		t.Errorf("the screen:\n%s", text)
	}
}
