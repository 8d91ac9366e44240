package app

import (
	"slices"
	"time"

	"mrsk/internal/docker"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Running returns the running containers of a role.
func Running(h facts.Host, role string) []facts.Container {
	return slices.DeleteFunc(h.Of(role), func(c facts.Container) bool { return !c.Running() })
}

// Last returns the stopped container of a role that ran last. A container that never ran does not count.
func Last(h facts.Host, role string) (facts.Container, bool) {
	stopped := slices.DeleteFunc(h.Of(role), func(c facts.Container) bool { return c.Running() || c.Finished.IsZero() })
	if len(stopped) == 0 {
		return facts.Container{}, false
	}
	return slices.MaxFunc(stopped, func(a, b facts.Container) int { return a.Finished.Compare(b.Finished) }), true
}

// Restart returns the step that starts a stopped container and waits until it is up. If it does not come
// up, the step stops it again. await is the command that waits; the zero Line is for a role without a route.
func Restart(c *config.Scope, role config.Role, k facts.Container, await shell.Line) plan.Step {
	if await.Empty() {
		await = Boot{Scope: c, Role: role}.awaitUp(k.ID)
	}
	stop := docker.Halt.Call(k.ID, seconds(role.StopTimeout)).Add(shell.Raw(">/dev/null"))
	giveUp := shell.Text("_rc=$?").Then(stop).Then(shell.Text(`exit "$_rc"`)).Group()
	run := docker.Cmd("start", k.ID).Add(shell.Raw(">/dev/null")).And(await.Or(giveUp).Group())
	if k.Restart != role.Restart {
		run = run.And(restartPolicy(k, role.Restart))
	}
	return plan.Step{
		Name:  "start container " + k.Name,
		Kind:  script.AwaitHealthy,
		Cause: "it is the one of role " + role.Name + " that ran last",
		Run:   run,
		Role:  role.Name, Captured: true,
	}
}

// StaysUp returns the step that fails if a container that was started does not stay up for another second.
func StaysUp(role config.Role, k facts.Container) plan.Step {
	return plan.Step{
		Name:  "confirm that " + k.Name + " stays up",
		Kind:  script.AwaitHealthy,
		Cause: "it may have stopped in the meantime",
		Run:   docker.WatchUp.Call("1", k.ID),
		Role:  role.Name, Captured: true,
	}
}

// Docker's restart policies.
const (
	always        = "always"         // docker also starts a stopped container when the daemon starts
	unlessStopped = "unless-stopped" // docker does not start a container that was stopped by a command
	never         = "no"
)

func restartPolicy(k facts.Container, policy string) shell.Line {
	return docker.Cmd("update", "--restart", policy, k.ID).Add(shell.Raw(">/dev/null"))
}

// Halt returns the step that stops a container. Afterwards docker does not start it by itself.
func Halt(k facts.Container, timeout time.Duration, cause string) plan.Step {
	run := docker.Halt.Call(k.ID, seconds(timeout))
	if k.Restart == always {
		run = restartPolicy(k, unlessStopped).And(run)
	}
	return plan.Step{
		Name:  "stop container " + k.Name,
		Cause: cause,
		Run:   run,
		Role:  k.Role, Captured: true,
	}
}
