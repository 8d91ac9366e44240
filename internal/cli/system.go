// Package cli is the command tree: one file per command, each of which turns flags into options
// and makes one call. It is the only user of cobra, the only place that reads the process's
// environment, and the only one that chooses words of advice and exit codes.
package cli

import (
	"io"
	"os"
	"time"

	"golang.org/x/term"
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
	Width                                int
	// Interrupts delivers the signals that ask the program to end.
	Interrupts <-chan os.Signal
}

// OS is the system of the process.
func OS() System {
	dir, _ := os.Getwd()
	home, _ := os.UserHomeDir()
	program, _ := os.Executable()
	width, _, _ := term.GetSize(int(os.Stderr.Fd()))
	return System{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Environ: os.Environ(), Getenv: os.Getenv, Setenv: os.Setenv,
		Dir: dir, Home: home, Program: program, Now: time.Now, Width: width,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Interrupts:  interrupts(),
	}
}
