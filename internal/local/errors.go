package local

import (
	"errors"
	"fmt"
	"strings"
)

// How many lines of a program's output an error message quotes.
const (
	shownLines = 5  // of what it said on stderr
	failLines  = 20 // of an output that was kept for the case that it fails
)

// ExitError is a program that ended with a status other than 0.
type ExitError struct {
	Program string
	Status  int    // 128 and the signal's number when a signal ended it
	Stderr  string // all of it
}

// Error quotes the last lines of stderr.
func (e *ExitError) Error() string {
	said := last(strings.TrimSpace(e.Stderr), shownLines)
	if said == "" {
		return fmt.Sprintf("%s: exit status %d", e.Program, e.Status)
	}
	return fmt.Sprintf("%s: exit status %d: %s", e.Program, e.Status, said)
}

// Failure is the text of an error about a program whose output was kept: what failed and why, then
// the last lines of the output. The program's name is left out of the reason: what has it.
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

// MissingError is a program that is not installed.
type MissingError struct{ Program string }

func (e *MissingError) Error() string { return e.Program + " is not installed" }

// Missing tells this error from others for those who do not know this package.
func (e *MissingError) Missing() bool { return true }

// Hint says what may help.
func (e *MissingError) Hint() string {
	return "install " + e.Program + ", or put it into a folder of PATH"
}
