package traefik

import (
	"cmp"
	"strconv"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// MissingError is a host without a proxy.
type MissingError struct{}

func (MissingError) Error() string { return "there is no proxy" }

// Hint names the command that makes one.
func (MissingError) Hint() string { return "mrsk proxy boot" }

// Stop stops the proxy: clients can no longer connect to the host.
func Stop(h facts.Host) []plan.Step {
	if !h.Proxy.Running() {
		return nil
	}
	return []plan.Step{{Name: "stop the proxy", Cause: "it runs", Run: stop(), Captured: true}}
}

// stop leaves requests in flight as long as the proxy itself does, and a little more.
func stop() shell.Line {
	return docker.Cmd("stop", "-t", strconv.Itoa(grace+5), Container)
}

// Start starts a proxy that does not serve: the container that is there, however it was run, unless
// that is broken.
func Start(h facts.Host, run config.ProxyRun) ([]plan.Step, error) {
	if h.Proxy.ID == "" {
		return nil, MissingError{}
	}
	cause, anew := fault(h.Proxy)
	if cause == "" {
		return nil, nil
	}
	return []plan.Step{raise(cause, merged(h, run), anew)}, nil
}

// Restart stops the proxy, if it runs, and starts the same container again.
func Restart(h facts.Host, run config.ProxyRun) ([]plan.Step, error) {
	if h.Proxy.ID == "" {
		return nil, MissingError{}
	}
	cause, anew := fault(h.Proxy)
	if !anew {
		cause = "it is restarted"
	}
	return append(Stop(h), raise(cause, merged(h, run), anew)), nil
}

// Reboot puts a new proxy container in the place of the one that is there. Its image is fetched
// before the old one stops. Routes and certificates are in its volume, and stay.
func Reboot(h facts.Host, run config.ProxyRun) []plan.Step {
	run = merged(h, run)
	steps := append([]plan.Step{fetch(run)}, Stop(h)...)
	if h.Proxy.ID != "" {
		steps = append(steps, plan.Step{Name: "remove the proxy's container", Cause: "a new one takes its place", Run: docker.Cmd("rm", "--force", Container), Captured: true})
	}
	return append(steps, plan.Step{
		Name:     "run the proxy",
		Cause:    cmp.Or(Differs(h, run), "a new container is asked for"),
		Run:      Run(run).Or(notStarted.Call().Lits(published(run)...)).Group().And(awaitProxy.Call()),
		Captured: true,
	})
}

func fetch(run config.ProxyRun) plan.Step {
	return plan.Step{
		Name:     "pull the image " + run.Image,
		Cause:    "the proxy must not be down meanwhile",
		Run:      docker.Cmd("image", "inspect", "--format", "{{.ID}}", run.Image).Or(docker.Cmd("pull", "--quiet", run.Image)),
		Captured: true,
	}
}

// Refuse fails on the host when apps still have containers behind the proxy there.
func Refuse() plan.Step {
	found := shell.Text("_apps=$(behind)").Uses(behind).And(shell.Text(`[ -z "$_apps" ]`))
	return plan.Step{
		Name:     "check that no app uses the proxy",
		Cause:    "the app would be unreachable",
		Run:      found.Or(shell.Text(`{ echo "apps are still behind the proxy:" $_apps >&2; exit 1; }`)),
		Captured: true,
	}
}

// RemoveProxy removes the proxy's container, the network and the image, if nothing else uses
// them. The volume stays: it holds certificates, which cannot be had again at will.
func RemoveProxy(h facts.Host, cause string) []plan.Step {
	steps := Stop(h)
	if h.Proxy.ID != "" {
		steps = append(steps,
			plan.Step{Name: "remove the proxy's container", Cause: cause, Run: docker.Cmd("rm", "--force", Container), Captured: true},
			plan.Step{Name: "remove the image " + h.Proxy.Image, Cause: cause, Run: docker.Cmd("image", "rm", h.Proxy.Image), BestEffort: true, Captured: true})
	}
	if h.Network {
		steps = append(steps, plan.Step{Name: "remove the network " + docker.Network, Cause: cause, Run: docker.Cmd("network", "rm", docker.Network), BestEffort: true, Captured: true})
	}
	return steps
}

// RemoveUnused is RemoveProxy with the volume, where no app is left behind the proxy; else it
// leaves everything as it is and says so.
func RemoveUnused(h facts.Host) []plan.Step {
	if h.Proxy.ID == "" && !h.Network {
		return nil
	}
	var all shell.Line
	for _, s := range RemoveProxy(h, "") {
		run := s.Run
		if s.BestEffort {
			run = run.Or(shell.Text(":")).Group()
		}
		all = all.And(run)
	}
	all = all.And(docker.Cmd("volume", "rm", "--force", Container))
	lone := shell.Text(`_apps=$(behind) && if [ -n "$_apps" ]; then echo "the proxy stays for" $_apps; else `).Uses(behind)
	return []plan.Step{{
		Name:  "remove the proxy unless other apps use it",
		Cause: "the app is removed",
		Run:   lone.Add(all.Inline(), shell.Raw("\nfi")),
	}}
}

// Forget removes what was brought for the route.
func (r Route) Forget(cause string, h facts.Host) []plan.Step {
	var patterns []string
	if r.Proxy != nil && r.Proxy.SSL.Custom() {
		patterns = append(patterns, "certs/"+r.base()+separator+"????????????.*")
	}
	if r.Proxy != nil && r.ErrorPages.Path != "" {
		patterns = append(patterns, r.pagePattern())
	}
	steps := Route{Owner: r.Owner}.Unshare(h)
	if len(patterns) == 0 || h.Proxy.ID == "" {
		return steps
	}
	what, role := r.String(), r.role
	return append(steps, plan.Step{
		Name:  "remove the files of " + what + " in the proxy's volume",
		Cause: cause,
		Run:   dropFiles.Call().Lits(patterns...),
		Role:  role, BestEffort: true, Captured: true,
	})
}

// Logs shows the proxy's log.
func Logs(logs docker.Logs) shell.Line { return logs.Of(shell.Lit(Container)) }
