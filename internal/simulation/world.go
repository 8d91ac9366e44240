// Package simulation deploys to hosts that are modelled in memory. The planner, the lock, the walk
// through the plan and the client's side of the script protocol are the real ones; links, hosts, Docker
// and the proxy are models. Faults and all durations are drawn from a seed, and time is that of
// testing/synctest, so a simulation of minutes takes milliseconds, and a seed gives the same again.
//
// The model stands on its own assumptions about hosts. The tests on real hosts check those.
package simulation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/traefik"
)

// World is a fleet of model hosts.
type World struct {
	ctx   context.Context
	scope *config.Scope
	hosts []*Host
	began time.Time

	mu         sync.Mutex
	story      strings.Builder
	violations []string
	bugs       []string
}

// newWorld returns hosts on which a version of the first role runs.
func newWorld(ctx context.Context, scope *config.Scope, version string, random *rand.Rand) *World {
	w := &World{ctx: ctx, scope: scope, began: time.Now()}
	role := scope.Roles[0]
	for _, name := range scope.AppHosts() {
		h := newHost(w, name, random.Uint64())
		c := &container{
			id: name + "-first", name: app.ContainerName(scope.Project, role.Name, version), role: role.Name, version: version,
			alias: "m-" + name, policy: lasting, created: w.began,
		}
		h.containers = append(h.containers, c)
		h.start(c)
		h.proves(version)
		h.routes[traefik.OfRole(scope.Project, role.Name).File()] = route{traefik.ForRole(scope.Project, role, c.alias).Content(), c.alias}
		w.hosts = append(w.hosts, h)
	}
	w.push(version)
	return w
}

// push makes a version available on all hosts, as a pull would.
func (w *World) push(version string) {
	for _, h := range w.hosts {
		h.mu.Lock()
		if !slices.Contains(h.images, version) {
			h.images = append(h.images, version)
		}
		h.mu.Unlock()
	}
}

// trace adds a line to the story of the simulation.
func (w *World) trace(where, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(&w.story, "%9.3f %-8s %s\n", time.Since(w.began).Seconds(), where, fmt.Sprintf(format, args...))
}

// violated notes a broken promise.
func (w *World) violated(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.trace("VIOLATED", "%s", text)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violations = append(w.violations, text)
}

// bug notes something that the model does not know. It returns the status of a command that failed.
func (w *World) bug(format string, args ...any) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bugs = append(w.bugs, fmt.Sprintf(format, args...))
	return 125
}

// idle reports whether no process runs on any host.
func (w *World) idle() bool {
	return !slices.ContainsFunc(w.hosts, func(h *Host) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.processes > 0
	})
}

// serving is the version that a host answers requests with, "" if it answers none.
func (h *Host) serving() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.target(); c != nil && c.healthy() && h.docker {
		return c.version
	}
	return ""
}

func (w *World) String() string {
	var all []string
	for _, h := range w.hosts {
		all = append(all, h.String())
	}
	return strings.Join(all, "\n")
}
