// Package plan describes what a command is going to do, as data: phases, hosts and steps, each step
// with its cause and its undo. Features make steps, deploy composes them, apply carries them out. A
// plan decides nothing and does nothing; printed, it is text for people.
package plan

import (
	"cmp"

	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Plan is a command's work on all its hosts.
type Plan struct {
	Title string
	Notes []string // what the user should know before saying yes
	// Questions are what the plan does that the user may not expect, and is asked about before
	// anything changes.
	Questions []string
	// Replaces tells that the plan replaces containers, and that Changes are all differences between the old and the
	// new ones.
	Replaces bool
	Changes  []Change
	Commits  []string // between the versions, one line each
	Phases   []Phase  // each ends on all hosts before the next begins
}

// Phase is work that all its hosts do at the same time.
type Phase struct {
	Name  string
	Hosts []Host
	// Rollout makes each host's work one session, in stages that begin on all hosts together
	// and are taken back everywhere when one host fails. Otherwise the hosts are independent of
	// each other, and each one runs its steps to the end or to the first that fails.
	Rollout bool
	// Once marks the phase, one of a plan at most, that a run does not repeat when it plans anew after it.
	Once bool
	// Batch, from 1, is set when boot.limit divides a rollout: batches begin one after the other
	// and are kept or undone together.
	Batch int
}

// Host is the work of one host in a phase.
type Host struct {
	Name   string
	Stages []Stage
	// Kept succeeds on the host when it has gone through the commit. It is asked when the
	// connection was lost just then.
	Kept shell.Line
}

// Stage is a part of a host's work. Stages have the same names on all hosts of a phase.
type Stage struct {
	Name string
	Gate string // what all hosts have reached when this stage begins; "" for the first
	// Done is what is true of a host at its end, in a word or two for the screen. "" is Name.
	Done string
	// Together is the first stage that begins only when every batch has come to it.
	Together bool
	Commit   bool // from here on a host no longer undoes by itself
	Steps    []Step
}

// Reached is what is true of a host at the end of the stage, in a word or two.
func (s Stage) Reached() string { return cmp.Or(s.Done, s.Name) }

// Step is one thing to do on a host.
type Step struct {
	Name     string
	Kind     script.Kind
	Cause    string // why, in a few words: follows "because"
	Run      shell.Line
	Undo     shell.Line
	UndoName string // what Undo does, in words
	Role     string // the role it belongs to, "" if none
	// BestEffort lets the steps after it run when it fails; its failure is ignored.
	BestEffort bool
	// Late lets the steps after it run when it fails; the command fails in the end.
	Late bool
	// Captured keeps its output from the screen: the program reads it.
	Captured bool
	// Cacheable marks a question whose answer may be reused within a run: it does not change
	// meanwhile, or the change does no harm.
	Cacheable bool
	// VerboseOnly hides the step from a screen that is not verbose, unless it fails.
	VerboseOnly bool
}

// Script turns the step into what a host runs.
func (s Step) Script() script.Step {
	return script.Step{
		Name: s.Name, Kind: s.Kind, Role: s.Role, Run: s.Run, Undo: s.Undo,
		BestEffort: s.BestEffort, Late: s.Late, Captured: s.Captured, VerboseOnly: s.VerboseOnly,
	}
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool {
	for _, phase := range p.Phases {
		for _, host := range phase.Hosts {
			for _, stage := range host.Stages {
				if len(stage.Steps) > 0 {
					return false
				}
			}
		}
	}
	return true
}
