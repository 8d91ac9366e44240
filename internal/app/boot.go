package app

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Boot is the change of one role on one host from whatever runs there to a new container.
type Boot struct {
	Scope   *config.Scope
	Role    config.Role
	Host    facts.Host
	Version string
	// Token is unique to the run; the names that must not clash are made from it.
	Token string
	// Serving is the alias that the role's route points to, "" if there is no route. It tells
	// which container serves, where more than one runs.
	Serving string
}

func (b Boot) unique() string { return docker.Hash(12, b.Token, b.Host.Name, b.Role.Name) }

// Name is the new container's name.
func (b Boot) Name() string { return Name(b.Scope.Project, b.Role.Name, b.Version) }

// Alias is the new container's name on the proxy's network: short, safe for DNS and never used
// before, so that no route can point to it by accident.
func (b Boot) Alias() string { return "m-" + b.unique() }

// Old is the container that the new one takes over from: the one that serves, else the one
// that was started last among those that run.
func (b Boot) Old() (facts.Container, bool) {
	running := b.running()
	for _, c := range running {
		if b.Serving != "" && c.Alias == b.Serving {
			return c, true
		}
	}
	if len(running) == 0 {
		return facts.Container{}, false
	}
	return slices.MaxFunc(running, func(x, y facts.Container) int { return x.Started.Compare(y.Started) }), true
}

// Stale are the containers that run and should not: leftovers of a run that was killed.
func (b Boot) Stale() []facts.Container {
	old, _ := b.Old()
	return slices.DeleteFunc(b.running(), func(c facts.Container) bool { return c.ID == old.ID })
}

func (b Boot) running() []facts.Container {
	return slices.DeleteFunc(b.Host.Of(b.Role.Name), func(c facts.Container) bool { return !c.Running() })
}

// StopFirst says why the old container must stop before the new one starts, "" when it need
// not.
func (b Boot) StopFirst() string {
	if _, old := b.Old(); !old || b.Role.Order == config.StartFirst {
		return ""
	}
	switch port := fixedPort(b.Role.Options); {
	case b.Role.Order == config.StopFirst:
		return "boot.order is stop_first"
	case docker.HostNetwork(b.Role.Options):
		return "it uses the host's network"
	case port != "":
		return "it publishes port " + port + " of the host"
	}
	return ""
}

// fixedPort is the first host port among the published ones, "" without any.
func fixedPort(options []config.Option) string {
	for _, o := range options {
		if o.Name != "publish" && o.Name != "p" {
			continue
		}
		for _, v := range o.Values {
			if port := hostPort(v); port != "" {
				return port
			}
		}
	}
	return ""
}

// hostPort is the host's part of [[address:]port:]port, "" where docker picks one.
func hostPort(published string) string {
	host := published[:max(strings.LastIndex(published, ":"), 0)]
	return host[strings.LastIndex(host, ":")+1:]
}

// MakeRoom renames a container that has the new one's name already, as it has after a redeploy
// of the same version. Traffic is not moved by that: routes name aliases.
func (b Boot) MakeRoom() []plan.Step {
	at := slices.IndexFunc(b.Host.Containers, func(c facts.Container) bool { return c.Name == b.Name() })
	if at < 0 {
		return nil
	}
	id, aside := b.Host.Containers[at].ID, b.Name()+"_replaced_"+docker.Hash(16, b.Token, b.Host.Containers[at].ID)
	return []plan.Step{{
		Name:     "rename container " + b.Name(),
		Cause:    "a new container of version " + b.Version + " takes its name",
		Run:      docker.Cmd("rename", id, aside),
		Undo:     nameIs(id, b.Name()).Or(docker.Cmd("rename", id, b.Name())),
		UndoName: "rename it back",
		Role:     b.Role.Name,
	}}
}

func nameIs(id, name string) shell.Line {
	inspect := docker.Cmd("inspect", "--format", "{{.Name}}", id)
	return shell.Text("[").Add(inspect.Output(), shell.Raw("="), shell.Lit("/"+name), shell.Raw("]"))
}

// Start runs the new container. It gets a restart policy with Secure: a container that cannot run
// must not be started over and over while it is waited for.
func (b Boot) Start() plan.Step {
	return plan.Step{
		Name:     "start container " + b.Name(),
		Cause:    b.startCause(),
		Run:      b.container().Run(),
		Undo:     docker.Discard.Call(docker.LabelAlias+"="+b.Alias(), b.undoGrace()),
		UndoName: "remove it",
		Role:     b.Role.Name,
		Captured: true,
	}
}

func (b Boot) startCause() string {
	old, runs := b.Old()
	switch {
	case !runs:
		return "no container of role " + b.Role.Name + " runs"
	case old.Version == b.Version:
		return "version " + b.Version + " is deployed again"
	}
	return fmt.Sprintf("version %s takes over from %s", b.Version, old.Version)
}

// undoGrace is how long a new container is given to stop when it is taken back. One behind the
// proxy has no requests then; one that works off a queue may have begun with something.
func (b Boot) undoGrace() string {
	if b.Role.Proxy != nil {
		return "0"
	}
	return seconds(b.Role.StopTimeout)
}

func (b Boot) container() docker.Container {
	return docker.Container{
		Name:     b.Name(),
		Image:    b.Scope.Project.AbsoluteImage(b.Version),
		Hostname: Hostname(b.Host.Name, b.unique()),
		Alias:    b.Alias(),
		Restart:  never,
		Own:      Own(b.Scope.Project, b.Name(), b.Host.Name, b.Version),
		Env:      b.Role.EnvOn(b.Host.Name),
		Labels:   append(b.labels(), b.Role.Labels...),
		Volumes:  b.volumes(),
		Logging:  b.Role.Logging,
		Options:  b.Role.Options,
		Cmd:      b.Role.Cmd,
	}
}

// Own is the environment that mrsk itself gives a container.
func Own(c *config.Project, container, host, version string) []config.Pair {
	own := []config.Pair{
		{Name: "CONTAINER_NAME", Value: container},
		{Name: "VERSION", Value: version},
		{Name: "HOST", Value: host},
	}
	if c.Destination != "" {
		own = append(own, config.Pair{Name: "DESTINATION", Value: c.Destination})
	}
	return c.Prefixed(own...)
}

func (b Boot) labels() []config.Pair {
	labels := []config.Pair{
		{Name: docker.LabelService, Value: b.Scope.Project.Service},
		{Name: docker.LabelRole, Value: b.Role.Name},
		{Name: docker.LabelDestination, Value: b.Scope.Project.Destination},
		{Name: docker.LabelVersion, Value: b.Version},
		{Name: docker.LabelAlias, Value: b.Alias()},
		{Name: docker.LabelPlacement, Value: placement(&b.Scope.Project.Placement)},
	}
	if digest := b.digest(); digest != "" {
		labels = append(labels, config.Pair{Name: docker.LabelDigest, Value: digest})
	}
	return labels
}

// digest is the registry's name for the image, by which another host can fetch the very same.
func (b Boot) digest() string {
	image, _ := FindImage(b.Host, b.Scope.Project.AbsoluteImage(b.Version))
	for _, d := range image.Digests {
		if strings.HasPrefix(d, b.Scope.Project.Repository()+"@") {
			return d
		}
	}
	return ""
}

// FindImage returns the host's image with that reference.
func FindImage(h facts.Host, reference string) (facts.Image, bool) {
	for _, i := range h.Images {
		if slices.Contains(i.Tags, reference) {
			return i, true
		}
	}
	return facts.Image{}, false
}

// AwaitUp waits until the new container is up: healthy where its image has a health check, else
// running for readiness_delay.
func (b Boot) AwaitUp() plan.Step {
	return plan.Step{
		Name:     "wait until " + b.Name() + " is up",
		Kind:     script.AwaitHealthy,
		Cause:    b.awaitCause(),
		Run:      b.awaitUp(b.Name()),
		Role:     b.Role.Name,
		Captured: true,
	}
}

// Confirm fails when the new container, which was up, is no longer.
func (b Boot) Confirm() plan.Step {
	return plan.Step{
		Name:     "confirm that " + b.Name() + " is still up",
		Kind:     script.AwaitHealthy,
		Cause:    "it may have stopped in the meantime",
		Run:      docker.StillUp.Call(b.Name()),
		Role:     b.Role.Name,
		Captured: true,
	}
}

func (b Boot) awaitUp(container string) shell.Line {
	return docker.AwaitUp.Call(container, seconds(b.Scope.Project.ReadinessDelay), seconds(b.Scope.Project.DeployTimeout))
}

func (b Boot) awaitCause() string {
	if b.Role.Proxy != nil {
		return "role " + b.Role.Name + " has a health check of its own"
	}
	return fmt.Sprintf("role %s is not behind the proxy", b.Role.Name)
}

// Secure lets the new container come back after a reboot, before any request goes to it.
func (b Boot) Secure() plan.Step {
	return plan.Step{
		Name:     "restart container " + b.Name() + " with Docker",
		Kind:     script.AwaitHealthy,
		Cause:    "it must come back after a reboot once it gets requests",
		Run:      docker.Keep.Call(docker.LabelAlias+"="+b.Alias(), b.interim()),
		Undo:     docker.RestartPolicy.Call(docker.LabelAlias+"="+b.Alias(), never),
		UndoName: "clear the restart policy",
		Role:     b.Role.Name, Captured: true, VerboseOnly: true,
	}
}

// interim is the restart policy of a container between the switch and the commit. It is never that of
// the role, so that the policy tells whether the host has committed.
func (b Boot) interim() string {
	if b.Role.Restart == always {
		return unlessStopped
	}
	return always
}

// Keep gives the new container the restart policy of its role.
func (b Boot) Keep() plan.Step {
	return plan.Step{
		Name:  "keep container " + b.Name(),
		Kind:  script.AwaitHealthy,
		Cause: "every new container is still healthy",
		Run:   docker.Keep.Call(docker.LabelAlias+"="+b.Alias(), b.Role.Restart),
		Undo:  docker.RestartPolicy.Call(docker.LabelAlias+"="+b.Alias(), b.interim()),
		Role:  b.Role.Name, UndoName: "set the former restart policy", Captured: true,
	}
}

// KeptAs is how the host tells whether it keeps the new container: its label, and the restart policy
// that it has from the commit on.
func (b Boot) KeptAs() []string {
	policy, _, _ := strings.Cut(b.Role.Restart, ":") // docker tells the number of retries apart
	return []string{docker.LabelAlias + "=" + b.Alias(), policy}
}

// Stop stops a container that this deploy has replaced, or one that should not run.
func (b Boot) Stop(c facts.Container, cause string) plan.Step {
	s := Halt(c, b.Role.StopTimeout, cause)
	s.Name = "stop container " + b.nameOf(c)
	return s
}

// nameOf is the container's name as it is after MakeRoom.
func (b Boot) nameOf(c facts.Container) string {
	if c.Name == b.Name() {
		return c.Name + " (the old one)"
	}
	return c.Name
}

// StopForNow is Stop with a way back: the old container is started again and waited for.
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

// TagLatest marks the image as the one deployed last.
func (b Boot) TagLatest() plan.Step {
	return plan.Step{
		Name:       "tag the image as " + b.Scope.Project.LatestTag(),
		Cause:      "version " + b.Version + " is deployed",
		Run:        docker.Cmd("tag", b.Scope.Project.AbsoluteImage(b.Version), b.Scope.Project.AbsoluteImage(b.Scope.Project.LatestTag())),
		BestEffort: true, Captured: true,
	}
}

func seconds(d time.Duration) string {
	return strconv.Itoa(int(cmp.Or(d, 0).Round(time.Second).Seconds()))
}

// Expect refuses to go on when the app's containers on the host are no longer those that the
// plan was made for.
func Expect(c *config.Project, h facts.Host) plan.Step {
	var ids []string
	for _, k := range h.Containers {
		ids = append(ids, k.ID)
	}
	slices.Sort(ids)
	return plan.Step{
		Name:     "check that nothing has changed",
		Kind:     script.Expect,
		Cause:    "the plan is for the containers that were seen",
		Run:      docker.ExpectContainers.Call(strings.Join(ids, " ")).Lits(filters(c, "")...),
		Captured: true, VerboseOnly: true,
	}
}
