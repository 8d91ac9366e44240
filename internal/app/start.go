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

// Running are the containers of a role that run.
func Running(h facts.Host, role string) []facts.Container {
	return slices.DeleteFunc(h.Of(role), func(c facts.Container) bool { return !c.Running() })
}

// Last is the container of a role that ran last, of those that no longer run. One that never
// ran does not count.
func Last(h facts.Host, role string) (facts.Container, bool) {
	stopped := slices.DeleteFunc(h.Of(role), func(c facts.Container) bool { return c.Running() || c.Finished.IsZero() })
	if len(stopped) == 0 {
		return facts.Container{}, false
	}
	return slices.MaxFunc(stopped, func(a, b facts.Container) int { return a.Finished.Compare(b.Finished) }), true
}

// Restart starts a container that was stopped and waits until it is up; one that does not come
// up is stopped again. Await is the line that waits, the zero Line for a role without a route.
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

// always is the restart policy that brings a container back with the next start of Docker, even
// one that was stopped on purpose.
const always = "always"

// unlessStopped is the policy that does so unless it was stopped on purpose, and never the one
// that does not.
const (
	unlessStopped = "unless-stopped"
	never         = "no"
)

func restartPolicy(k facts.Container, policy string) shell.Line {
	return docker.Cmd("update", "--restart", policy, k.ID).Add(shell.Raw(">/dev/null"))
}

// Halt stops a container, and lets nothing but a command start it again.
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
