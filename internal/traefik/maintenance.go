package traefik

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// noop is a service of Traefik that answers nothing by itself. A role whose routers use it is in
// maintenance. The role's own service stays in the file, so that Live can restore it.
const noop = "noop@internal"

// Statuses of answers that the proxy itself gives: unavailable for an app in maintenance, tooLarge for a
// request over the limit of proxy/buffering.
const (
	tooLarge    = 413
	unavailable = 503
)

// NoRouteError reports that the proxy of a host has no route for a role.
type NoRouteError struct{ Host, Role string }

func (e *NoRouteError) Error() string {
	return fmt.Sprintf("%s: the proxy has no route for role %s", e.Host, e.Role)
}

// Hint names the commands that create a route.
func (e *NoRouteError) Hint() string {
	return "run mrsk deploy, or mrsk app start if the app was stopped"
}

// Maintenance returns the step that makes the proxy answer the owner's requests itself: with 503 and a
// page with the message, and requests of the health check path with 200. It returns no step if the proxy
// already does. p is the owner's proxy section; it may be nil. If the route is missing, the error is a
// *NoRouteError.
func (o Owner) Maintenance(p *config.Proxy, message string, h facts.Host) ([]plan.Step, error) {
	return o.reroute(h, func(f file) plan.Step {
		o.close(f, message, healthPaths(p))
		return plan.Step{
			Name:  "answer the requests of " + o.String() + " with a page",
			Cause: "the app goes into maintenance",
			Run:   setRoute.Call(o.File(), o.Router(), noop, f.encode()),
		}
	})
}

// Live returns the step that ends Maintenance. It returns no step if requests already reach the app.
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

// reroute returns the step of change, if change modifies the route. It edits the route file on the host
// instead of generating it from the configuration, because the rest of the route must stay that of the
// last deploy.
func (o Owner) reroute(h facts.Host, change func(file) plan.Step) ([]plan.Step, error) {
	content, found := h.Route(o.File())
	if !found {
		return nil, &NoRouteError{h.Name, o.role}
	}
	f, err := decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s: read the route file %s: %w", h.Name, o.File(), err)
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

// close adds the page to all public routers, except those that redirect to HTTPS.
func (o Owner) close(f file, message string, health []string) {
	o.open(f)
	f.HTTP.Middlewares[o.object("page")] = middleware{Plugin: &plugin{Page: &page{
		Status: unavailable, File: o.pageFile(f), Message: message, Health: health,
	}}}
	f.eachPublic(func(router *router) {
		if !slices.Contains(router.Middlewares, o.object("redirect")) {
			router.Middlewares = append([]string{o.object("page")}, router.Middlewares...)
		}
		router.Service = noop
	})
}

// healthPaths returns the paths of the health check as the page plugin sees them when clients of the proxy
// request them: decoded, and without the query.
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
		paths = append(paths, requested(path))
	}
	return slices.Compact(paths)
}

// requested returns the path of a request for a path that may be encoded, and may have a query.
func requested(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// open reverts close, and returns the service that gets the requests.
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

// eachPublic calls change for each router that clients can reach.
func (f file) eachPublic(change func(*router)) {
	for name, router := range f.HTTP.Routers {
		if !router.inside() {
			change(&router)
			f.HTTP.Routers[name] = router
		}
	}
}

// InMaintenance reports whether content is a route file of an app in maintenance.
func InMaintenance(content string) bool {
	f, err := decode(content)
	if err != nil {
		return false
	}
	for _, router := range f.HTTP.Routers {
		if !router.inside() && router.Service == noop {
			return true
		}
	}
	return false
}
