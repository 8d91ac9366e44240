package local

import (
	"fmt"
	"strings"
)

// shownLines is how much of a program's stderr an error message quotes.
const shownLines = 5

// ExitError is a program that ended with a status other than 0.
type ExitError struct {
	Program string
	Status  int    // 128 and the signal's number when a signal ended it
	Stderr  string // all of it
}

// Error quotes the last lines of stderr.
func (e *ExitError) Error() string {
	said := e.lastLines()
	if said == "" {
		return fmt.Sprintf("%s: exit status %d", e.Program, e.Status)
	}
	return fmt.Sprintf("%s: exit status %d: %s", e.Program, e.Status, said)
}

func (e *ExitError) lastLines() string {
	lines := strings.Split(strings.TrimSpace(e.Stderr), "\n")
	return strings.Join(lines[max(0, len(lines)-shownLines):], "\n")
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
