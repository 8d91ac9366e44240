package traefik

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// An upgrade takes the place of a proxy that another tool of the family made. Until the ports of
// the host are free, mrsk's proxy runs without them: routes are stored, confirmed and probed as
// they are at any other time. Then a container with the ports, and the same volume, takes over;
// that without them steps aside until the upgrade has come to its end, as the way back leads to it.
const (
	aside   = "mrsk-proxy-interim"
	interim = "interim" // in the place of the hash of its options
)

// Established reports whether mrsk's proxy runs, on its network, and with ports if it is to have them.
func Established(h facts.Host) bool {
	return h.Proxy.Running() && !h.Proxy.Detached && h.Proxy.Config != interim
}

// TakeoverError says why the proxy of a host cannot take over from another one.
func TakeoverError(h facts.Host, run config.ProxyRun) error {
	switch {
	case docker.HostNetwork(run.Options):
		return errors.New("the proxy is to use the host's network, where it cannot run beside the one that has the ports: stop that one, then mrsk proxy boot")
	case Established(h) && Differs(h, run) != "":
		return errors.New(Differs(h, run) + "; mrsk proxy reboot changes it, and then the upgrade can go on")
	}
	return nil
}

// Fetch makes sure of the proxy's image, where the proxy does not run yet.
func Fetch(h facts.Host, run config.ProxyRun) []plan.Step {
	if Established(h) {
		return nil
	}
	return []plan.Step{fetch(run)}
}

// Interim runs the proxy without the host's ports, where it does not run yet.
func Interim(h facts.Host, run config.ProxyRun) []plan.Step {
	if Established(h) {
		return nil
	}
	remove := docker.RemoveContainers.Call(Container, aside)
	return []plan.Step{{
		Name:     "start the proxy without the host's ports",
		Cause:    "its routes are tested before it takes over",
		Run:      remove.And(without(merged(h, run)).Run()).And(awaitProxy.Call()),
		Undo:     remove,
		UndoName: "remove it",
		Captured: true,
	}}
}

// without is the proxy as it runs before it has the ports of the host. It serves the certificates
// that there are, and asks nobody for others, but a port at which nobody listens: the question
// would come back by these ports, and an ACME server counts failures. It keeps no connection open
// behind an answer, so that none has a request on its way when it stops.
func without(run config.ProxyRun) docker.Container {
	const resolver = "certificatesresolvers." + config.ACMEResolver + ".acme."
	run.Publish = false
	run.Args = slices.DeleteFunc(slices.Clone(run.Args), func(a config.Pair) bool {
		return strings.HasPrefix(strings.ToLower(a.Name), "certificatesresolvers.")
	})
	c := container(run, interim)
	c.Args, c.Restart = command(run, options(run, []string{
		"--" + resolver + "storage=/mrsk/" + Storage(run.ACME), "--" + resolver + "caserver=https://127.0.0.1:9/", "--" + resolver + "httpchallenge.entrypoint=http",
		"--entrypoints.http.transport.keepalivemaxrequests=1", "--entrypoints.https.transport.keepalivemaxrequests=1",
	})), "no"
	c.Options = slices.DeleteFunc(slices.Clone(c.Options), func(o config.Option) bool {
		return slices.Contains([]string{"publish", "p", "publish-all", "P", "restart", "ip", "hostname"}, o.Name)
	})
	return c
}

// Join connects a container that another tool made to the proxy's network.
func Join(k facts.Container) []plan.Step {
	if k.Alias != "" {
		return nil
	}
	return []plan.Step{{
		Name:  "connect container " + k.Name + " to the network " + docker.Network,
		Cause: "it was made by another tool",
		// Somebody may have connected it by hand, without that name.
		Run:      docker.LeaveNetwork.Call(docker.Network, k.ID).And(docker.Cmd("network", "connect", "--alias", docker.Adopted(k.ID), docker.Network, k.ID)),
		Undo:     docker.LeaveNetwork.Call(docker.Network, k.ID),
		UndoName: "disconnect it",
		Role:     k.Role, Captured: true,
	}}
}

// Prepare makes the container that is to have the ports. The one without them steps aside.
func Prepare(h facts.Host, run config.ProxyRun) []plan.Step {
	if Established(h) {
		return nil
	}
	return []plan.Step{{
		Name:     "create the proxy's container",
		Cause:    "it shortens the time without a proxy on the ports",
		Run:      docker.Cmd("rename", Container, aside).And(Create(merged(h, run))),
		Undo:     comeBack.Call(aside),
		UndoName: "remove it",
		Captured: true,
	}}
}

// TakeOver stops the former proxies and starts the new one in one go.
func TakeOver(h facts.Host, run config.ProxyRun, formers []facts.Former) plan.Step {
	running := []string{aside, led(h, run)}
	for _, f := range formers {
		if f.Running() {
			running = append(running, f.ID)
		}
	}
	name := Named(formers)
	return plan.Step{
		Name:     "take over from " + name,
		Cause:    "the new proxy serves all that it served",
		Run:      takeOver.Call().Lits(running...),
		Undo:     giveBack.Call().Lits(running...),
		UndoName: "start " + name + " again",
		Captured: true,
	}
}

// led are the ports that the interim proxy can have meanwhile, each behind its address where it has
// one, and with that inside. What comes to a loopback or by IPv6 cannot be led.
func led(h facts.Host, run config.ProxyRun) string {
	if Established(h) || !run.Publish {
		return ""
	}
	var ports []string
	for _, address := range leadable(run.BindIPs) {
		ports = append(ports, fmt.Sprintf("%s%d:80", address, run.HTTPPort))
		if run.HTTPSPort > 0 {
			ports = append(ports, fmt.Sprintf("%s%d:443", address, run.HTTPSPort))
		}
	}
	return strings.Join(ports, " ")
}

// leadable are the addresses, with a colon behind each, or nothing for all of the host's.
func leadable(addresses []string) []string {
	if len(addresses) == 0 {
		return []string{""}
	}
	var all []string
	for _, text := range addresses {
		switch address, err := netip.ParseAddr(text); {
		case err != nil, !address.Is4(), address.IsLoopback():
		case address.IsUnspecified():
			all = append(all, "")
		default:
			all = append(all, text+":")
		}
	}
	return all
}

// Named are the names of proxies in words.
func Named(formers []facts.Former) string {
	name := formers[0].Name
	for _, f := range formers[1:] {
		name += " and " + f.Name
	}
	return name
}

// Retire says that a former proxy will not come back: the restart policy is the mark of that.
func Retire(f facts.Former) plan.Step {
	policy := cmp.Or(f.Restart, "no")
	return plan.Step{
		Name:     "disable " + f.Name,
		Cause:    "the new proxy serves on all hosts",
		Run:      docker.Cmd("update", "--restart", "no", f.ID),
		Undo:     docker.Cmd("update", "--restart", policy, f.ID),
		UndoName: "restore its restart policy",
		Captured: true,
	}
}

// Retired succeeds where the former proxies will not come back.
func Retired(formers []facts.Former) shell.Line {
	line := retired.Call()
	for _, f := range formers {
		line = line.Lits(f.ID)
	}
	return line
}

// ForgetFormers removes what has been taken over, and the container that stood in meanwhile.
func ForgetFormers(formers []facts.Former) []plan.Step {
	var steps []plan.Step
	for _, f := range formers {
		steps = append(steps, plan.Step{Name: "remove " + f.Name, Cause: "the new proxy serves", Run: docker.Cmd("rm", "--force", f.ID), Captured: true, BestEffort: true})
	}
	return append(steps, plan.Step{
		Name: "remove the proxy without ports", Cause: "nothing can lead back to it", Captured: true, BestEffort: true,
		Run: docker.Cmd("stop", "-t", strconv.Itoa(grace+5), aside).Add(shell.Raw("2>/dev/null")).Or(shell.Text(":")).Group().And(docker.RemoveContainers.Call(aside)),
	})
}
