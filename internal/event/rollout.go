package event

import "time"

// Outcome is how a rollout ended.
type Outcome string

// The outcomes of a rollout.
const (
	Live           Outcome = "live"             // all hosts have the new version
	LiveWithFaults Outcome = "live with faults" // all hosts keep the new version, but something failed after that
	Unchanged      Outcome = "unchanged"        // it failed before it changed a container
	NotStarted     Outcome = "not started"      // it failed before it changed a container of the app
	RolledBack     Outcome = "rolled back"      // all hosts run the containers of the app that they ran before
	Unclear        Outcome = "unclear"          // some hosts may have either version
)

// RolloutEnd reports how a rollout ended: what became of the new version, and what the hosts run now. A rollout
// that succeeds sends it as an event. The error of a rollout that fails carries it.
type RolloutEnd struct {
	App         string
	Options     string // those that chose the app and its hosts, quoted for a shell, such as "-d staging --hosts vm1"
	Again       string // the command line that runs it again, quoted for a shell
	Version     string // the new version, "" if it is not known yet
	Outcome     Outcome
	Interrupted bool // the user ended it
	Routed      bool // requests reach the app through the proxy on all its hosts
	Hosts       []string
	Took        time.Duration // of the whole command
	URL         string        // "" if there is none
	Back        string        // the version that a rollback would bring back, "" if there is none
	Unclear     []string      // the hosts that may have either version
	// Before is what the hosts ran before the rollout. Unless Outcome is Live, LiveWithFaults or Unclear, they run it
	// now. It is nil if it is not known.
	Before []Running
}

// Running is a version and the hosts that run it.
type Running struct {
	Version string // "" for hosts that run none
	Hosts   []string
}

func (RolloutEnd) event() {}
