package cli

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"mrsk/internal/session"
)

// terminal is the process's terminal, for a command that takes it over.
func (s System) terminal() session.Terminal {
	in, out := int(os.Stdin.Fd()), int(os.Stdout.Fd())
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	return session.Terminal{
		In: s.In, Out: s.Out, Kind: s.Getenv("TERM"),
		Size: func() (int, int) {
			width, height, err := term.GetSize(out)
			if err != nil {
				return 80, 24
			}
			return width, height
		},
		Resized: changes(resized),
		Raw: func() (func(), error) {
			state, err := term.MakeRaw(in)
			if err != nil {
				return nil, err
			}
			return func() { _ = term.Restore(in, state) }, nil
		},
	}
}

// changes turns signals into items.
func changes(signals <-chan os.Signal) <-chan struct{} {
	out := make(chan struct{})
	go func() {
		for range signals {
			out <- struct{}{}
		}
	}()
	return out
}
