package traefik

import (
	"cmp"
	"fmt"
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

// Network returns the step that creates the network of the proxy and the containers, if it is missing.
func Network(h facts.Host) []plan.Step {
	if h.Network {
		return nil
	}
	exists := shell.Text(`[ -n "$(docker network ls --quiet --filter name=^` + docker.Network + `$)" ]`).Uses(docker.Client)
	return []plan.Step{{
		Name:     "create the network " + docker.Network,
		Cause:    "the host has none",
		Run:      exists.Or(docker.Cmd("network", "create", docker.Network)).Or(exists),
		Captured: true,
	}}
}

// Boot returns the step that makes the proxy run on its network, if it does not. It starts a stopped
// container, and runs a new one if there is none or the existing one is broken. The step has no undo: a
// proxy without routes does no harm, and other apps may already use it.
func Boot(h facts.Host, s Settings) []plan.Step {
	s = s.merged(h)
	cause, anew := fault(h.Proxy)
	switch {
	case cause == "":
		return nil
	case !anew && h.Proxy.ID != "" && h.Proxy.Config != s.hash():
		cause, anew = cause+" and its options differ from the configuration", true
	}
	return []plan.Step{startStep(cause, s, anew)}
}

// fault returns why the proxy does not work, or "" if it does. anew reports whether it needs a new
// container.
func fault(p facts.Proxy) (cause string, anew bool) {
	switch {
	case p.ID == "":
		return "the host has none", false
	case p.Detached:
		return "it runs without the network " + docker.Network + ", so it reaches no container", true
	case p.State == "created":
		return "it has never been started", true
	case !p.Running():
		return "it is " + p.State, false
	}
	return "", false
}

// startStep returns the step that starts the proxy: the existing container or, with anew, a new one that
// replaces it. If the container cannot be started, the step removes it, unless it ran before and another
// process now has its ports.
func startStep(cause string, s Settings, anew bool) plan.Step {
	ports := published(s.ProxyRun)
	there := resumeProxy.Call().Or(replaceable.Call().Lits(ports...).And(s.run()).Group())
	if anew {
		there = docker.RemoveContainers.Call(Container).And(s.run())
	}
	failed := notStarted.Call().Lits(ports...).Or(hindered.Call(formerProxy, formerTraefik))
	return plan.Step{
		Name: "start the proxy", Cause: cause, Captured: true,
		Run: there.Or(failed.Group()).Group().And(awaitProxy.Call()),
	}
}

// published returns the ports of the host that the proxy needs.
func published(run config.ProxyRun) []string {
	var ports []string
	if run.Publish {
		ports = append(ports, strconv.Itoa(run.HTTPPort))
	}
	if run.Publish && run.HTTPSPort > 0 {
		ports = append(ports, strconv.Itoa(run.HTTPSPort))
	}
	return ports
}

// Booted returns the facts of the host as they are after the steps of Network and Boot.
func Booted(h facts.Host, s Settings) facts.Host {
	h.Network = true
	cause, anew := fault(h.Proxy)
	if cause == "" {
		return h
	}
	if anew || h.Proxy.ID == "" || h.Proxy.Config != s.hash() {
		h.Proxy = facts.Proxy{ID: Container, Image: s.Image, Config: s.hash(), Client: true}
	}
	h.Proxy.State = "running"
	return h
}

// Differs returns how the running proxy differs from the configuration, or "". Only mrsk proxy reboot
// changes it, because a reboot interrupts all apps and the operator must choose the time.
func Differs(h facts.Host, s Settings) string {
	switch why := ImageDiffers(h, s.ProxyRun); {
	case why != "" || !working(h.Proxy):
		return why
	case h.Proxy.Config != s.merged(h).hash():
		return "the proxy runs with options that differ from the configuration"
	}
	return ""
}

// ImageDiffers is Differs for the image alone, which takes no secrets.
func ImageDiffers(h facts.Host, run config.ProxyRun) string {
	if !working(h.Proxy) || h.Proxy.Image == run.Image {
		return ""
	}
	return fmt.Sprintf("the proxy runs %s and the configuration says %s", h.Proxy.Image, run.Image)
}

func working(p facts.Proxy) bool { return p.Running() && !p.Detached }

// Check returns the step that tests whether the proxy still applies changes, if a route file looks broken.
// The test runs before new containers start and not at the switch.
func Check(h facts.Host) []plan.Step {
	troubles := Troubles(h)
	if len(troubles) == 0 {
		return nil
	}
	var why []string
	for _, t := range troubles {
		why = append(why, fmt.Sprintf("%s: %v", t.File, t.Err))
	}
	return []plan.Step{{
		Name:  "check that the proxy takes routes",
		Cause: "the route file " + strings.Join(why, "; ") + " may be broken",
		Run:   checkRoutes.Call(strings.Join(why, "; ")),
	}}
}

// Await returns the step that waits until the new container answers its health check.
func (r Route) Await(container string, timeout time.Duration) plan.Step {
	p := r.Proxy
	role := r.role
	return plan.Step{
		Name:     "wait until " + container + " is healthy",
		Kind:     script.AwaitHealthy,
		Cause:    fmt.Sprintf("GET %s on port %d must answer 2xx before it gets requests", p.Healthcheck.Path, p.AppPort),
		Run:      r.AwaitLine(container, timeout),
		Role:     role,
		Captured: true,
	}
}

// Confirm returns the step that checks a healthy container once more: it must give five healthy answers in
// a row over a second, in two rounds. A container may exit, or fail every other request, after its first
// answer.
func (r Route) Confirm(container string) plan.Step {
	return r.confirm("confirm that "+container+" is still healthy", container, 2, 5)
}

// ConfirmOnce is Confirm with a single answer.
func (r Route) ConfirmOnce(container string) plan.Step {
	return r.confirm("check that "+container+" still runs", container, 1, 1)
}

func (r Route) confirm(name, container string, rounds, times int) plan.Step {
	return plan.Step{
		Name:     name,
		Kind:     script.AwaitHealthy,
		Cause:    "it may have stopped, or may fail some requests",
		Run:      confirmAnswer.Call(strconv.Itoa(rounds), strconv.Itoa(times), container).Lits(r.endpoint()...),
		Role:     r.role,
		Captured: true,
	}
}

// Watch returns the step that checks a healthy container once a second for that long.
func (r Route) Watch(container string, long time.Duration) plan.Step {
	return plan.Step{
		Name:     "watch " + container + " for " + seconds(long) + " s",
		Kind:     script.AwaitHealthy,
		Cause:    "it serves requests already, and must stay healthy",
		Run:      watchAnswer.Call(seconds(long), container).Lits(r.endpoint()...),
		Role:     r.role,
		Captured: true,
	}
}

// Hold returns the step that checks that the proxy still serves the route after the switch. If the proxy
// has stopped since, the step starts it, because without it no app of the host can be reached. locked
// wraps a command in the host lock.
func (r Route) Hold(locked func(shell.Line) shell.Line) plan.Step {
	what, role := r.String(), r.role
	recovered := locked(recoverProxy.Call()).And(inside(inProxy, insideConfirm, r.Router(), r.Service()))
	return plan.Step{
		Name:  "check that the proxy serves " + what,
		Cause: "it may have stopped since it confirmed the route",
		Run:   serves.Call(r.Router(), r.Service()).Or(recovered.Group()),
		Role:  role, Captured: true, VerboseOnly: true,
	}
}

// AwaitLine returns the command of Await's step.
func (r Route) AwaitLine(container string, timeout time.Duration) shell.Line {
	return awaitAnswer.Call(seconds(r.Proxy.Healthcheck.Interval), seconds(timeout), container).Lits(r.endpoint()...)
}

// endpoint returns the words that say where and how to ask a container for its health, ENDPOINT… of the shell
// functions.
func (r Route) endpoint() []string {
	check := r.Proxy.Healthcheck
	return []string{r.Alias, strconv.Itoa(r.Proxy.AppPort), check.Path, r.hostHeader(), seconds(check.Timeout), r.protoHeader()}
}

func (r Route) hostHeader() string {
	if len(r.Proxy.Hosts) == 0 {
		return "localhost"
	}
	return strings.Replace(r.Proxy.Hosts[0], "*", "www", 1)
}

// protoHeader returns a header for probes of an app with ssl. Without it, an app that redirects HTTP to
// HTTPS would answer with a redirect.
func (r Route) protoHeader() string {
	if r.Proxy.SSL.Enabled {
		return "X-Forwarded-Proto: https"
	}
	return ""
}

// Certificate returns the step that copies the role's own certificate into the proxy's volume.
func (r Route) Certificate() []plan.Step {
	if !r.Proxy.SSL.Custom() {
		return nil
	}
	ssl, name := r.Proxy.SSL, r.certificate()
	what, role := r.String(), r.role
	put := func(ending string, s config.SecretRef) shell.Line {
		return shell.Cmd("printf", `%s\n`).Add(shell.Secret(r.secrets.Of(s))).Pipe(inside(intoProxy, insideStore, name+ending))
	}
	return []plan.Step{{
		Name:  "copy the certificate of " + what,
		Cause: "proxy.ssl names one",
		Run:   put(".crt", ssl.Certificate).And(put(".key", ssl.PrivateKey)),
		Role:  role, Captured: true,
	}}
}

// Unrouted returns a command that fails if the proxy sends requests to the new container. If an undo could
// not switch back, it must not remove that container.
func (r Route) Unrouted(container string) shell.Line {
	return unrouted.Call(r.Router(), r.Service(), container)
}

// Switch returns the step that routes the role's requests to the new container. Its undo restores the
// former route, also while the proxy does not run, and waits until the new container has no open requests.
func (r Route) Switch(container string, h facts.Host, drain time.Duration) plan.Step {
	own := r.File()
	role := r.role
	s := plan.Step{
		Name:     "switch requests to " + container,
		Cause:    "every new container is healthy",
		Run:      setRoute.Call(own, r.Router(), r.Service(), r.ContentOn(h)),
		Role:     role,
		Captured: true,
	}
	drained := drained(r.Alias, r.Content(), drain)
	content, found := h.Route(own)
	if service := r.leading(content); found && service != "" {
		s.Undo = restoreRoute.Call(own, r.Router(), service, h.Proxy.Helper, readable(content)).And(drained)
		s.UndoName = "switch back and wait until its requests have ended"
	} else if found {
		// mrsk did not write this file, so the undo restores it byte by byte.
		s.Undo = putRoute.Call(own, h.Proxy.Helper, content).And(drained)
		s.UndoName = "restore the route file"
	} else {
		s.Undo = unsetRoute.Call(own, r.Router(), h.Proxy.Helper).And(drained)
		s.UndoName = "remove the route and wait until its requests have ended"
	}
	return s
}

// leading returns the service to which a route file sends the role's requests, or "" if mrsk did not write
// the file.
func (o Owner) leading(content string) string {
	f, err := decode(content)
	if err != nil {
		return ""
	}
	return f.HTTP.Routers[o.Router()].Service
}

// Drain returns the step that waits until a container that no longer gets requests has answered those in
// flight.
func (o Owner) Drain(alias, container string, timeout time.Duration, h facts.Host) plan.Step {
	content, _ := h.Route(o.File())
	return plan.Step{
		Name:       "wait until " + container + " has answered its requests",
		Cause:      "requests in flight may take up to " + timeout.String() + " to finish",
		Run:        drained(alias, content, timeout),
		Role:       o.role,
		BestEffort: true,
		Captured:   true,
	}
}

// drained returns the command that waits until the proxy has no connection to the container. A route with
// buffering holds requests before it connects, so then the command also waits for all clients that are
// connected at that time.
func drained(alias, content string, timeout time.Duration) shell.Line {
	line := drain.Call(alias, seconds(timeout))
	if f, err := decode(content); err == nil && f.buffers() {
		line = line.Lits("held")
	}
	return line
}

func (f file) buffers() bool {
	for _, m := range f.HTTP.Middlewares {
		if m.Buffering != nil {
			return true
		}
	}
	return false
}

// Remove returns the step that removes the route. Its requests then get 502.
func (o Owner) Remove(cause string, h facts.Host) []plan.Step {
	content, found := h.Route(o.File())
	if !found {
		return nil
	}
	what, role := o.String(), o.role
	s := plan.Step{
		Name:  "remove the route of " + what,
		Cause: cause,
		Run:   unsetRoute.Call(o.File(), o.Router(), h.Proxy.Helper),
		Role:  role, Captured: true,
	}
	if service := o.leading(content); service != "" {
		s.Undo = restoreRoute.Call(o.File(), o.Router(), service, h.Proxy.Helper, readable(content))
		s.UndoName = "put it back"
	}
	return []plan.Step{s}
}

func seconds(d time.Duration) string {
	return strconv.Itoa(int(max(cmp.Or(d.Round(time.Second), time.Second), time.Second).Seconds()))
}

// HelperImage returns a shell word that expands to the image of the proxy. It is used for helper
// containers, which need an image with a shell.
func HelperImage() shell.Word {
	return docker.Cmd("inspect", "--type", "container", "--format", "{{.Image}}", Container).Output()
}
