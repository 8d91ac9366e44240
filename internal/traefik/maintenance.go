package traefik

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// nowhere is a service of the proxy's own that leads to no container. A role whose routers lead
// there is in maintenance; its own service stays in the file, and tells where they lead again.
const nowhere = "noop@internal"

// Statuses that the proxy answers with by itself: unavailable is that of an app in maintenance,
// tooLarge that of a request over proxy/buffering's limit.
const (
	tooLarge    = 413
	unavailable = 503
)

// NoRouteError is a role that the proxy of a host does not know.
type NoRouteError struct{ Host, Role string }

func (e *NoRouteError) Error() string {
	return fmt.Sprintf("%s: the proxy has no route for role %s", e.Host, e.Role)
}

// Hint names the command that makes one.
func (e *NoRouteError) Hint() string {
	return "mrsk deploy makes one, or mrsk app start where the app was stopped"
}

// Maintenance makes the proxy answer the owner's requests itself, with 503 and a page that holds the
// message, and those for the health check with 200. It returns no step where it does so already. p is
// the owner's proxy section, nil without one. A missing route is a *NoRouteError.
func (o Owner) Maintenance(p *config.Proxy, message string, h facts.Host) ([]plan.Step, error) {
	return o.reroute(h, func(f file) plan.Step {
		o.close(f, message, healthPaths(p))
		return plan.Step{
			Name:  "answer the requests of " + o.String() + " with a page",
			Cause: "the app goes into maintenance",
			Run:   setRoute.Call(o.File(), o.Router(), nowhere, f.encode()),
		}
	})
}

// Live takes Maintenance back. It returns no step where requests reach the app already.
func (o Owner) Live(h facts.Host) ([]plan.Step, error) {
	return o.reroute(h, func(f file) plan.Step {
		service := o.open(f)
		return plan.Step{
			Name:  "send the requests of " + o.String() + " to its container again",
			Cause: "the app is live again",
			Run:   setRoute.Call(o.File(), o.Router(), service, f.encode()),
		}
	})
}

// reroute is the step that change makes of the route, if it changes anything. The file is
// changed, not made anew: but for where requests go, the route stays that of the last deploy.
func (o Owner) reroute(h facts.Host, change func(file) plan.Step) ([]plan.Step, error) {
	content, found := h.Route(o.File())
	if !found {
		return nil, &NoRouteError{h.Name, o.role}
	}
	f, err := decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s: the route file %s is not as mrsk writes it: %w", h.Name, o.File(), err)
	}
	if f.HTTP.Middlewares == nil {
		f.HTTP.Middlewares = map[string]middleware{}
	}
	before := f.encode()
	s := change(f)
	after := f.encode()
	if after == before {
		return nil, nil
	}
	if err := check(after); err != nil {
		return nil, fmt.Errorf("write the route file %s: %w", o.File(), err)
	}
	s.Role, s.Captured = o.role, true
	return []plan.Step{s}, nil
}

// close puts the page before everything but a redirection to HTTPS.
func (o Owner) close(f file, message string, health []string) {
	o.open(f)
	f.HTTP.Middlewares[o.object("page")] = middleware{Plugin: &plugin{Page: &page{
		Status: unavailable, File: o.pageFile(f), Message: message, Health: health,
	}}}
	f.eachPublic(func(router *router) {
		if !slices.Contains(router.Middlewares, o.object("redirect")) {
			router.Middlewares = append([]string{o.object("page")}, router.Middlewares...)
		}
		router.Service = nowhere
	})
}

// healthPaths are the paths at which clients of the proxy find the health check.
func healthPaths(p *config.Proxy) []string {
	if p == nil {
		return nil
	}
	var paths []string
	for _, prefix := range prefixes(p) {
		path := p.Healthcheck.Path
		if p.StripPathPrefix {
			path = strings.TrimSuffix(prefix, "/") + path
		}
		paths = append(paths, path)
	}
	return slices.Compact(paths)
}

// open makes the file what it was before close, and returns the service that requests go to.
func (o Owner) open(f file) (service string) {
	for name := range f.HTTP.Services {
		if strings.HasPrefix(name, o.base()+separator) {
			service = name
		}
	}
	if file := o.pageFile(f); file != "" {
		f.HTTP.Middlewares[o.object("page")] = pageMiddleware(file)
	} else {
		delete(f.HTTP.Middlewares, o.object("page"))
	}
	f.eachPublic(func(router *router) {
		router.Middlewares = slices.DeleteFunc(router.Middlewares, func(m string) bool { return m == o.object("page") })
		router.Service = service
	})
	return service
}

// eachPublic changes the routers that clients reach.
func (f file) eachPublic(change func(*router)) {
	for name, router := range f.HTTP.Routers {
		if !router.inside() {
			change(&router)
			f.HTTP.Routers[name] = router
		}
	}
}

// InMaintenance reports whether a route file's requests are answered by the proxy itself.
func InMaintenance(content string) bool {
	f, err := decode(content)
	if err != nil {
		return false
	}
	for _, router := range f.HTTP.Routers {
		if !router.inside() && router.Service == nowhere {
			return true
		}
	}
	return false
}
