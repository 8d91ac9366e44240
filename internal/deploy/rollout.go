// Package deploy composes the steps of the features into plans: a deploy, a rollback, a removal.
// It is pure. The order in which things happen, and what is taken back when something fails, is
// the product itself; it is pinned down by golden files.
package deploy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/docker"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
	"mrsk/internal/traefik"
)

// Request is a rollout to be planned.
type Request struct {
	Scope   *config.Scope // narrowed to the roles and hosts of the run
	Secrets config.Secrets
	Verb    string // deploy, redeploy, rollback, boot: for the title
	Version string
	Token   string // unique to the run
	Facts   map[string]facts.Host
	Release bool // run the release command
	Prune   bool
}

// The gates between the stages.
const (
	gatePrimary   = "gate: a container of the primary role is healthy"
	gateHealthy   = "gate: every new container is healthy"
	gateBatch     = "gate: all hosts of the batch have switched"
	gateSwitched  = "gate: all hosts have switched"
	gateConfirmed = "gate: every new container is still healthy"
	gateKept      = "gate: all hosts keep the new version"
)

// settings are those of the proxy of a host.
func (r Request) settings(host string) traefik.Settings {
	return traefik.SettingsOn(r.Scope.Project, host, r.Secrets)
}

// Rollout plans the change of all roles and hosts to a version. If the rollout cannot succeed, the
// error has all reasons.
func Rollout(r Request) (*plan.Plan, error) {
	if err := r.obstacles(); err != nil {
		return nil, err
	}
	p := &plan.Plan{Title: r.title(), Notes: r.notes(), Questions: r.unserved(), Replaces: true, Changes: r.changes()}
	if r.Release && r.Scope.Project.Release != "" {
		p.Phases = append(p.Phases, r.release())
	}
	p.Phases = append(p.Phases, r.prepare()...)
	batches := r.Scope.Project.Batches(r.Scope.AppHosts())
	for i, hosts := range batches {
		phase := plan.Phase{Name: "roll out", Rollout: true}
		if len(batches) > 1 {
			phase.Batch = i + 1
		}
		for _, name := range hosts {
			phase.Hosts = append(phase.Hosts, plan.Host{Name: name, Stages: r.stages(name, len(batches) > 1), Kept: r.kept(name)})
		}
		p.Phases = append(p.Phases, phase)
	}
	return p, nil
}

func (r Request) title() string {
	name := r.Scope.Project.Service
	if r.Scope.Project.Destination != "" {
		name += " (" + r.Scope.Project.Destination + ")"
	}
	return fmt.Sprintf("%s %s, version %s, on %s", r.Verb, name, r.Version, strings.Join(r.Scope.AppHosts(), ", "))
}

// notes are what a reader of the plan may not expect.
func (r Request) notes() []string {
	var down hostNotes
	for _, b := range r.boots() {
		if why := b.boot.StopFirst(); why != "" {
			down.add(b.boot.Host.Name, hostNote{"role " + b.boot.Role.Name + " is down for a moment on ", ": its old container stops first, because " + why})
		}
	}
	return slices.Concat(r.live(), down.texts(), differing(r.Scope.ProxyHosts(), r.Facts, r.settings), r.departed())
}

// roleBoot is a role's change on a host, with its route if it has one.
type roleBoot struct {
	boot  app.Boot
	route *traefik.Route
}

func (r Request) boots() []roleBoot {
	var all []roleBoot
	for _, host := range r.Scope.AppHosts() {
		all = append(all, r.bootsOn(host)...)
	}
	return all
}

func (r Request) bootsOn(host string) []roleBoot {
	var all []roleBoot
	for _, role := range r.Scope.RolesOn(host) {
		b := app.Boot{
			Scope: r.Scope, Secrets: r.Secrets, Role: role, Host: r.Facts[host], Version: r.Version, Token: r.Token,
			Serving: traefik.OfRole(r.Scope.Project, role.Name).Serving(r.Facts[host]),
		}
		rb := roleBoot{boot: b}
		if role.Proxy != nil {
			route := traefik.ForRole(r.Scope.Project, role, b.Alias()).With(r.Secrets).ReceivingOn(r.Scope.Project, host)
			rb.route = &route
		}
		all = append(all, rb)
	}
	return all
}

// run starts the new container. Its undo removes it, unless requests are still routed to it.
func (b roleBoot) run() plan.Step {
	s := b.boot.Start()
	if b.route != nil {
		s.Undo = b.route.Unrouted(b.boot.Name()).And(s.Undo)
	}
	return s
}

// await waits until the new container is healthy.
func (b roleBoot) await() plan.Step {
	if b.boot.Role.Probed() {
		return b.route.Await(b.boot.Name(), b.boot.Scope.Project.DeployTimeout)
	}
	return b.boot.AwaitUp()
}

// confirm fails if the new container is no longer healthy.
func (b roleBoot) confirm() plan.Step {
	if b.boot.Role.Probed() {
		return b.route.Confirm(b.boot.Name())
	}
	return b.boot.Confirm()
}

// watch fails if the new container does not stay healthy for that long.
func (b roleBoot) watch(long time.Duration) plan.Step {
	if b.boot.Role.Probed() {
		return b.route.Watch(b.boot.Name(), long)
	}
	return b.boot.Watch(long)
}

// survey is the last check, after the commit. Its failure only fails the command.
func (b roleBoot) survey() plan.Step {
	s := b.boot.Confirm()
	if b.boot.Role.Probed() {
		s = b.route.ConfirmOnce(b.boot.Name())
	}
	s.Name, s.Cause, s.Late = "check that "+b.boot.Name()+" still runs", "it may have stopped after the commit", true
	return s
}

// awaitOld is the line that waits for the old container after it was started again.
func (b roleBoot) awaitOld(old facts.Container) shell.Line {
	if !b.boot.Role.Probed() || old.Alias == "" {
		return shell.Line{}
	}
	route := *b.route
	route.Alias = old.Alias
	return route.AwaitLine(old.ID, b.boot.Scope.Project.DeployTimeout)
}

// stages is the work of one host, from the first look to the last clean-up.
func (r Request) stages(host string, batched bool) []plan.Stage {
	boots := r.bootsOn(host)
	held := r.Scope.Project.Boot.Barrier == config.BeforeStart
	ground := r.ground(host)
	if r.prepares(host) {
		ground = ground[:1]
	}
	stages := []plan.Stage{{Name: "start", Done: started(boots), Steps: append(ground, r.start(boots, held, true)...)}}
	if held {
		stages = append(stages, plan.Stage{Name: "start the other roles", Done: "other roles healthy", Gate: gatePrimary, Steps: r.start(boots, held, false)})
	}
	stages = append(stages, plan.Stage{Name: "switch", Done: "switched", Gate: gateHealthy, Steps: r.switchOver(boots)})
	if batched {
		stages = append(stages, plan.Stage{Name: "make room", Done: "old stopped", Gate: gateBatch, Steps: append(r.confirm(boots), r.retire(boots)...)})
	}
	return append(stages,
		plan.Stage{Name: "confirm", Done: "confirmed", Gate: gateSwitched, Together: true, Steps: append(r.confirm(boots), r.watch(boots)...)},
		plan.Stage{Name: "keep", Done: "kept", Gate: gateConfirmed, Commit: true, Steps: r.keep(boots)},
		plan.Stage{Name: "finish", Done: "cleaned up", Gate: gateKept, Steps: r.finish(host, boots, batched)})
}

// kept succeeds when the host's new containers are there to stay.
func (r Request) kept(host string) shell.Line {
	line := docker.Kept.Call()
	for _, b := range r.bootsOn(host) {
		line = line.Lits(b.boot.KeptAs()...)
	}
	return line
}

// ground is what a host needs before any container is started, behind the check that the plan
// holds.
func (r Request) ground(host string) []plan.Step {
	h := r.Facts[host]
	steps := []plan.Step{app.Expect(r.Scope.Project, h)}
	shared := traefik.Network(h)
	if slices.Contains(r.Scope.ProxyHosts(), host) {
		shared = append(shared, traefik.Boot(h, r.settings(host))...)
	}
	for _, s := range shared {
		s.Run = server.Locked(s.Run)
		steps = append(steps, s)
	}
	if slices.Contains(r.Scope.ProxyHosts(), host) {
		steps = append(steps, traefik.Check(h)...)
	}
	for _, b := range r.bootsOn(host) {
		if b.route != nil {
			steps = append(steps, b.route.Pass(h)...)
		}
	}
	return append(steps, r.fetch(h)...)
}

// start runs the new containers and waits for them. With held, primary selects those of the primary
// role or those of the other roles.
func (r Request) start(boots []roleBoot, held, primary bool) []plan.Step {
	var runs, waits []plan.Step
	for _, b := range boots {
		if b.boot.StopFirst() != "" || held && (b.boot.Role.Name == r.Scope.PrimaryRole) != primary {
			continue
		}
		runs = append(runs, r.bring(b)...)
		runs = append(runs, b.boot.MakeRoom()...)
		runs = append(runs, b.run())
		if r.Scope.Project.Boot.ParallelRoles {
			waits = append(waits, b.await())
		} else {
			runs = append(runs, b.await())
		}
	}
	return append(runs, waits...)
}

// started is what is true of a host at the end of the stage start. Containers that replace their old one start later.
func started(boots []roleBoot) string {
	if slices.ContainsFunc(boots, func(b roleBoot) bool { return b.boot.StopFirst() == "" }) {
		return "healthy"
	}
	return "ready"
}

// switchOver routes requests to the new containers. It also replaces the containers of roles whose old
// and new containers cannot run at once. At each step a container to which requests are routed comes back
// after a reboot.
func (r Request) switchOver(boots []roleBoot) []plan.Step {
	var steps []plan.Step
	for _, b := range boots {
		if why := b.boot.StopFirst(); why != "" {
			old, _ := b.boot.Old()
			steps = append(steps, r.bring(b)...)
			steps = append(steps, b.boot.StopBeforeStart(old, why, b.awaitOld(old)))
			steps = append(steps, b.boot.MakeRoom()...)
			steps = append(steps, b.run(), b.await())
		}
	}
	for _, b := range boots {
		steps = append(steps, b.boot.Secure())
	}
	for _, b := range boots {
		if b.route != nil {
			steps = append(steps, b.route.Switch(b.boot.Name(), b.boot.Host, r.Scope.Project.DrainTimeout))
		} else {
			steps = append(steps, traefik.OfRole(r.Scope.Project, b.boot.Role.Name).Remove("the role is no longer behind the proxy", b.boot.Host)...)
		}
	}
	for _, b := range boots {
		if old, _ := b.boot.Old(); b.boot.StopFirst() != "" {
			steps = append(steps, b.boot.StayDown(old)...)
		}
	}
	return steps
}

// confirm checks the proxy and the new containers again: they may have failed in the meantime.
func (r Request) confirm(boots []roleBoot) []plan.Step {
	var steps []plan.Step
	for _, b := range boots {
		if b.route != nil {
			steps = append(steps, b.route.Hold(server.Locked))
		}
		steps = append(steps, b.confirm())
	}
	return steps
}

// watch looks at the new containers for a while. It watches one, and then looks whether the others have stayed up.
// Those that the proxy does not probe are watched at least for about as long as others are confirmed.
func (r Request) watch(boots []roleBoot) []plan.Step {
	long := r.Scope.Project.Boot.Watch
	if long == 0 {
		long = time.Second
		boots = slices.DeleteFunc(slices.Clone(boots), func(b roleBoot) bool { return b.boot.Role.Probed() })
	}
	var steps []plan.Step
	for i, b := range boots {
		if i == 0 {
			steps = append(steps, b.watch(long))
			continue
		}
		s := b.confirm()
		s.Name = "check that " + b.boot.Name() + " has stayed up"
		steps = append(steps, s)
	}
	return steps
}

// retire stops the old containers of a batch before the next batch begins. They stay, and come
// back when a later batch fails.
func (r Request) retire(boots []roleBoot) []plan.Step {
	var steps []plan.Step
	for _, b := range boots {
		old, runs := b.boot.Old()
		if !runs || b.boot.StopFirst() != "" {
			continue
		}
		steps = append(steps, r.drain(b, old)...)
		steps = append(steps, b.boot.StopForNow(old, "the next batch needs its room", b.awaitOld(old)))
	}
	return steps
}

func (r Request) drain(b roleBoot, old facts.Container) []plan.Step {
	if old.Alias == "" || b.route == nil && b.boot.Serving == "" {
		return nil
	}
	return []plan.Step{traefik.OfRole(r.Scope.Project, b.boot.Role.Name).Drain(old.Alias, old.Name, r.Scope.Project.DrainTimeout, b.boot.Host)}
}

func (r Request) keep(boots []roleBoot) []plan.Step {
	var steps []plan.Step
	for _, b := range boots {
		steps = append(steps, b.boot.Keep())
	}
	return steps
}

// fetch gets the image from the registry, by its digest, for a host that does not have it.
func (r Request) fetch(h facts.Host) []plan.Step {
	image := r.Scope.Project.AbsoluteImage(r.Version)
	if _, there := app.FindImage(h, image); there {
		return nil
	}
	digest := r.knownDigest()
	return []plan.Step{{
		Name:     "pull " + digest,
		Cause:    "the host has no image of version " + r.Version,
		Run:      docker.Cmd("pull", "--quiet", digest).And(docker.Cmd("tag", digest, image)),
		Captured: true,
	}}
}

// knownDigest is the digest of the version's image as some host has it, "" if none does. A
// registry on the operator's machine is led to the hosts only while a deploy brings images.
func (r Request) knownDigest() string {
	if r.Scope.Project.Registry.Local() {
		return ""
	}
	for _, name := range r.Scope.AppHosts() {
		image, _ := app.FindImage(r.Facts[name], r.Scope.Project.AbsoluteImage(r.Version))
		for _, d := range image.Digests {
			if strings.HasPrefix(d, r.Scope.Project.Repository()+"@") {
				return d
			}
		}
	}
	return ""
}

// WorkWait is how long a run waits for an earlier one to undo.
func WorkWait(c *config.Scope) time.Duration {
	longest := 10 * time.Second
	for _, role := range c.Roles {
		longest = max(longest, role.StopTimeout)
	}
	return c.Project.DrainTimeout + c.Project.DeployTimeout + longest + 30*time.Second
}
