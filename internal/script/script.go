// Package script sends work to a host: an ordered list of steps, compiled to one POSIX sh
// program and run in one SSH exec. Begin, output and exit status of each step come back framed,
// so that a run streams live, stops at the first step that fails, and returns typed results.
//
// The program travels in stdin, never in an argument list: the exec line is a short constant.
// Two forms exist. A Script runs its steps and ends; when the connection goes away it is killed
// with everything it started. A Session runs stage by stage as it is ordered to, and when the
// connection goes away before the commit it undoes by itself what it has done.
package script

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"mrsk/internal/diagnose"
	"mrsk/internal/shell"
)

// Key identifies a step for the code that reads its result. Two pointers to keys are different keys.
type Key struct{ _ byte }

// Step is one command of a script.
type Step struct {
	Name string
	Kind Kind
	Role string // the role of the app that it is about, "" if none
	Key  *Key   // for Results.Of, nil if nobody reads the result
	Run  shell.Line
	// Undo takes back what Run did, wholly or in part; it must also work when Run never ran to
	// its end. Only a Session undoes.
	Undo shell.Line
	// BestEffort lets the script go on when the step fails; the failure is ignored.
	BestEffort bool
	// Late lets the script go on when the step fails; the failure is among what Results.Late
	// returns.
	Late bool
	// Captured keeps the output from the screen: the program reads it.
	Captured bool
	// VerboseOnly hides the step from a screen that is not verbose, unless it fails.
	VerboseOnly bool
	// Main runs the step in the script's own shell, so that what it opens or sets stays for
	// the steps after it. Its stdin is /dev/null like everybody's.
	Main bool
}

// goesOn reports whether the steps behind it are run even when it fails.
func (s Step) goesOn() bool { return s.BestEffort || s.Late }

// Script is a list of steps for one host.
type Script struct {
	// Prelude is shell text that sets variables for the functions that the steps call.
	Prelude string
	Steps   []Step
}

// Result is what became of one step.
type Result struct {
	Step   Step
	Ran    bool // it has ended, so Status and Took are known
	Status int  // exit status; see Status for those with a meaning
	Stdout []byte
	Stderr []byte
	// Reports are what it told besides its output.
	Reports map[Report]string
	Took    time.Duration // measured by the operator, from its begin mark to its end mark
}

// Text is the step's output as a string without the line ends at its end.
func (r Result) Text() string { return strings.TrimRight(string(r.Stdout), "\n") }

// StepError is a step that failed.
type StepError struct {
	Step   Step
	Status int // exit status, not 0; see Status for those with a meaning
	Stdout []byte
	Stderr []byte
}

// tail is how much of a failed step's output an error message quotes.
const tail = 20

// Error names the step and the cause, then quotes the last lines of the output.
func (e *StepError) Error() string {
	text := lastLines(e.output(), tail)
	if text == "" {
		text = fmt.Sprintf("exit status %d", e.Status)
	}
	if cause := e.finding().Cause; cause != "" {
		text = cause + "\n" + text
	}
	return e.Step.Name + ": " + text
}

// Hint says what to do about the cause, where it is known.
func (e *StepError) Hint() string { return e.finding().Hint }

// output is what the step said that may tell why it failed.
func (e *StepError) output() string {
	if text := strings.TrimSpace(string(e.Stderr)); text != "" {
		return diagnose.Quiet(text)
	}
	return diagnose.Quiet(strings.TrimSpace(string(e.Stdout)))
}

// Exit statuses of docker run and docker exec.
const (
	firstOfDocker = 125     // from here to lastOfDocker they could not run the program; the program may end so as well
	lastOfDocker  = 127     // see firstOfDocker
	killed        = 128 + 9 // the program was ended by SIGKILL
	neverRan      = 255     // of a program that the kernel could not run, among others
)

// finding is the cause of the failure. What programs in containers print says nothing about docker.
func (e *StepError) finding() diagnose.Finding {
	switch {
	case e.Means(Unwell):
		return diagnose.Unwell(e.output())
	case e.Step.Kind != Program:
		return diagnose.Output(e.output())
	case e.Status == killed:
		return diagnose.Finding{Cause: "the program was killed", Hint: "it may have been out of memory: dmesg on the host tells"}
	case e.Status >= firstOfDocker && e.Status <= lastOfDocker, e.Status == neverRan:
		return diagnose.Program(e.output())
	}
	return diagnose.Finding{}
}

func lastLines(out string, n int) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.Join(lines, "\n")
}

// UnfinishedError is a program that ended before its end frame without a step having failed:
// the shell could not run it, or somebody killed it.
type UnfinishedError struct {
	Err    error // what the session said, if anything
	Stderr string
}

func (e *UnfinishedError) Error() string {
	text := "the script ended early"
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UnfinishedError) Unwrap() error { return e.Err }

// SilentError reports a host that accepts a command and does not begin to run it.
type SilentError struct{}

func (*SilentError) Error() string {
	return fmt.Sprintf("the host did not start the script within %.0f s, though its SSH server answers", startTimeout.Seconds())
}

// Hint says where to look.
func (*SilentError) Hint() string {
	return "look at the load, the memory and the disks of the host, then try again"
}

// LongError reports a step whose output is data for the program and longer than what is kept.
type LongError struct{ Step Step }

func (e *LongError) Error() string {
	return fmt.Sprintf("%s: the host sent more than %d MiB", e.Step.Name, keep>>20)
}

// nonce makes the mark that tells frames from output. It is new for every run, so that no
// output can look like a frame.
func nonce() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return "mrsk" + hex.EncodeToString(b[:])
}
