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
	Secrets config.Secrets // that Start needs
	Role    config.Role
	Host    facts.Host
	Version string
	// Token is unique to the run. Names that must not clash derive from it.
	Token string
	// Serving is the alias of the container that gets requests, "" if the role has no route. If
	// several containers run, it tells which one is current.
	Serving string
}

func (b Boot) unique() string { return docker.Hash(12, b.Token, b.Host.Name, b.Role.Name) }

// Name returns the new container's name.
func (b Boot) Name() string { return ContainerName(b.Scope.Project, b.Role.Name, b.Version) }

// Alias returns the new container's name on the proxy's network. It is valid in DNS, and no container had
// it before, so no old route leads to it.
func (b Boot) Alias() string { return "m-" + b.unique() }

// Old returns the container that the new one replaces: the one that gets requests, or else the running one
// that was started last.
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

// Stale returns running containers other than Old, which a killed run left.
func (b Boot) Stale() []facts.Container {
	old, _ := b.Old()
	return slices.DeleteFunc(b.running(), func(c facts.Container) bool { return c.ID == old.ID })
}

func (b Boot) running() []facts.Container {
	return slices.DeleteFunc(b.Host.Of(b.Role.Name), func(c facts.Container) bool { return !c.Running() })
}

// StopFirst returns why the old container must stop before the new one starts, or "" if both can run.
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

// fixedPort returns the first fixed host port that the options publish, or "".
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

// hostPort returns the host's port in [[address:]port:]port, or "" if docker picks one.
func hostPort(published string) string {
	host := published[:max(strings.LastIndex(published, ":"), 0)]
	return host[strings.LastIndex(host, ":")+1:]
}

// MakeRoom returns the step that renames a container which has the new one's name, as when the same version
// is deployed again. Requests are not affected, because routes use aliases.
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

// Start returns the step that runs the new container. Its restart policy is "no" until Secure. Otherwise
// docker would restart a broken container again and again while mrsk waits for it.
func (b Boot) Start() plan.Step {
	return plan.Step{
		Name:     "start container " + b.Name(),
		Cause:    b.startCause(),
		Run:      b.container().Start(),
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

// undoGrace returns the stop timeout of a new container in the undo, in seconds. A container behind the
// proxy has no requests at that time. Another one, such as a worker, may be working.
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
		Env:      b.Secrets.Env(b.Role.EnvOn(b.Host.Name)),
		Labels:   b.containerLabels(),
		Volumes:  b.volumes(),
		Logging:  b.Role.Logging,
		Options:  b.Role.Options,
		Cmd:      b.Role.Cmd,
	}
}

// Own returns the variables that mrsk itself sets in a container.
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

// containerLabels are the labels of the new container.
func (b Boot) containerLabels() []config.Pair {
	labels := b.labels()
	if settings := b.settings(); settings != "" {
		labels = append(labels, config.Pair{Name: docker.LabelSettings, Value: settings})
	}
	return append(labels, b.Role.Labels...)
}

// labels are those of all that belongs to the new container.
func (b Boot) labels() []config.Pair {
	labels := []config.Pair{
		{Name: docker.LabelService, Value: b.Scope.Project.Service},
		{Name: docker.LabelRole, Value: b.Role.Name},
		{Name: docker.LabelDestination, Value: b.Scope.Project.Destination},
		{Name: docker.LabelVersion, Value: b.Version},
		{Name: docker.LabelAlias, Value: b.Alias()},
	}
	for _, optional := range []config.Pair{
		{Name: docker.LabelPlacement, Value: placement(&b.Scope.Project.Placement)},
		{Name: docker.LabelDigest, Value: b.digest()},
	} {
		if optional.Value != "" {
			labels = append(labels, optional)
		}
	}
	return labels
}

// digest returns the image's name with its digest in the registry, by which another host can pull exactly
// the same image. It is empty if docker does not know it.
func (b Boot) digest() string {
	image, _ := FindImage(b.Host, b.Scope.Project.AbsoluteImage(b.Version))
	for _, d := range image.Digests {
		if strings.HasPrefix(d, b.Scope.Project.Repository()+"@") {
			return d
		}
	}
	return ""
}

// FindImage returns the host's image that has the tag reference.
func FindImage(h facts.Host, reference string) (facts.Image, bool) {
	for _, i := range h.Images {
		if slices.Contains(i.Tags, reference) {
			return i, true
		}
	}
	return facts.Image{}, false
}

// AwaitUp returns the step that waits until the new container is up: healthy if docker checks its health,
// or else running for readiness_delay.
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

// Confirm returns the step that fails if the new container is no longer up.
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

// Watch returns the step that looks once a second, for that long, whether the new container is still up.
func (b Boot) Watch(long time.Duration) plan.Step {
	return plan.Step{
		Name:     "watch " + b.Name() + " for " + seconds(long) + " s",
		Kind:     script.AwaitHealthy,
		Cause:    "it must stay up",
		Run:      docker.WatchUp.Call(seconds(long), b.Name()),
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

// Secure returns the step that sets the interim restart policy. It runs before the first request, so that
// the container comes back if the host reboots.
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

// interim returns the restart policy of a container between the switch and the commit. It always differs
// from the policy of the role, so the policy shows whether the host has committed.
func (b Boot) interim() string {
	if b.Role.Restart == always {
		return unlessStopped
	}
	return always
}

// Keep returns the step that sets the restart policy of the role. This is the commit of the container.
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

// KeptAs returns a label of the new container and the restart policy that it has after the commit. By them
// a host reports whether it has committed.
func (b Boot) KeptAs() []string {
	policy, _, _ := strings.Cut(b.Role.Restart, ":") // docker reports the number of retries separately
	return []string{docker.LabelAlias + "=" + b.Alias(), policy}
}

// TagLatest returns the step that tags the image as the one deployed last.
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

// Expect returns the step that fails if the app's containers on the host are no longer those of the plan.
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
