package app

import (
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Stop returns the step that stops an old or a stale container.
func (b Boot) Stop(c facts.Container, cause string) plan.Step {
	s := Halt(c, b.Role.StopTimeout, cause)
	s.Name = "stop container " + b.nameOf(c)
	return s
}

// nameOf returns the container's name for the screen. After MakeRoom it is no longer c.Name.
func (b Boot) nameOf(c facts.Container) string {
	if c.Name == b.Name() {
		return c.Name + " (the old one)"
	}
	return c.Name
}

// StopForNow is Stop with an undo, which starts the old container again and waits until it is up.
func (b Boot) StopForNow(c facts.Container, cause string, await shell.Line) plan.Step {
	s := b.Stop(c, cause)
	if await.Empty() {
		await = b.awaitUp(c.ID)
	}
	s.Undo = docker.Cmd("start", c.ID).And(await)
	if c.Restart == always {
		s.Undo = restartPolicy(c, always).And(s.Undo)
	}
	s.UndoName = "start it again and wait until it is up"
	return s
}

// StopBeforeStart is StopForNow for a container that must make way before the new one starts. A reboot in
// between ends the session together with its undo, so docker starts the old container again after a reboot,
// until StayDown.
func (b Boot) StopBeforeStart(c facts.Container, cause string, await shell.Line) plan.Step {
	s := b.StopForNow(c, cause, await)
	if !comesBack(c) {
		return s
	}
	if await.Empty() {
		await = b.awaitUp(c.ID)
	}
	s.Run, s.Undo = docker.Halt.Call(c.ID, seconds(b.Role.StopTimeout)), docker.Cmd("start", c.ID)
	if c.Restart != always {
		s.Run = restartPolicy(c, always).And(s.Run)
		s.Undo = s.Undo.And(restartPolicy(c, c.Restart))
	}
	s.Undo = s.Undo.And(await)
	return s
}

// comesBack reports whether docker starts a running container again after a reboot, whatever it ended with.
func comesBack(c facts.Container) bool { return c.Restart == always || c.Restart == unlessStopped }

// StayDown returns the step after StopBeforeStart that keeps the old container down after a reboot, where
// the new one comes back.
func (b Boot) StayDown(c facts.Container) []plan.Step {
	if !comesBack(c) {
		return nil
	}
	return []plan.Step{{
		Name:     "keep container " + b.nameOf(c) + " down after a reboot",
		Cause:    "the new one has taken over",
		Run:      restartPolicy(c, unlessStopped),
		Undo:     restartPolicy(c, always),
		UndoName: "let it come back after a reboot",
		Role:     b.Role.Name, Captured: true, VerboseOnly: true,
	}}
}
