package server

import "mrsk/internal/plan"

// Bootstrap makes a host ready: it installs Docker where there is none, and lets the user use
// it, which it reports as script.Joined. A host that has all that is left as it is.
func Bootstrap() plan.Step {
	return plan.Step{
		Name:  "make sure that Docker is there",
		Cause: "everything else needs it",
		Run:   bootstrap.Call(),
	}
}
