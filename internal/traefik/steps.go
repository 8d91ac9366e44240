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

// Network makes the network that joins the proxy and the containers.
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

// Boot makes the proxy run on its network: it starts a container that is stopped, and runs one where
// there is none or where the one that is there is broken. It has no undo: a proxy without routes does
// no harm, and other apps may use it by then.
func Boot(h facts.Host, run config.ProxyRun) []plan.Step {
	run = merged(h, run)
	cause, anew := fault(h.Proxy)
	switch {
	case cause == "":
		return nil
	case !anew && h.Proxy.ID != "" && h.Proxy.Config != hash(run):
		cause, anew = cause+" and was to run with other options", true
	}
	return []plan.Step{raise(cause, run, anew)}
}

// fault says why the proxy does not serve, "" where it does, and whether only a new container puts
// that right.
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

// raise is the step after which the proxy runs: the container that is there or, with anew, one that
// takes its place. A container that cannot be started is not kept, unless it has run before and
// something else has its ports by now.
func raise(cause string, run config.ProxyRun, anew bool) plan.Step {
	ports := published(run)
	there := resumeProxy.Call().Or(replaceable.Call().Lits(ports...).And(Run(run)).Group())
	if anew {
		there = docker.RemoveContainers.Call(Container).And(Run(run))
	}
	failed := notStarted.Call().Lits(ports...).Or(hindered.Call(formerProxy, formerTraefik))
	return plan.Step{
		Name: "start the proxy", Cause: cause, Captured: true,
		Run: there.Or(failed.Group()).Group().And(awaitProxy.Call()),
	}
}

// published are the ports of the host that the proxy needs.
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

// Booted is the host as it is after Network and Boot.
func Booted(h facts.Host, run config.ProxyRun) facts.Host {
	h.Network = true
	cause, anew := fault(h.Proxy)
	if cause == "" {
		return h
	}
	if anew || h.Proxy.ID == "" || h.Proxy.Config != hash(run) {
		h.Proxy = facts.Proxy{ID: Container, Image: run.Image, Config: hash(run), Client: true}
	}
	h.Proxy.State = "running"
	return h
}

// Differs says why the running proxy is not what the configuration asks for, "" when it is.
// Only a reboot changes it, and that is for the operator to time.
func Differs(h facts.Host, run config.ProxyRun) string {
	run = merged(h, run)
	switch {
	case !h.Proxy.Running(), h.Proxy.Detached:
		return ""
	case h.Proxy.Image != run.Image:
		return fmt.Sprintf("the proxy runs %s and the configuration says %s", h.Proxy.Image, run.Image)
	case h.Proxy.Config != hash(run):
		return "the proxy runs with options that differ from the configuration"
	}
	return ""
}

// Check makes sure that the proxy still takes up changes, where a file of somebody else looks
// broken: before anything is started, not when everything waits for the switch.
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

// Await waits until the new container answers its health check.
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

// Confirm fails when the new container, which was healthy, is no longer: it must answer so often in a
// row, over a second. A container may end, or fail every other request, after its first answer.
func (r Route) Confirm(container string) plan.Step {
	return r.confirm("confirm that "+container+" is still healthy", container, 2, 5)
}

// ConfirmOnce is Confirm by a single answer.
func (r Route) ConfirmOnce(container string) plan.Step {
	return r.confirm("check that "+container+" still runs", container, 1, 1)
}

func (r Route) confirm(name, container string, rounds, times int) plan.Step {
	p := r.Proxy
	role := r.role
	return plan.Step{
		Name:  name,
		Kind:  script.AwaitHealthy,
		Cause: "it may have stopped, or may fail some requests",
		Run: confirmAnswer.Call(strconv.Itoa(rounds), strconv.Itoa(times), container, r.Alias, strconv.Itoa(p.AppPort),
			p.Healthcheck.Path, r.hostHeader(), seconds(p.Healthcheck.Timeout), r.protoHeader()),
		Role:     role,
		Captured: true,
	}
}

// Hold checks that the proxy, which has confirmed the switch, still serves the route. It starts one
// that has ended since: whoever killed it leaves the host without any app. locked keeps others from
// changing the proxy meanwhile.
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

// AwaitLine is the command of Await.
func (r Route) AwaitLine(container string, timeout time.Duration) shell.Line {
	p := r.Proxy
	return awaitAnswer.Call(container, r.Alias, strconv.Itoa(p.AppPort), p.Healthcheck.Path, r.hostHeader(),
		seconds(p.Healthcheck.Timeout), r.protoHeader(), seconds(p.Healthcheck.Interval), seconds(timeout))
}

func (r Route) hostHeader() string {
	if len(r.Proxy.Hosts) == 0 {
		return "localhost"
	}
	return strings.Replace(r.Proxy.Hosts[0], "*", "www", 1)
}

// protoHeader tells an app that redirects plain HTTP that the probe came by HTTPS.
func (r Route) protoHeader() string {
	if r.Proxy.SSL.Enabled {
		return "X-Forwarded-Proto: https"
	}
	return ""
}

// Certificate brings the role's own certificate into the proxy's volume.
func (r Route) Certificate() []plan.Step {
	if !r.Proxy.SSL.Custom() {
		return nil
	}
	ssl, name := r.Proxy.SSL, r.certificate()
	what, role := r.String(), r.role
	put := func(ending string, s config.SecretRef) shell.Line {
		return shell.Cmd("printf", `%s\n`).Add(shell.Secret(s.Value)).Pipe(inside(intoProxy, insideStore, name+ending))
	}
	return []plan.Step{{
		Name:  "copy the certificate of " + what,
		Cause: "proxy.ssl names one",
		Run:   put(".crt", ssl.Certificate).And(put(".key", ssl.PrivateKey)),
		Role:  role, Captured: true,
	}}
}

// Unrouted fails as long as the proxy sends requests to the new container: an undo that could
// not switch back must not take away what serves.
func (r Route) Unrouted(container string) shell.Line {
	return unrouted.Call(r.Router(), r.Service(), container)
}

// Switch leads the role's requests to the new container. Its undo leads them back and waits
// until the new container has none left.
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
		s.Undo = setRoute.Call(own, r.Router(), service, readable(content)).And(drained)
		s.UndoName = "switch back and wait until its requests have ended"
	} else if found {
		// The file has been written by other hands: it goes back as it was, unread.
		s.Undo = putRoute.Call(own, content).And(drained)
		s.UndoName = "put the route file back as it was"
	} else {
		s.Undo = unsetRoute.Call(own, r.Router()).And(drained)
		s.UndoName = "remove the route and wait until its requests have ended"
	}
	return s
}

// leading is the service that a route file sends the role's requests to, "" where the file was
// written by other hands.
func (o Owner) leading(content string) string {
	f, err := decode(content)
	if err != nil {
		return ""
	}
	return f.HTTP.Routers[o.Router()].Service
}

// Drain waits until a container that the route led to has answered its requests.
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

// drained waits for the requests that the proxy passes on and, where the route holds requests back
// before that, for all clients that are connected by then: those that it holds are among them.
func drained(alias, content string, timeout time.Duration) shell.Line {
	line := drain.Call(alias, seconds(timeout))
	if f, err := decode(content); err == nil && f.holdsBack() {
		line = line.Lits("held")
	}
	return line
}

func (f file) holdsBack() bool {
	for _, m := range f.HTTP.Middlewares {
		if m.Buffering != nil {
			return true
		}
	}
	return false
}

// Remove takes the route away, whichever container it leads to: requests get 502 from then on.
func (o Owner) Remove(cause string, h facts.Host) []plan.Step {
	content, found := h.Route(o.File())
	if !found {
		return nil
	}
	what, role := o.String(), o.role
	s := plan.Step{
		Name:  "remove the route of " + what,
		Cause: cause,
		Run:   unsetRoute.Call(o.File(), o.Router()),
		Role:  role, Captured: true,
	}
	if service := o.leading(content); service != "" {
		s.Undo = setRoute.Call(o.File(), o.Router(), service, readable(content))
		s.UndoName = "put it back"
	}
	return []plan.Step{s}
}

func seconds(d time.Duration) string {
	return strconv.Itoa(int(max(cmp.Or(d.Round(time.Second), time.Second), time.Second).Seconds()))
}

// HelperImage is the image of the proxy, as a word for the shell: for work on files in volumes,
// where an image with a shell is needed.
func HelperImage() shell.Word {
	return docker.Cmd("inspect", "--type", "container", "--format", "{{.Image}}", Container).Output()
}
