package lock

import (
	"encoding/json"

	"mrsk/internal/docker"

	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// volume is the docker volume whose labels are the freeze of an app. A volume outlives reboots,
// is seen by every user who may use docker, and is made and removed in one step.
func volume(app string) string { return "mrsk-freeze." + app }

// Freeze locks the app of that name until Thaw.
func Freeze(app string, r Record) plan.Step {
	record, _ := json.Marshal(r) // a struct of strings and a time always encodes
	return plan.Step{
		Name:     "lock " + app,
		Run:      docker.Cmd("volume", "create", "--label", "mrsk.record="+string(record), volume(app)),
		Captured: true,
	}
}

// Thaw takes the freeze away; that there is none is no error.
func Thaw(app string) plan.Step {
	return plan.Step{
		Name:     "unlock " + app,
		Run:      freezeVolume.Call().Pipe(shell.Cmd("xargs", "-r", "docker", "volume", "rm")),
		Captured: true,
	}
}
