// Package cli is the command tree: one file per command, each of which turns flags into options
// and makes one call. It is the only user of cobra, the only place that reads the process's
// environment, and the only one that chooses words of advice and exit codes.
package cli

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"mrsk/internal/local"
)

// System is the world around the program, as far as commands can see it.
type System struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
	Getenv   func(string) string
	Setenv   func(name, value string) error // for programs that are run from now on
	Dir      string                         // the working directory
	Home     string
	Program  string // the file of mrsk itself; "" where it is not known
	Now      func() time.Time
	// InTerminal, OutTerminal and ErrTerminal say which streams are a person's terminal.
	InTerminal, OutTerminal, ErrTerminal bool
	// Size returns the columns and lines of the terminal that Err is, 0 if it is none.
	Size func() (width, height int)
	// Interrupts delivers the signals that ask the program to end.
	Interrupts <-chan os.Signal
}

// OS is the system of the process.
func OS() System {
	dir, _ := os.Getwd()
	program, _ := os.Executable()
	return System{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Environ: os.Environ(), Getenv: os.Getenv, Setenv: os.Setenv,
		Dir: dir, Home: local.Home(), Program: program, Now: time.Now,
		Size: func() (width, height int) {
			width, height, _ = term.GetSize(int(os.Stderr.Fd()))
			return width, height
		},
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Interrupts:  interrupts(),
	}
}
