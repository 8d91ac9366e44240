package simulation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// Host is a model of a host: what deploys see and change there.
type Host struct {
	name  string
	world *World
	seed  uint64

	mu         sync.Mutex
	boot       context.Context
	shutdown   context.CancelFunc
	running    bool
	docker     bool // the daemon answers
	processes  int
	started    uint64
	rebooted   bool // since the last deploy began
	restarted  bool // Docker was, since the last deploy began
	made       int
	containers []*container
	routes     map[string]route // by file
	images     []string         // versions
	lease      lockFile
	work       lockFile
	record     string            // of the lease
	behaves    map[string]habits // by version
	operations int
	faulty     map[int]time.Duration // docker commands, by number, that fail after so long
	proven     sync.Map              // versions that were healthy once
	confirmed  sync.Map              // versions that were confirmed
	seen       facts.Host            // at the last look
	served     []string              // the versions that the route led to, one after the other
}

type lockFile struct{ holder *process }

// route is a route file.
type route struct{ content, alias string }

// container is a container of the app.
type container struct {
	id, name, role, version, alias string
	running                        bool
	exit                           int
	policy                         string
	restarts                       int
	created, begun, ended          time.Time
	ready                          time.Time // when it answers its health check
	byHand                         bool      // docker stop ended it
	died                           bool      // it ended by itself, or with Docker
	restarting                     bool      // docker is about to start it again
}

// lasting is the restart policy of the role. A host that has given it to its container has committed.
const lasting = "unless-stopped"

// habits are how containers of a version behave on a host. The zero value is healthy at once.
type habits struct {
	ready time.Duration // from the start until the first healthy answer
	never bool          // it does not become healthy
	dies  time.Duration // from the start until it ends by itself, 0 for never
}

func newHost(w *World, name string, seed uint64) *Host {
	h := &Host{
		name: name, world: w, seed: seed, running: true, docker: true,
		routes: map[string]route{}, behaves: map[string]habits{}, faulty: map[int]time.Duration{},
	}
	h.boot, h.shutdown = context.WithCancel(w.ctx)
	return h
}

func (h *Host) up() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running
}

// reboot takes the host down for some time.
func (h *Host) reboot(down time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.running {
		return
	}
	h.running, h.rebooted, h.record = false, true, ""
	h.stopDocker()
	h.shutdown()
	time.AfterFunc(down, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.boot, h.shutdown = context.WithCancel(h.world.ctx)
		h.running = true
		h.startDocker()
	})
}

// restartDocker stops the daemon, and its containers with it, for some time.
func (h *Host) restartDocker(down time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.docker {
		return
	}
	h.restarted = true
	h.stopDocker()
	time.AfterFunc(down, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.running && !h.docker {
			h.startDocker()
		}
	})
}

func (h *Host) stopDocker() {
	h.docker = false
	for _, c := range h.containers {
		if c.running {
			c.running, c.exit, c.ended, c.died = false, 137, time.Now(), true
		}
	}
}

// startDocker starts the daemon, which starts the containers whose restart policy says so.
func (h *Host) startDocker() {
	h.docker = true
	for _, c := range h.containers {
		if c.policy == "always" || c.policy == "unless-stopped" && !c.byHand {
			h.start(c)
		}
	}
}

// proves notes that a version was healthy on the host.
func (h *Host) proves(version string) { h.proven.Store(version, true) }

func (h *Host) proved(version string) bool {
	_, found := h.proven.Load(version)
	return found
}

// start starts a container.
func (h *Host) start(c *container) {
	now, habits := time.Now(), h.behaves[c.version]
	c.running, c.byHand, c.exit, c.begun = true, false, 0, now
	c.ready = now.Add(habits.ready)
	if habits.never {
		c.ready = now.Add(1000 * time.Hour)
	}
	if habits.dies > 0 {
		begun := c.begun
		time.AfterFunc(habits.dies, func() { h.die(c, begun) })
	}
}

// die ends a container by itself, unless it was stopped or started since.
func (h *Host) die(c *container, begun time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !c.running || !c.begun.Equal(begun) {
		return
	}
	h.world.trace(h.name, "%s dies", c.name)
	c.running, c.exit, c.ended, c.died = false, 1, time.Now(), true
	if c.policy == "always" || c.policy == "unless-stopped" {
		c.restarting = true
		time.AfterFunc(100*time.Millisecond, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			c.restarting = false
			if !c.running && h.docker && !c.byHand && slices.Contains(h.containers, c) {
				c.restarts++
				h.start(c)
			}
		})
	}
}

func (c *container) healthy() bool { return c.running && !time.Now().Before(c.ready) }

// target is the container that requests are routed to, nil if there is none.
func (h *Host) target() *container {
	for _, r := range h.routes {
		return h.find(func(c *container) bool { return c.alias == r.alias })
	}
	return nil
}

func (h *Host) find(is func(*container) bool) *container {
	if i := slices.IndexFunc(h.containers, is); i >= 0 {
		return h.containers[i]
	}
	return nil
}

// named finds a container by its name or id.
func (h *Host) named(name string) *container {
	return h.find(func(c *container) bool { return c.name == name || c.id == name })
}

// labelled finds the containers with a label.
func (h *Host) labelled(label string) []*container {
	alias, is := strings.CutPrefix(label, "mrsk.alias=")
	if !is {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(h.containers), func(c *container) bool { return c.alias != alias })
}

// facts is what a look at the host tells. The caller holds the lock.
func (h *Host) facts(project *config.Project) facts.Host {
	seen := facts.Host{
		Name: h.name, Engine: facts.Engine{Version: "29.0", Arch: "amd64"}, Network: true,
		Proxy: facts.Proxy{ID: "proxy", State: "running", Image: config.DefaultProxyImage, Client: true},
	}
	for _, c := range h.containers {
		seen.Containers = append(seen.Containers, c.facts())
	}
	slices.SortFunc(seen.Containers, func(a, b facts.Container) int { return b.Created.Compare(a.Created) })
	for _, v := range h.images {
		seen.Images = append(seen.Images, facts.Image{ID: "sha256:" + v, Tags: []string{project.AbsoluteImage(v)}})
	}
	for file, r := range h.routes {
		seen.Routes = append(seen.Routes, facts.Route{File: file, Content: r.content})
	}
	return seen
}

func (c *container) facts() facts.Container {
	state := "exited"
	switch {
	case c.running:
		state = "running"
	case c.restarting && !c.byHand:
		state = "restarting"
	}
	return facts.Container{
		ID: c.id, Name: c.name, Image: "sha256:" + c.version, Role: c.role, Version: c.version, Alias: c.alias,
		State: state, Restart: c.policy, ExitCode: c.exit, Created: c.created, Started: c.begun, Finished: c.ended,
	}
}

// String is the state of the host, for traces and errors.
func (h *Host) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%s: up %t, docker %t, processes %d", h.name, h.running, h.docker, h.processes)
	if h.record != "" {
		b.WriteString(", lease recorded")
	}
	slices.SortFunc(h.containers, func(a, b *container) int { return cmp.Compare(a.created.UnixNano(), b.created.UnixNano()) })
	for _, c := range h.containers {
		fmt.Fprintf(&b, "\n  %s %s running %t exit %d restart %s restarts %d", c.name, c.alias, c.running, c.exit, c.policy, c.restarts)
	}
	for file, r := range h.routes {
		fmt.Fprintf(&b, "\n  route %s: %s", file, r.alias)
	}
	return b.String()
}
