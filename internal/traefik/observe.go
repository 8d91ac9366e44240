package traefik

import (
	"slices"
	"strings"

	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// seeRoutes is the name of the step that fetches the routes.
const seeRoutes = "look at the routes"

// Observe are the steps that fetch the routes. Where the proxy is stopped, they are read beside it;
// its container is among those that are seen of all services.
func Observe() []plan.Step {
	report := inside(inProxy, insideReport).Add(shell.Raw("2>/dev/null")).Or(inside(besideProxy, insideReport))
	return []plan.Step{
		{Name: seeRoutes, Run: report, Captured: true, BestEffort: true},
	}
}

// Read fills in the proxy's part of the facts.
func Read(output func(step string) []byte, h *facts.Host) error {
	// A stopped container still names its network when that is gone.
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

// seeNetwork is the name of the step that asks for the network.
const seeNetwork = "look at the network"

// ObserveNetwork asks for the network by its name: it may be there with nothing on it.
func ObserveNetwork() []plan.Step {
	list := docker.Cmd("network", "ls", "--quiet", "--filter", "name=^"+docker.Network+"$")
	return []plan.Step{{Name: seeNetwork, Run: list, Captured: true}}
}

// ReadNetwork fills in what ObserveNetwork printed.
func ReadNetwork(output func(step string) []byte, h *facts.Host) error {
	h.Network = h.Network || len(output(seeNetwork)) > 0
	return nil
}

// Serving returns the alias that a role's route leads to, "" without a route.
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

// Trouble is a route file that may keep the proxy from taking up any change: one broken file
// stops the routes of all apps.
type Trouble struct {
	File string
	Err  error
}

// Troubles looks for files that are not of the form that mrsk writes, or that the proxy cannot read.
// Such a file may still be fine, written by somebody who knows the proxy; the proxy itself must be
// asked.
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
