package server

import (
	_ "embed"

	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

//go:embed sh/bootstrap.sh
var bootstrapSh string

// What Bootstrap prints last when it changed something.
const (
	// Installed is a host that has got Docker.
	Installed = "installed"
	// Joined is a host whose user has been added to the docker group: that counts from the next
	// login on.
	Joined = "joined"
)

// Bootstrap makes a host ready: it installs Docker where there is none, and lets the user use
// it. A host that has all that is left as it is.
func Bootstrap() plan.Step {
	return plan.Step{
		Name:  "make sure that Docker is there",
		Cause: "everything else needs it",
		Run:   shell.Text(bootstrapSh + "bootstrap"),
	}
}
