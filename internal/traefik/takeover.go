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

// An upgrade replaces the proxy of Kamal or MRSK. While that one has the ports of the host, mrsk's proxy
// runs without ports, so that routes can be written, confirmed and probed as usual. Then a second
// container with the ports and the same volume takes over. The one without ports is renamed and kept until
// the upgrade ends, because the undo needs it.
const (
	aside   = "mrsk-proxy-interim" // name of the renamed container
	interim = "interim"            // its label instead of the hash of its options
)

// Established reports whether mrsk's proxy runs on its network, with the ports that it should have.
func Established(h facts.Host) bool {
	return working(h.Proxy) && h.Proxy.Config != interim
}

// TakeoverError returns an error if the proxy of a host cannot take over from another one.
func TakeoverError(h facts.Host, s Settings) error {
	switch {
	case docker.HostNetwork(s.Options):
		return errors.New("the proxy uses the host's network, so it cannot run beside the former one; stop that one and run mrsk proxy boot")
	case Established(h) && Differs(h, s) != "":
		return errors.New(Differs(h, s) + "; run mrsk proxy reboot, then the upgrade again")
	}
	return nil
}

// Fetch returns the step that pulls the proxy's image, if the proxy does not run yet.
func Fetch(h facts.Host, run config.ProxyRun) []plan.Step {
	if Established(h) {
		return nil
	}
	return []plan.Step{fetch(run.Image)}
}

// Interim returns the step that runs the proxy without the host's ports, if it does not run yet.
func Interim(h facts.Host, s Settings) []plan.Step {
	if Established(h) {
		return nil
	}
	remove := docker.RemoveContainers.Call(Container, aside)
	return []plan.Step{{
		Name:     "start the proxy without the host's ports",
		Cause:    "its routes are tested before it takes over",
		Run:      remove.And(s.merged(h).withoutPorts().Run()).And(awaitProxy.Call()),
		Undo:     remove,
		UndoName: "remove it",
		Captured: true,
	}}
}

// withoutPorts returns the proxy's container without the ports of the host. It serves existing
// certificates but requests none, since the challenge would arrive at the ports it lacks, and ACME servers
// limit failures: its ACME server is a port on which nothing listens. It closes each connection after one
// request, so that no request is on its way when it stops.
func (s Settings) withoutPorts() docker.Container {
	const resolver = "certificatesresolvers." + config.ACMEResolver + ".acme."
	s.Publish = false
	s.Args = slices.DeleteFunc(slices.Clone(s.Args), func(a config.Pair) bool {
		return strings.HasPrefix(strings.ToLower(a.Name), "certificatesresolvers.")
	})
	c := s.container(interim)
	c.Args, c.Restart = command(s.ProxyRun, options(s.ProxyRun, []string{
		"--" + resolver + "storage=/mrsk/" + Storage(s.ACME), "--" + resolver + "caserver=https://127.0.0.1:9/", "--" + resolver + "httpchallenge.entrypoint=http",
		"--entrypoints.http.transport.keepalivemaxrequests=1", "--entrypoints.https.transport.keepalivemaxrequests=1",
	})), "no"
	c.Options = slices.DeleteFunc(slices.Clone(c.Options), func(o config.Option) bool {
		return slices.Contains([]string{"publish", "p", "publish-all", "P", "restart", "ip", "hostname"}, o.Name)
	})
	return c
}

// Join returns the step that connects a container of another tool to the proxy's network.
func Join(k facts.Container) []plan.Step {
	if k.Alias != "" {
		return nil
	}
	return []plan.Step{{
		Name:  "connect container " + k.Name + " to the network " + docker.Network,
		Cause: "it was made by another tool",
		// It may be connected already, without this alias.
		Run:      docker.LeaveNetwork.Call(docker.Network, k.ID).And(docker.Cmd("network", "connect", "--alias", docker.Adopted(k.ID), docker.Network, k.ID)),
		Undo:     docker.LeaveNetwork.Call(docker.Network, k.ID),
		UndoName: "disconnect it",
		Role:     k.Role, Captured: true,
	}}
}

// Prepare returns the step that renames the container without ports and creates the one with ports.
func Prepare(h facts.Host, s Settings) []plan.Step {
	if Established(h) {
		return nil
	}
	return []plan.Step{{
		Name:     "create the proxy's container",
		Cause:    "it shortens the time without a proxy on the ports",
		Run:      docker.Cmd("rename", Container, aside).And(s.merged(h).create()),
		Undo:     comeBack.Call(aside),
		UndoName: "remove it",
		Captured: true,
	}}
}

// TakeOver returns the step that stops the former proxies and starts the new one.
func TakeOver(h facts.Host, run config.ProxyRun, formers []facts.Former) plan.Step {
	running := []string{aside, forwarded(h, run)}
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

// forwarded returns the ports that can be forwarded to the interim proxy during the takeover, in the form
// [address:]port:port. Ports on a loopback address or of IPv6 cannot be forwarded.
func forwarded(h facts.Host, run config.ProxyRun) string {
	if Established(h) || !run.Publish {
		return ""
	}
	var ports []string
	for _, address := range forwardable(run.BindIPs) {
		ports = append(ports, fmt.Sprintf("%s%d:80", address, run.HTTPPort))
		if run.HTTPSPort > 0 {
			ports = append(ports, fmt.Sprintf("%s%d:443", address, run.HTTPSPort))
		}
	}
	return strings.Join(ports, " ")
}

// forwardable returns the addresses whose ports can be forwarded, each with a colon after it. An empty
// string stands for all addresses of the host.
func forwardable(addresses []string) []string {
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

// Named returns the names of proxies, joined by "and".
func Named(formers []facts.Former) string {
	name := formers[0].Name
	for _, f := range formers[1:] {
		name += " and " + f.Name
	}
	return name
}

// Retire returns the step that marks a former proxy as replaced, by its restart policy.
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

// Retired returns a command that succeeds if the former proxies are marked by Retire.
func Retired(formers []facts.Former) shell.Line {
	line := retired.Call()
	for _, f := range formers {
		line = line.Lits(f.ID)
	}
	return line
}

// ForgetFormers returns the steps that remove the former proxies and the container without ports.
func ForgetFormers(formers []facts.Former) []plan.Step {
	var steps []plan.Step
	for _, f := range formers {
		steps = append(steps, plan.Step{Name: "remove " + f.Name, Cause: "the new proxy serves", Run: docker.Cmd("rm", "--force", f.ID), Captured: true, BestEffort: true})
	}
	return append(steps, plan.Step{
		Name: "remove the proxy without ports", Cause: "the upgrade is complete, so no undo needs it", Captured: true, BestEffort: true,
		Run: docker.Cmd("stop", "-t", strconv.Itoa(grace+5), aside).Add(shell.Raw("2>/dev/null")).Or(shell.Text(":")).Group().And(docker.RemoveContainers.Call(aside)),
	})
}
