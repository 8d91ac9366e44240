package server

import "mrsk/internal/plan"

// Bootstrap returns the step that installs Docker if it is missing, and adds the user to the group docker if
// the user may not use it. It reports the latter as script.Joined.
func Bootstrap() plan.Step {
	return plan.Step{
		Name:  "install Docker if it is missing",
		Cause: "everything else needs it",
		Run:   bootstrap.Call(),
	}
}
