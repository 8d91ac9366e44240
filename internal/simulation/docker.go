package simulation

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func (p *process) dockerCommand(args []string) int {
	switch strings.Join(args[:min(2, len(args))], " ") {
	case "run --detach":
		return p.docker(func() int { return p.host.create(p, args) })
	case "image rm":
		return p.docker(func() int { return p.host.removeImages(args[2:]) })
	case "inspect --format":
		return p.docker(func() int { return p.inspectName(args[3]) })
	}
	switch args[0] {
	case "update":
		return p.docker(func() int { return p.update(args[2], args[3:]) })
	case "tag":
		return p.docker(func() int { return 0 })
	case "rename":
		return p.docker(func() int { return p.rename(args[1], args[2]) })
	case "rm":
		return p.docker(func() int { return p.host.removeAll(p, args[1:]) })
	}
	return p.host.world.bug("the model does not know docker %s", strings.Join(args, " "))
}

// create makes and starts a container as docker run does.
func (h *Host) create(p *process, args []string) int {
	h.made++
	now := time.Now()
	c := &container{id: h.name + strconv.Itoa(1000+h.made), policy: "no", created: now}
	for i, a := range args {
		label, value, _ := strings.Cut(args[min(i+1, len(args)-1)], "=")
		switch {
		case a == "--name":
			c.name = label
		case a == "--network-alias":
			c.alias = label
		case a == "--label" && label == "role":
			c.role = value
		case a == "--label" && label == "mrsk.version":
			c.version = value
		}
	}
	if h.named(c.name) != nil {
		return p.fail("Conflict. The container name %s is already in use", c.name)
	}
	h.containers = append(h.containers, c)
	h.start(c)
	return 0
}

func (p *process) inspectName(id string) int {
	c := p.host.named(id)
	if c == nil {
		return p.fail("No such object: %s", id)
	}
	p.print("/%s", c.name)
	return 0
}

func (p *process) rename(id, name string) int {
	c := p.host.named(id)
	if c == nil || p.host.named(name) != nil {
		return p.fail("cannot rename %s", id)
	}
	c.name = name
	return 0
}

func (p *process) update(policy string, ids []string) int {
	for _, id := range ids {
		c := p.host.named(id)
		if c == nil {
			return p.fail("No such container: %s", id)
		}
		c.policy = policy
	}
	return 0
}

func (h *Host) removeImages(names []string) int {
	for _, name := range names {
		h.images = slices.DeleteFunc(h.images, func(v string) bool { return strings.HasSuffix(name, ":"+v) })
	}
	return 0
}

func (h *Host) removeAll(p *process, ids []string) int {
	for _, id := range ids {
		if c := h.named(id); c != nil {
			h.remove(c)
		} else if !strings.HasPrefix(id, "-") {
			return p.fail("No such container: %s", id)
		}
	}
	return 0
}

func (h *Host) remove(c *container) {
	h.stopping(c)
	h.containers = slices.DeleteFunc(h.containers, func(other *container) bool { return other == c })
}

// stopping checks that no requests are routed to a container that a step stops.
func (h *Host) stopping(c *container) {
	if c.running && h.target() == c {
		h.world.violated("%s: %s is stopped while it gets requests", h.name, c.name)
	}
}

func (h *Host) stop(c *container) {
	h.stopping(c)
	if c.running {
		c.running, c.exit, c.ended = false, 0, time.Now()
	}
	c.byHand = true
}

func (p *process) discard(args []string) int {
	return p.docker(func() int {
		for _, c := range p.host.labelled(args[0]) {
			p.host.remove(c)
		}
		return 0
	})
}
