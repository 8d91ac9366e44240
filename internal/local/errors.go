package local

import (
	"errors"
	"fmt"
	"strings"
)

// Numbers of lines of output in an error message.
const (
	shownLines = 5  // of stderr
	failLines  = 20 // of output that was kept in case the program fails
)

// ExitError reports that a program ended with a status other than 0.
type ExitError struct {
	Program string
	Status  int    // 128 plus the number of the signal, if a signal ended it
	Stderr  string // all that it wrote to stderr
}

// Error returns the program, the status, and the last lines of stderr.
func (e *ExitError) Error() string {
	said := last(strings.TrimSpace(e.Stderr), shownLines)
	if said == "" {
		return fmt.Sprintf("%s: exit status %d", e.Program, e.Status)
	}
	return fmt.Sprintf("%s: exit status %d: %s", e.Program, e.Status, said)
}

// Failure returns an error text: what failed and why, then the last lines of the output. what names the
// program, so the reason does not repeat it.
func Failure(what, output string, err error) string {
	reason := err.Error()
	var exit *ExitError
	if errors.As(err, &exit) {
		reason = fmt.Sprintf("exit status %d", exit.Status)
	}
	text := what + ": " + reason
	if output == "" {
		return text
	}
	return text + "\n" + last(output, failLines)
}

func last(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// MissingError reports that a program is not installed.
type MissingError struct{ Program string }

func (e *MissingError) Error() string { return e.Program + " is not installed" }

// Missing returns true. Packages that may not import this one recognize the error by this method.
func (e *MissingError) Missing() bool { return true }

// Hint returns what may help.
func (e *MissingError) Hint() string {
	return "install " + e.Program + ", or put it into a folder of PATH"
}

// InterpreterError reports a script whose interpreter does not exist.
type InterpreterError struct {
	Line string // the first line of the script, such as "#!/bin/sh"
}

func (e *InterpreterError) Error() string {
	if line, found := strings.CutSuffix(e.Line, "\r"); found {
		return fmt.Sprintf("its first line, %s, ends in a carriage return", line)
	}
	program, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(e.Line, "#!")), " ")
	return fmt.Sprintf("there is no program %s, which its first line names", program)
}

// Hint returns what to do about the script.
func (e *InterpreterError) Hint() string {
	if strings.HasSuffix(e.Line, "\r") {
		return "save the script with the line ends of Unix"
	}
	return "correct the first line of the script, or install the program"
}
