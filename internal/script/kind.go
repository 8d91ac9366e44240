package script

import (
	"fmt"
	"slices"
)

// Kind is what a step is for, as far as something is decided by how it ends.
type Kind int

// The kinds.
const (
	Other Kind = iota // nothing is decided by it
	// Expect checks that a plan still fits the host.
	Expect
	// AwaitHealthy waits until a container is up, or confirms that it still is.
	AwaitHealthy
	// TakeLease takes the lock of an app.
	TakeLease
	// Program runs a program of the user's in a container and waits for its end.
	Program
	// Audit writes the audit log.
	Audit
)

// Status is an exit status with a meaning. Shell functions know each one by its name: see statuses.
type Status int

// The exit statuses with a meaning.
const (
	Unwell  Status = 73  // a container is not well; its log is the output
	Drifted Status = 74  // the host is not as the plan expects
	Held    Status = 75  // another run has the lock; its record is the output
	Frozen  Status = 76  // somebody locked the app; the record is the output
	GaveUp  Status = 130 // the step stopped because it was told to
)

// statuses is shell text that gives each status its name there.
func statuses() string {
	return fmt.Sprintf("status_unwell=%d status_drifted=%d status_held=%d status_frozen=%d status_gave_up=%d\n",
		Unwell, Drifted, Held, Frozen, GaveUp)
}

// meanings are the statuses that mean something when a step of that kind ends with them. From any
// other step, such as a command of the user's, they are numbers.
var meanings = map[Kind][]Status{
	Expect:       {Drifted},
	AwaitHealthy: {Unwell, GaveUp},
	TakeLease:    {Held, Frozen},
}

// Means reports whether the step ended with that status, and is of a kind that gives it a meaning.
func (r Result) Means(s Status) bool {
	return r.Ran && r.Status == int(s) && slices.Contains(meanings[r.Step.Kind], s)
}

// Means reports whether the step failed with that status, and is of a kind that gives it a meaning.
func (e *StepError) Means(s Status) bool {
	return Result{Step: e.Step, Ran: true, Status: e.Status}.Means(s)
}

// Report is the name of a fact that a step reports besides its output: a shell function calls
// `report NAME [VALUE]`.
type Report string

// The reports.
const (
	// Cut is how many connections were open when the time to drain was over.
	Cut Report = "cut"
	// Killed is a container that docker could not stop.
	Killed Report = "killed"
	// Recovered is a proxy that had ended and was started again.
	Recovered Report = "recovered"
	// Joined is a user who may use Docker from the next login on.
	Joined Report = "joined"
	// Probed is the limit in seconds of a wait for a healthy container, and the answer to the last probe. It is
	// reported when the answer changes.
	Probed Report = "probed"
)

// maxReports limits the reports of one step.
const maxReports = 16

// Reported returns the value of a report of the step, and whether there is one.
func (r Result) Reported(name Report) (value string, found bool) {
	value, found = r.Reports[name]
	return value, found
}
