package traefik

import (
	"cmp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// seeRoutes is the name of the step that reads the route files.
const seeRoutes = "look at the routes"

// Observe returns the steps that read the route files. If the proxy is stopped, a helper container reads
// them, and also if its container is gone and its volume and the image are there: a new proxy has these
// routes again. The proxy's container itself is in facts.Host.Seen, which another package observes.
func Observe(image string) []plan.Step {
	report := inside(inProxy, insideReport).Add(shell.Raw("2>/dev/null")).Or(besideProxy.Call(image).Add(insideReport.Word()))
	return []plan.Step{
		{Name: seeRoutes, Run: report, Captured: true, BestEffort: true},
	}
}

// Reader returns Read for hosts on which the configuration has this image for the proxy.
func Reader(image string) func(output func(step string) []byte, h *facts.Host) error {
	return func(output func(step string) []byte, h *facts.Host) error {
		err := Read(output, h)
		h.Proxy.Helper = cmp.Or(h.Proxy.Image, image)
		return err
	}
}

// Read sets the facts about the proxy from the output of Observe's steps.
func Read(output func(step string) []byte, h *facts.Host) error {
	// Only running containers prove that the network exists: a stopped one names it even if it is gone.
	h.Network = h.Network || slices.ContainsFunc(h.Seen, func(s docker.Seen) bool { return s.Joined && s.State == "running" && !s.Detached() })
	proxy := docker.Named(h.Seen, Container)
	h.Proxy = facts.Proxy{
		ID: proxy.ID, State: proxy.State, Image: proxy.Reference, Config: proxy.Labels[docker.LabelConfig],
		Client: proxy.Labels[docker.LabelPlugins] == plugins, Detached: proxy.Detached(),
	}
	lacking, files, _ := strings.Cut(string(output(seeRoutes)), "\x1e")
	h.Proxy.Lacks = strings.Fields(lacking)
	for text := range strings.SplitSeq(files, "\x1e") {
		name, content, found := strings.Cut(text, "\x1f")
		r := facts.Route{File: name, Content: strings.TrimSpace(content)}
		switch {
		case !found:
		case strings.HasSuffix(name, ".yaml"):
			h.Shared = append(h.Shared, r)
		default:
			h.Routes = append(h.Routes, r)
		}
	}
	return nil
}

// seeNetwork is the name of the step that looks for the network.
const seeNetwork = "look at the network"

// ObserveNetwork returns the step that looks for the network by name. Read does not find a network
// without containers.
func ObserveNetwork() []plan.Step {
	list := docker.Cmd("network", "ls", "--quiet", "--filter", "name=^"+docker.Network+"$")
	return []plan.Step{{Name: seeNetwork, Run: list, Captured: true}}
}

// ReadNetwork sets the fact whether the network exists from the output of ObserveNetwork's step.
func ReadNetwork(output func(step string) []byte, h *facts.Host) error {
	h.Network = h.Network || len(output(seeNetwork)) > 0
	return nil
}

// seeIssued is the name of the step that asks for certificates.
const seeIssued = "look at the certificates"

// ObserveIssued asks for the certificates, without their keys. A host without a proxy has none.
func ObserveIssued(a config.ACME) []plan.Step {
	s := SeeIssued(a, false)
	s.Name, s.Run = seeIssued, s.Run.Add(shell.Raw("2>/dev/null")).Or(shell.Text(":"))
	return []plan.Step{s}
}

// ReadObservedIssued fills in what ObserveIssued printed.
func ReadObservedIssued(output func(step string) []byte, h *facts.Host) error {
	h.Issued = string(output(seeIssued))
	return nil
}

// Serving returns the alias of the container that gets the requests of a route, or "" without a route.
func Serving(h facts.Host, file, service string) string {
	content, found := h.Route(file)
	if !found {
		return ""
	}
	f, err := decode(content)
	if err != nil {
		return ""
	}
	for name := range f.HTTP.Services {
		if alias, ok := strings.CutPrefix(name, service+separator); ok {
			return alias
		}
	}
	return ""
}

// Trouble is a route file that may be broken. One broken file keeps the proxy from applying changes of
// any route.
type Trouble struct {
	File string
	Err  error
}

// Troubles returns the route files that mrsk did not write, or that the proxy cannot read. A file that
// somebody wrote by hand may be valid; Check asks the proxy.
func Troubles(h facts.Host) []Trouble {
	var found []Trouble
	for _, r := range h.Routes {
		_, err := decode(r.Content)
		if err == nil {
			err = check(r.Content)
		}
		if err != nil {
			found = append(found, Trouble{r.File, err})
		}
	}
	return found
}
