package script

import (
	"time"

	"mrsk/internal/shell"
)

// Stage is a part of a session that is run when it is ordered.
type Stage struct {
	Name  string
	Steps []Step
	// Commit marks the stage after which a lost connection no longer undoes.
	Commit bool
}

// Session is a script that does its work stage by stage and can take it back. The first stage
// begins at once.
type Session struct {
	Prelude string // see Script
	Setup   []Step // before the first stage; when one fails nothing was done and nothing is undone
	Stages  []Stage
	// Ready runs before an undo: it waits, with a timeout of its own, for what the undo needs.
	Ready shell.Line
	// Report runs on the host after an undo, with the outcome (undone or broken) in $1 and its
	// reason (failed, ordered, lost or silent) in $2.
	Report shell.Line
	// SilenceTimeout is how long the host does without a heartbeat before it undoes.
	SilenceTimeout time.Duration
}

// commit is the index of the commit stage, or of the last stage without one.
func (s Session) commit() int {
	for i, stage := range s.Stages {
		if stage.Commit {
			return i
		}
	}
	return len(s.Stages) - 1
}

// Outcome is how a session ended on its host.
type Outcome string

// The outcomes.
const (
	Finished Outcome = "done"    // every stage was carried through
	Refused  Outcome = "refused" // Setup failed, nothing was done
	Undone   Outcome = "undone"  // all taken back
	Broken   Outcome = "broken"  // an undo failed: somebody must look
	Unknown  Outcome = ""        // the connection went away first
)

// outcome returns the outcome that a host reported. An unknown word means Unknown.
func outcome(word string) Outcome {
	switch o := Outcome(word); o {
	case Finished, Refused, Undone, Broken:
		return o
	}
	return Unknown
}
