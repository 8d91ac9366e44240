package deploy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// Upgrade is the change of hosts from the proxy of another tool of the family to mrsk's. The
// facts are those with former proxies and accessories.
type Upgrade struct {
	Scope   *config.Scope
	Secrets config.Secrets
	Hosts   []string
	Facts   map[string]facts.Host
	Now     time.Time // certificates that have expired by then are left
}

// The gates of an upgrade.
const (
	gateReady = "gate: on every host the new proxy reaches the app"
	gateTaken = "gate: on every host the new proxy has taken over"
	gateStays = "gate: all hosts keep the new proxy"
)

// UpgradeProxies plans that mrsk's proxy takes the place of the former ones and serves the
// containers that run, which stay as they are. Hosts without a former proxy are left alone.
func UpgradeProxies(u Upgrade) (*plan.Plan, error) {
	p := &plan.Plan{Title: fmt.Sprintf("upgrade the proxy on %s", strings.Join(u.Hosts, ", "))}
	phase := plan.Phase{Name: "upgrade", Rollout: true}
	var errs []error
	var notes hostNotes
	for _, name := range u.Hosts {
		h := u.host(name)
		if len(h.formers) == 0 {
			notes.add(name, hostNote{"no proxy of another tool is on ", ": nothing to do there"})
			continue
		}
		errs = append(errs, h.obstacles()...)
		h.note(&notes)
		phase.Hosts = append(phase.Hosts, plan.Host{Name: name, Stages: h.stages(), Kept: traefik.Retired(h.formers)})
	}
	p.Notes = notes.texts()
	if len(phase.Hosts) > 0 {
		p.Phases = []plan.Phase{phase}
	}
	return p, joined(errs)
}

// upgraded is an upgrade on one host.
type upgraded struct {
	Upgrade
	facts.Host
	proxy   traefik.Settings
	formers []facts.Former
}

func (u Upgrade) host(name string) upgraded {
	h, proxy := u.Facts[name], traefik.SettingsOn(u.Scope.Project, name, u.Secrets)
	h.Name = name
	return upgraded{u, h, proxy, traefik.Formers(h, proxy.ProxyRun)}
}

// target is something behind the proxy, with the container that is to be found by it.
type target struct {
	routed
	container facts.Container // its ID is "" where nothing runs
}

// targets are the roles and accessories of the app that are behind the proxy.
func (u upgraded) targets() []target {
	var all []target
	for _, role := range u.Scope.RolesOn(u.Name) {
		if role.Proxy == nil {
			continue
		}
		serving := traefik.OfRole(u.Scope.Project, role.Name).Serving(u.Host)
		k, _ := app.Boot{Scope: u.Scope, Role: role, Host: u.Host, Serving: serving}.Old()
		route := traefik.ForRole(u.Scope.Project, role, "").With(u.Secrets).ReceivingOn(u.Scope.Project, u.Name)
		all = append(all, target{ofRole(role, route), k})
	}
	for _, a := range u.Scope.Accessories {
		if k := u.Accessory(a.Service).Container; a.On(u.Name) && a.Proxy != nil {
			if !k.Running() {
				k = facts.Container{}
			}
			all = append(all, target{ofAccessory(a, traefik.ForAccessory(a, "").With(u.Secrets)), k})
		}
	}
	for i, s := range all {
		all[i].route.Alias = reachable(s.container)
	}
	return all
}

// reachable is the name of a container on the proxy's network, once it has been connected.
func reachable(k facts.Container) string {
	if k.Alias != "" {
		return k.Alias
	}
	return docker.Adopted(k.ID)
}

// BehindFormerError is what would lose its traffic with a former proxy.
type BehindFormerError struct {
	Host, Proxy string
	Names       []string
}

func (e *BehindFormerError) Error() string {
	return fmt.Sprintf("%s: %s also serves %s, which would no longer get any requests", e.Host, e.Proxy, strings.Join(e.Names, ", "))
}

// Hint says what can be done.
func (e *BehindFormerError) Hint() string {
	return "stop them or move them to another host first; or stop " + e.Proxy + " by hand and deploy every app of the host with mrsk"
}

func (u upgraded) obstacles() []error {
	errs := append(missing(u.Name, u.Host), unfit(u.Name, u.Host)...)
	errs = append(errs, u.proxy.CheckEnv()...)
	if !all(u.Scope, u.Name) {
		errs = append(errs, fmt.Errorf("%s: the proxy of a host changes for all roles there: leave --roles out", u.Name))
	}
	if err := traefik.TakeoverError(u.Host, u.proxy); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", u.Name, err))
	}
	if names := u.strangers(); len(names) > 0 {
		errs = append(errs, &BehindFormerError{u.Name, u.formers[0].Name, names})
	}
	for _, s := range u.targets() {
		errs = append(errs, append(s.taken(u.Scope, u.Host, changing(u.Scope, u.Host)), s.obstacles(u.Name)...)...)
	}
	return errs
}

// strangers are the services that a former proxy may serve and the configuration does not have.
func (u upgraded) strangers() []string {
	var names []string
	for _, o := range traefik.Behind(u.Host, u.formers) {
		ours := o.Service == u.Scope.Project.Service && o.Destination == u.Scope.Project.Destination && o.Role != ""
		for _, a := range u.Scope.Accessories {
			ours = ours || a.Service == o.Service && o.Name == a.Service && a.Proxy != nil
		}
		name := o.Service
		switch {
		case ours:
			continue
		case name == "":
			name = o.Name
		case o.Destination != "":
			name += " (" + o.Destination + ")"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// note adds what a reader of the plan may not expect.
func (u upgraded) note(notes *hostNotes) {
	for _, s := range u.targets() {
		if s.container.ID == "" {
			notes.add(u.Name, hostNote{"nothing of " + s.what.String() + " runs on ", ": it has no route until it is deployed or booted"})
		}
		if _, missing := traefik.Covering(u.left(), s.route.Automatic()); len(missing) > 0 {
			notes.add(u.Name, hostNote{
				fmt.Sprintf("%s has no certificate for %s on ", traefik.Named(u.formers), strings.Join(missing, ", ")),
				": HTTPS clients get an untrusted one until the new proxy has its own",
			})
		}
	}
}

func (u upgraded) stages() []plan.Stage {
	var keep []plan.Step
	for _, f := range u.formers {
		keep = append(keep, traefik.Retire(f))
	}
	finish := traefik.ForgetFormers(u.formers)
	if len(u.carry()) > 0 {
		finish = append(finish, traefik.Carried())
	}
	finish = append(finish, server.Audit("", "Upgraded the proxy"))
	return []plan.Stage{
		{Name: "prepare", Done: "prepared", Steps: u.prepare()},
		{Name: "take over", Done: "taken over", Gate: gateReady, Steps: shared([]plan.Step{traefik.TakeOver(u.Host, u.proxy.ProxyRun, u.formers)})},
		{Name: "keep", Done: "kept", Gate: gateTaken, Commit: true, Steps: keep},
		{Name: "finish", Done: "cleaned up", Gate: gateStays, Steps: shared(finish)},
	}
}

// prepare brings the new proxy up beside the former one, and the app's containers behind it.
func (u upgraded) prepare() []plan.Step {
	steps := []plan.Step{app.Expect(u.Scope.Project, u.Host)}
	steps = append(steps, shared(traefik.Network(u.Host))...)
	steps = append(steps, shared(traefik.Fetch(u.Host, u.proxy.ProxyRun))...)
	steps = append(steps, shared(u.carry())...)
	steps = append(steps, shared(traefik.Interim(u.Host, u.proxy))...)
	steps = append(steps, traefik.Check(u.Host)...)
	for _, k := range u.joining() {
		steps = append(steps, traefik.Join(k)...)
	}
	for _, s := range u.targets() {
		if s.container.ID != "" {
			steps = append(steps, u.lead(s)...)
		}
	}
	return append(steps, shared(traefik.Prepare(u.Host, u.proxy))...)
}

// left are the certificates that the former proxies leave.
func (u upgraded) left() []traefik.Certificate {
	return traefik.Left(u.formers, u.proxy.ProxyRun, u.Now)
}

// carry brings them to the new proxy.
func (u upgraded) carry() []plan.Step {
	var routes []traefik.Route
	for _, s := range u.targets() {
		routes = append(routes, s.route)
	}
	return traefik.Carry(u.Host, u.proxy.ProxyRun, routes, u.left())
}

// joining are the containers that are to find each other on mrsk's network as they did on that of
// the other tool: those of the app, and its accessories.
func (u upgraded) joining() []facts.Container {
	var all []facts.Container
	for _, role := range u.Scope.RolesOn(u.Name) {
		if !role.Isolated() {
			all = append(all, app.Running(u.Host, role.Name)...)
		}
	}
	for _, a := range u.Scope.Accessories {
		seen := u.Accessory(a.Service)
		if a.On(u.Name) && seen.Container.Running() && seen.Config == "" && !a.Isolated() {
			all = append(all, seen.Container)
		}
	}
	return all
}

// lead leads requests to a container that runs, once it has proved that it can be reached.
func (u upgraded) lead(s target) []plan.Step {
	steps := append(s.route.Files(u.Host), s.route.Pass(u.Host)...)
	if s.route.Proxy.Probed() {
		await := s.route.Await(s.container.Name, u.Scope.Project.DeployTimeout)
		await.Cause = "the new proxy must reach it as the old one does"
		steps = append(steps, await)
	}
	to := s.route.Switch(s.container.Name, u.Host, u.drain())
	to.Cause = "the new proxy must serve it from the start"
	return append(steps, to)
}

// drain is short: until the ports have changed hands no request comes this way.
func (u upgraded) drain() time.Duration { return min(u.Scope.Project.DrainTimeout, 10*time.Second) }
