package deploy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// Accessories is a change of accessories on their hosts.
type Accessories struct {
	Scope   *config.Scope  // narrowed to the accessories and hosts of the run
	Secrets config.Secrets // where something may be started
	Facts   map[string]facts.Host
	Token   string          // unique to the run
	Files   accessory.Files // what may be brought
}

// unit is an accessory on a host, with its route. The route of one that is not behind the proxy
// is there to be removed.
type unit struct {
	accessory.Unit
	route traefik.Route
}

func (a Accessories) unitsOn(host string) []unit {
	var all []unit
	for _, x := range a.Scope.Accessories {
		if !x.On(host) {
			continue
		}
		u := accessory.Unit{
			Accessory: x, Secrets: a.Secrets, Host: a.Facts[host], Token: a.Token, Files: a.Files[x.Name],
			Delay: a.Scope.Project.ReadinessDelay, Timeout: a.Scope.Project.DeployTimeout,
			Own: accessory.Own(a.Scope.Project, host),
		}
		all = append(all, unit{u, traefik.ForAccessory(x, u.Container().Alias).With(a.Secrets)})
	}
	return all
}

// changing are the route files of a host that a run writes.
func (a Accessories) changing(host string) []string {
	var files []string
	for _, x := range a.Scope.AccessoriesOn(host) {
		if x.Proxy != nil {
			files = append(files, traefik.OfAccessory(x).File())
		}
	}
	return files
}

// BootAccessories plans that accessories run: one that the host lacks is started, one that has
// stopped is started again, and one that runs is left as it is, unless it is off its network.
func BootAccessories(a Accessories) (*plan.Plan, error) {
	made := func(u unit) bool { return u.New() || u.Broken() != "" }
	if err := joined([]error{a.obstacles(made), a.unreachable(), a.taken()}); err != nil {
		return nil, err
	}
	p := a.plan("boot", a.started(a.boot))
	p.Notes = append(a.skipped(), a.differing()...)
	return p, nil
}

func (a Accessories) boot(u unit) []plan.Step {
	k := u.Container()
	switch {
	case k.ID == "":
		return a.create(u, "the host has none")
	case u.New():
		return a.create(u, u.Broken())
	case u.Broken() != "":
		return a.replace(u, u.Broken())
	case !k.Running():
		return a.start(u, "it is "+k.State)
	case u.Unfinished():
		return append(a.up(u, k.Alias, k.Restart), u.audit("Booted"))
	}
	return u.lead()
}

// create puts a new container in the place of one that may be there, and has stopped.
func (a Accessories) create(u unit, cause string) []plan.Step {
	steps := u.Prepare()
	if u.Container().ID != "" {
		steps = append(steps, u.Remove("a new one takes its place"))
	}
	steps = append(steps, u.Run(cause))
	steps = append(steps, a.up(u, u.Alias(), "no")...)
	return append(steps, u.audit("Booted"))
}

// start starts the container that is there.
func (a Accessories) start(u unit, cause string) []plan.Step {
	steps := append([]plan.Step{u.Start(cause)}, a.up(u, u.Container().Alias, u.Container().Restart)...)
	return append(steps, u.audit("Started"))
}

// up waits for a container that has been started, lets it come back by itself from then on, and
// leads requests to it.
func (a Accessories) up(u unit, alias, restart string) []plan.Step {
	await := u.AwaitUp()
	u.route.Alias = alias
	steps := []plan.Step{await}
	if u.route.Proxy.Probed() {
		steps = []plan.Step{u.route.Await(u.Accessory.Service, u.Timeout), u.route.Confirm(u.Accessory.Service)}
	}
	steps = append(steps, u.Keep(restart)...)
	if u.Accessory.Proxy == nil {
		return steps
	}
	steps = append(steps, u.route.Files(u.Host)...)
	to := u.route.Switch(u.Accessory.Service, u.Host, a.Scope.Project.DrainTimeout)
	to.Cause = "it is up"
	return append(steps, forward([]plan.Step{to})...)
}

// lead sees to it that requests reach a container that is up.
func (u unit) lead() []plan.Step {
	if u.Accessory.Proxy == nil {
		return nil
	}
	if content, found := u.Host.Route(u.route.File()); found && content == u.route.ContentOn(u.Host) {
		return nil
	}
	to := u.route.Switch(u.Accessory.Service, u.Host, 0)
	to.Cause = "its route is not as the configuration has it"
	return append(u.route.Files(u.Host), forward([]plan.Step{to})...)
}

func (u unit) audit(what string) plan.Step {
	return server.Audit("", what+" accessory "+u.Accessory.Name)
}

// halt takes an accessory out of traffic and stops it.
func (a Accessories) halt(u unit, cause string) []plan.Step {
	steps, k := forward(u.route.Remove(cause, u.Host)), u.Container()
	if serving := u.route.Serving(u.Host); serving != "" && serving == k.Alias && k.Running() {
		steps = append(steps, u.route.Drain(k.Alias, k.Name, a.Scope.Project.DrainTimeout, u.Host))
	}
	if k.Running() {
		steps = append(steps, u.Stop(cause))
	}
	return steps
}

// replace puts a new container in the place of the one that is there.
func (a Accessories) replace(u unit, cause string) []plan.Step {
	if u.Container().ID == "" {
		return a.create(u, "the host has none")
	}
	// What can fail without harm comes before the old container goes.
	steps := append(u.Prepare(), a.halt(u, cause)...)
	steps = append(steps, u.Remove(cause), u.Run(cause))
	steps = append(steps, a.up(u, u.Alias(), "no")...)
	return append(steps, u.audit("Rebooted"))
}

// RebootAccessories plans new containers in the place of those that are there.
func RebootAccessories(a Accessories) (*plan.Plan, error) {
	if err := joined([]error{a.obstacles(func(unit) bool { return true }), a.taken()}); err != nil {
		return nil, err
	}
	replace := func(u unit) []plan.Step { return a.replace(u, "the accessory is rebooted") }
	return a.plan("reboot", a.started(replace)), nil
}

// RestartAccessories plans that accessories stop and start. A container whose image or
// configuration is no longer that of today, or that is broken, is replaced by a new one.
func RestartAccessories(a Accessories) (*plan.Plan, error) {
	outdated := func(u unit) string { return cmp.Or(u.Broken(), u.Differs()) }
	if err := joined([]error{a.obstacles(func(u unit) bool { return outdated(u) != "" }), a.absent(), a.taken()}); err != nil {
		return nil, err
	}
	p := a.plan("restart", a.started(func(u unit) []plan.Step {
		if why := outdated(u); why != "" {
			return a.replace(u, why)
		}
		return append(a.halt(u, "it is restarted"), a.start(u, "it is restarted")...)
	}))
	p.Notes = a.replaced()
	return p, nil
}

// StartAccessories plans that the containers that are there run. A new one takes the place of one that
// never ran, because Docker may start that one without its network.
func StartAccessories(a Accessories) (*plan.Plan, error) {
	if err := joined([]error{a.obstacles(unit.New), a.absent(), a.unreachable(), a.taken()}); err != nil {
		return nil, err
	}
	return a.plan("start", a.started(func(u unit) []plan.Step {
		switch k := u.Container(); {
		case u.New():
			return a.create(u, u.Broken())
		case !k.Running():
			return a.start(u, "it is "+k.State)
		}
		return u.lead()
	})), nil
}

// StopAccessories plans that no container of the accessories runs.
func StopAccessories(a Accessories) *plan.Plan {
	return a.plan("stop", a.each(func(u unit) []plan.Step {
		steps := a.halt(u, "the accessory is stopped")
		if len(steps) > 0 {
			steps = append(steps, u.audit("Stopped"))
		}
		return steps
	}))
}

// RemoveAccessories plans that nothing of the accessories is left on the hosts, but for what they
// have in volumes and at absolute paths; with keepData their folders stay, too.
func RemoveAccessories(a Accessories, keepData bool) *plan.Plan {
	const cause = "it is removed"
	p := a.plan("remove", a.each(func(u unit) []plan.Step {
		steps := append(a.halt(u, cause), u.route.Forget(cause, u.Host)...)
		if u.Container().ID != "" {
			steps = append(steps, u.Remove(cause))
		}
		if !keepData {
			steps = append(steps, u.RemoveFolder(cause)...)
		}
		if steps = append(steps, u.RemoveImage(cause)...); len(steps) > 0 {
			steps = append(steps, u.audit("Removed"))
		}
		return steps
	}))
	p.Notes = a.volumes()
	return p
}

func (a Accessories) plan(verb string, steps func(facts.Host) []plan.Step) *plan.Plan {
	hosts := a.Scope.AccessoryHosts()
	return &plan.Plan{
		Title:  fmt.Sprintf("%s %s on %s", verb, a.named(), strings.Join(hosts, ", ")),
		Phases: []plan.Phase{phaseOn(verb, hosts, a.Facts, steps)},
	}
}

// each are the steps of a host: those of all its accessories, one after the other.
func (a Accessories) each(of func(unit) []plan.Step) func(facts.Host) []plan.Step {
	return func(h facts.Host) []plan.Step {
		var steps []plan.Step
		var seen []accessory.Unit
		for _, u := range a.unitsOn(h.Name) {
			steps = append(steps, of(u)...)
			seen = append(seen, u.Unit)
		}
		if len(steps) == 0 {
			return nil
		}
		return append([]plan.Step{accessory.Expect(seen)}, steps...)
	}
}

// started is each for what may start containers: the network and the proxy come first.
func (a Accessories) started(of func(unit) []plan.Step) func(facts.Host) []plan.Step {
	return func(h facts.Host) []plan.Step {
		steps := a.each(of)(h)
		if len(steps) == 0 {
			return nil
		}
		return append(a.ground(h), steps...)
	}
}

// named are the accessories of the run, as people say it.
func (a Accessories) named() string {
	var names []string
	for _, x := range a.Scope.Accessories {
		if len(x.Hosts) > 0 {
			names = append(names, x.Name)
		}
	}
	if len(names) == 1 {
		return "accessory " + names[0]
	}
	return "accessories " + strings.Join(names, ", ")
}

// ground makes sure of the network and the proxy.
func (a Accessories) ground(h facts.Host) []plan.Step {
	var steps []plan.Step
	units := a.unitsOn(h.Name)
	if slices.ContainsFunc(units, func(u unit) bool { return u.NeedsNetwork() }) {
		steps = append(steps, traefik.Network(h)...)
	}
	if slices.ContainsFunc(units, func(u unit) bool { return u.Accessory.Proxy != nil }) {
		steps = append(steps, traefik.Boot(h, traefik.SettingsOn(a.Scope.Project, h.Name, a.Secrets))...)
	}
	return shared(steps)
}
