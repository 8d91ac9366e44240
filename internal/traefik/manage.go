package traefik

import (
	"cmp"
	"strconv"

	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// MissingError reports a host without a proxy.
type MissingError struct{}

func (MissingError) Error() string { return "there is no proxy" }

// Hint names the command that starts one.
func (MissingError) Hint() string { return "run mrsk proxy boot" }

// Stop returns the step that stops the proxy. Clients can then no longer connect to the host.
func Stop(h facts.Host) []plan.Step {
	if !h.Proxy.Running() {
		return nil
	}
	return []plan.Step{{Name: "stop the proxy", Cause: "it runs", Run: stop(), Captured: true}}
}

// stop waits a little longer than the proxy itself waits for requests in flight.
func stop() shell.Line {
	return docker.Cmd("stop", "-t", strconv.Itoa(grace+5), Container)
}

// Start returns the step that starts a stopped proxy. It starts the existing container, even if its
// options differ from the configuration, unless that container is broken. It fails with MissingError if
// there is none.
func Start(h facts.Host, s Settings) ([]plan.Step, error) {
	if h.Proxy.ID == "" {
		return nil, MissingError{}
	}
	cause, anew := fault(h.Proxy)
	if cause == "" {
		return nil, nil
	}
	return []plan.Step{startStep(cause, s.merged(h), anew)}, nil
}

// Restart returns the steps that stop the proxy, if it runs, and start the same container again. It fails
// with MissingError if there is none.
func Restart(h facts.Host, s Settings) ([]plan.Step, error) {
	if h.Proxy.ID == "" {
		return nil, MissingError{}
	}
	cause, anew := fault(h.Proxy)
	if !anew {
		cause = "it is restarted"
	}
	return append(Stop(h), startStep(cause, s.merged(h), anew)), nil
}

// former is the name of the container that a reboot replaces, until the new one serves.
const former = "mrsk-proxy-former"

// Reboot returns the steps that replace the proxy's container by a new one. It pulls the image before it
// stops the old container. If the new one does not serve, as with an option that Traefik does not know, the
// old one runs again. Routes and certificates are in the volume, which stays.
func Reboot(h facts.Host, s Settings) []plan.Step {
	s = s.merged(h)
	steps := append([]plan.Step{fetch(s.Image)}, Stop(h)...)
	if h.Proxy.ID != "" {
		steps = append(steps, plan.Step{
			Name: "rename the proxy's container", Cause: "a new one takes its place", Captured: true,
			Run: docker.RemoveContainers.Call(former).And(docker.Cmd("rename", Container, former)),
		})
	}
	run := s.run().Or(notStarted.Call().Lits(published(s.ProxyRun)...)).Group().And(awaitProxy.Call())
	if h.Proxy.ID != "" {
		run = run.Or(resumeFormer.Call(former)).Group()
	}
	steps = append(steps, plan.Step{Name: "run the proxy", Cause: cmp.Or(Differs(h, s), "a reboot replaces the container"), Run: run, Captured: true})
	if h.Proxy.ID != "" {
		steps = append(steps, plan.Step{
			Name: "remove the former container of the proxy", Cause: "the new one serves", Captured: true, BestEffort: true,
			Run: docker.RemoveContainers.Call(former),
		})
	}
	return steps
}

func fetch(image string) plan.Step {
	return plan.Step{
		Name:     "pull the image " + image,
		Cause:    "the proxy must not be down during the pull",
		Run:      docker.Cmd("image", "inspect", "--format", "{{.ID}}", image).Or(docker.Cmd("pull", "--quiet", image)),
		Captured: true,
	}
}

// Refuse returns the step that fails if apps still have containers behind the proxy.
func Refuse() plan.Step {
	found := shell.Text("_apps=$(behind)").Uses(behind).And(shell.Text(`[ -z "$_apps" ]`))
	return plan.Step{
		Name:     "check that no app uses the proxy",
		Cause:    "the app would be unreachable",
		Run:      found.Or(shell.Text(`{ echo "apps are still behind the proxy:" $_apps >&2; exit 1; }`)),
		Captured: true,
	}
}

// RemoveProxy returns the steps that remove the proxy's container, its image and the network, the last two
// if nothing else uses them. The volume stays: it has certificates, and ACME servers limit how often they
// issue new ones.
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

// RemoveUnused returns the step that removes the proxy with its volume if no app is behind it. Otherwise
// the step changes nothing and prints which apps are.
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

// Forget returns the steps that remove the route's files from the proxy's volume: certificates and error
// pages.
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
		Run:   dropFiles.Call(h.Proxy.Helper).Lits(patterns...),
		Role:  role, BestEffort: true, Captured: true,
	})
}

// Logs returns the command that prints the proxy's log.
func Logs(logs docker.Logs) shell.Line { return logs.Of(shell.Lit(Container)) }
