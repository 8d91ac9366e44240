package simulation

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/script"
)

const gaveUp = int(script.GaveUp)

// library are models of the shell functions and docker commands that steps call.
var library map[string]func(p *process, args []string) int

func init() {
	library = map[string]func(p *process, args []string) int{
		"take_lease":        (*process).takeLease,
		"drop_record":       (*process).dropRecord,
		"work":              (*process).work,
		"look":              (*process).look,
		"expect_containers": (*process).expectContainers,
		"docker":            (*process).dockerCommand,
		"discard":           (*process).discard,
		"unrouted":          (*process).unrouted,
		"await_answer":      (*process).awaitAnswer,
		"await_docker":      (*process).awaitDocker,
		"confirm_answer":    (*process).confirmAnswer,
		"watch_answer":      (*process).watchAnswer,
		"keep":              (*process).keep,
		"kept":              (*process).kept,
		"restart_policy":    (*process).restartPolicy,
		"set_route":         (*process).setRoute,
		"restore_route":     (*process).restoreRoute,
		"serves":            (*process).serves,
		"host_lock":         func(*process, []string) int { return 0 },
		"recover_proxy":     func(p *process, _ []string) int { return p.docker(func() int { return 0 }) },
		"in_proxy":          func(p *process, args []string) int { return p.serves(args[1:]) },
		"drain":             (*process).drain,
		"halt":              (*process).halt,
		"audit":             func(*process, []string) int { return 0 },
		"remove_untagged":   func(p *process, _ []string) int { return p.docker(func() int { return 0 }) },
	}
}

func (p *process) builtin(words []string) int {
	if f := protocol[words[0]]; f != nil {
		return f(p, words[1:])
	}
	if f := library[words[0]]; f != nil {
		return f(p, words[1:])
	}
	return p.host.world.bug("the model does not know %s", strings.Join(words, " "))
}

// docker runs one docker command. It takes some time, and fails where the daemon does not answer.
func (p *process) docker(do func() int) int {
	p.sleep(p.between(10*time.Millisecond, 300*time.Millisecond))
	h := p.host
	h.mu.Lock()
	h.operations++
	after, faulty := h.faulty[h.operations]
	h.mu.Unlock()
	if faulty {
		p.sleep(after)
		return p.fail("docker: it fails")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.docker {
		return p.fail("Cannot connect to the Docker daemon")
	}
	return do()
}

func (p *process) takeLease(args []string) int {
	h := p.host
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lease.holder != nil {
		p.print("%s", h.record)
		return int(script.Held)
	}
	h.lease.holder, h.record = p, args[0]
	p.locks = append(p.locks, &h.lease)
	return 0
}

func (p *process) dropRecord([]string) int {
	p.host.mu.Lock()
	defer p.host.mu.Unlock()
	p.host.record = ""
	return 0
}

// work takes the work lock, and checks that the lease is still that of the run.
func (p *process) work(args []string) int {
	h := p.host
	seconds, _ := strconv.Atoi(args[1])
	until := time.Now().Add(time.Duration(seconds) * time.Second)
	for !h.take(p) {
		if time.Now().After(until) {
			return p.fail("an earlier run of this app still works")
		}
		p.sleep(p.between(50*time.Millisecond, 150*time.Millisecond))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if args[0] != "" && !strings.Contains(h.record, `"holder":"`+args[0]+`"`) {
		return p.fail("the lock of this run is gone: another run may have taken over")
	}
	return 0
}

func (h *Host) take(p *process) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.work.holder != nil {
		return false
	}
	h.work.holder = p
	p.locks = append(p.locks, &h.work)
	return true
}

// look keeps what is to be seen for the planner, which the real script prints.
func (p *process) look([]string) int {
	return p.docker(func() int {
		p.host.seen = p.host.facts(p.host.world.scope.Project)
		return 0
	})
}

func (p *process) expectContainers(args []string) int {
	return p.docker(func() int {
		var ids []string
		for _, c := range p.host.containers {
			ids = append(ids, c.id)
		}
		slices.Sort(ids)
		if strings.Join(ids, " ") != args[0] {
			p.fail("the containers of this app have changed meanwhile")
			return int(script.Drifted)
		}
		return 0
	})
}

// unrouted fails as long as the proxy sends requests to the container.
func (p *process) unrouted(args []string) int {
	routed := p.docker(func() int {
		if c := p.host.target(); c != nil && strings.HasSuffix(args[1], "."+c.alias) {
			return 0
		}
		return 1
	})
	if routed != 0 {
		return 0
	}
	return p.fail("%s stays, because the proxy still sends it requests", args[2])
}

func (p *process) awaitAnswer(args []string) int {
	timeout, _ := strconv.Atoi(args[1])
	name := args[2]
	until := time.Now().Add(time.Duration(timeout) * time.Second)
	for {
		answered := false
		status := p.docker(func() int {
			c := p.host.named(name)
			switch {
			case c == nil:
				return p.fail("No such container: %s", name)
			case c.healthy():
				answered = true
				p.host.proves(c.version)
			case !c.running:
				p.fail("container %s ended with exit status %d", name, c.exit)
				return int(script.Unwell)
			}
			return 0
		})
		if status != 0 || answered {
			return status
		}
		if time.Now().After(until) {
			p.fail("container %s did not become healthy within %d seconds", name, timeout)
			return int(script.Unwell)
		}
		if !p.pause(time.Second) {
			return gaveUp
		}
	}
}

func (p *process) awaitDocker(args []string) int {
	seconds, _ := strconv.Atoi(args[0])
	until := time.Now().Add(time.Duration(seconds) * time.Second)
	for p.docker(func() int { return 0 }) != 0 {
		if time.Now().After(until) {
			return 1
		}
		p.sleep(time.Second)
	}
	return 0
}

// confirmAnswer asks the container a few times over about a second, for each round.
func (p *process) confirmAnswer(args []string) int {
	rounds, _ := strconv.Atoi(args[0])
	for range 3 * rounds {
		status := p.docker(func() int { return p.confirmed(args[2]) })
		if status != 0 {
			return status
		}
		p.sleep(p.between(50*time.Millisecond, 200*time.Millisecond))
	}
	h := p.host
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.named(args[2]); c != nil {
		h.confirmed.Store(c.version, true)
	}
	return 0
}

// watchAnswer asks the container once a second.
func (p *process) watchAnswer(args []string) int {
	seconds, _ := strconv.Atoi(args[0])
	for range seconds {
		if !p.pause(time.Second) {
			return gaveUp
		}
		if status := p.docker(func() int { return p.confirmed(args[1]) }); status != 0 {
			return status
		}
	}
	return 0
}

func (p *process) confirmed(name string) int {
	c := p.host.named(name)
	if c == nil {
		return p.fail("No such object: %s", name)
	}
	if !c.running || c.restarts > 0 {
		p.fail("container %s ended after it had been up", name)
		return int(script.Unwell)
	}
	if !c.healthy() {
		p.fail("container %s no longer answers its health check", name)
		return int(script.Unwell)
	}
	return 0
}

func (p *process) keep(args []string) int {
	return p.docker(func() int {
		found := p.host.labelled(args[0])
		if len(found) == 0 {
			return p.fail("the new container is gone")
		}
		if c := found[0]; !c.running || c.restarts > 0 {
			p.fail("container %s ended after it had been up", c.name)
			return int(script.Unwell)
		}
		p.host.keeps(found[0], args[1])
		return 0
	})
}

// keeps gives a container its restart policy. That of the role is the commit.
func (h *Host) keeps(c *container, policy string) {
	c.policy = policy
	unconfirmed := func(other *Host) bool {
		_, found := other.confirmed.Load(c.version)
		return !found
	}
	if policy == lasting && slices.ContainsFunc(h.world.hosts, unconfirmed) {
		h.world.violated("%s: %s is kept before every host has confirmed its own", h.name, c.name)
	}
}

func (p *process) kept(args []string) int {
	return p.docker(func() int {
		for pair := range slices.Chunk(args, 2) {
			found := p.host.labelled(pair[0])
			if len(found) == 0 || found[0].policy != pair[1] {
				return 1
			}
		}
		return 0
	})
}

func (p *process) restartPolicy(args []string) int {
	return p.docker(func() int {
		for _, c := range p.host.labelled(args[0]) {
			c.policy = args[1]
		}
		return 0
	})
}

// setRoute leads requests to the container that the name of the service ends with.
func (p *process) setRoute(args []string) int {
	return p.docker(func() int {
		h := p.host
		h.routes[args[0]] = route{content: args[3], alias: args[2][strings.LastIndex(args[2], ".")+1:]}
		c := h.target()
		switch {
		case c == nil:
			h.world.violated("%s: requests are routed to a container that is gone", h.name)
			return 0
		case !c.healthy() && !c.died:
			h.world.violated("%s: requests are routed to %s, which is not healthy", h.name, c.name)
		}
		if slices.ContainsFunc(h.world.hosts, func(other *Host) bool { return !other.proved(c.version) }) {
			h.world.violated("%s: requests are routed to %s before every host has a healthy one", h.name, c.name)
		}
		if len(h.served) == 0 || h.served[len(h.served)-1] != c.version {
			h.served = append(h.served, c.version)
		}
		h.world.trace(h.name, "serves %s", c.version)
		return 0
	})
}

// restoreRoute is setRoute in an undo. The fourth argument is an image.
func (p *process) restoreRoute(args []string) int {
	return p.setRoute([]string{args[0], args[1], args[2], args[4]})
}

func (p *process) serves(args []string) int {
	return p.docker(func() int {
		for _, r := range p.host.routes {
			if strings.HasSuffix(args[1], "."+r.alias) {
				return 0
			}
		}
		return p.fail("the proxy leads elsewhere")
	})
}

func (p *process) drain([]string) int {
	p.sleep(p.between(200*time.Millisecond, 3*time.Second))
	return 0
}

func (p *process) halt(args []string) int {
	return p.docker(func() int {
		if c := p.host.named(args[0]); c != nil {
			p.host.stop(c)
		}
		return 0
	})
}
