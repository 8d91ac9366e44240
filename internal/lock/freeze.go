package lock

import (
	"encoding/json"

	"mrsk/internal/docker"

	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// volume returns the name of the docker volume whose label is the freeze of an app. A volume survives reboots,
// all users of docker can see it, and it is created and removed atomically.
func volume(app string) string { return "mrsk-freeze." + app }

// Freeze returns the step that locks an app until Thaw.
func Freeze(app string, r Record) plan.Step {
	record, _ := json.Marshal(r) // a struct of strings and a time always encodes
	return plan.Step{
		Name:     "lock " + app,
		Run:      docker.Cmd("volume", "create", "--label", "mrsk.record="+string(record), volume(app)),
		Captured: true,
	}
}

// Thaw returns the step that removes the freeze of an app. If there is none, it does nothing.
func Thaw(app string) plan.Step {
	return plan.Step{
		Name:     "unlock " + app,
		Run:      freezeVolume.Call().Pipe(shell.Cmd("xargs", "-r", "docker", "volume", "rm")),
		Captured: true,
	}
}
