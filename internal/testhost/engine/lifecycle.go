package engine

import (
	"fmt"
	"slices"
	"strings"
)

// launch starts a container, unless something else has one of its ports.
func (e *Engine) launch(c *Container) error {
	for _, port := range c.ports() {
		for _, other := range e.containers {
			if other != c && other.State.Running && slices.Contains(other.ports(), port) {
				return fmt.Errorf("Error response from daemon: driver failed programming external connectivity on endpoint %s: Bind for 0.0.0.0:%s failed: port is already allocated", c.name(), port)
			}
		}
	}
	for name := range c.NetworkSettings.Networks {
		if !slices.Contains(e.networks, name) {
			return fmt.Errorf("Error response from daemon: network %s not found", name)
		}
	}
	e.up(c)
	e.proxyStarted(c)
	if h := e.habit(c); h.Crash != 0 && h.After == 0 {
		e.end(c, h.Crash)
	}
	return nil
}

func (e *Engine) up(c *Container) {
	e.made++
	c.never = false
	c.probes = 0
	c.State = State{Status: "running", Running: true, Pid: noProcess + e.made, StartedAt: e.now(), FinishedAt: c.State.FinishedAt}
	for name, p := range c.NetworkSettings.Networks {
		p.EndpointID = digest(c.ID, name, fmt.Sprint(e.made))
		p.IPAddress = fmt.Sprintf("172.20.%d.%d", e.made/250, e.made%250+2)
	}
	if h := e.habit(c); h.Health != "" {
		c.State.Health = &Health{Status: h.Health}
	}
	c.logs = append(c.logs, e.habit(c).Log...)
}

// noProcess is above all numbers that Linux gives to processes.
const noProcess = 1 << 22

// down ends a container and does not start it again.
func (e *Engine) down(c *Container, status int) {
	if !c.State.Running {
		return
	}
	health := c.State.Health
	c.State = State{Status: "exited", ExitCode: status, StartedAt: c.State.StartedAt, FinishedAt: e.now(), Health: health}
	for _, p := range c.NetworkSettings.Networks {
		p.EndpointID, p.IPAddress = "", ""
	}
	c.routes = map[string]string{}
	if c.HostConfig.AutoRemove {
		e.forget(c)
	}
}

// end is a program that ends by itself. Docker starts it again where its policy says so.
func (e *Engine) end(c *Container, status int) {
	e.down(c, status)
	policy := c.HostConfig.RestartPolicy.Name
	if policy == "no" || policy == "on-failure" && status == 0 {
		return
	}
	c.RestartCount++
	e.up(c)
	e.proxyStarted(c)
}

func (e *Engine) forget(c *Container) {
	e.containers = slices.DeleteFunc(e.containers, func(k *Container) bool { return k == c })
}

func (e *Engine) start(x *exchange) error {
	return e.each(x, func(c *Container) error {
		if c.State.Running {
			return nil
		}
		if err := e.launch(c); err != nil {
			return &Failure{1, err.Error() + "\n"}
		}
		return nil
	})
}

func (e *Engine) stop(x *exchange) error {
	return e.each(x, func(c *Container) error {
		e.down(c, e.habit(c).StopStatus)
		return nil
	})
}

func (e *Engine) kill(x *exchange) error {
	return e.each(x, func(c *Container) error {
		if !c.State.Running {
			return daemonError("cannot kill container: %s: container is not running", c.name())
		}
		e.down(c, 137)
		return nil
	})
}

func (e *Engine) unpause(x *exchange) error {
	return e.each(x, func(c *Container) error {
		if c.State.Status != "paused" {
			return daemonError("Container %s is not paused", c.name())
		}
		c.State.Status = "running"
		return nil
	})
}

func (e *Engine) remove(x *exchange) error {
	return e.each(x, func(c *Container) error {
		if c.State.Running && !x.has("force") {
			return daemonError("cannot remove container %q: container is running: stop the container before removing or force remove", c.Name)
		}
		c.HostConfig.AutoRemove = false
		e.down(c, 137)
		e.forget(c)
		return nil
	})
}

func (e *Engine) rename(x *exchange) error {
	if err := x.need(2, 2); err != nil {
		return err
	}
	c, name := e.find(x.args[0]), x.args[1]
	switch other := e.find(name); {
	case c == nil:
		return daemonError("No such container: %s", x.args[0])
	case other != nil && other.name() == name:
		return daemonError("Conflict. The container name %q is already in use", "/"+name)
	}
	c.Name = "/" + name
	return nil
}

func (e *Engine) update(x *exchange) error {
	if !x.has("restart") {
		return x.unknown("nothing to update")
	}
	return e.each(x, func(c *Container) error {
		if c.HostConfig.AutoRemove {
			return daemonError("Cannot update container %s: Restart policy cannot be updated because AutoRemove is enabled for the container", c.ID)
		}
		c.setRestart(x.get("restart"))
		return nil
	})
}

func (e *Engine) logs(x *exchange) error {
	if err := x.need(1, 1); err != nil {
		return err
	}
	c := e.find(x.args[0])
	if c == nil {
		return daemonError("No such container: %s", x.args[0])
	}
	lines := c.logs
	var n int
	if _, err := fmt.Sscan(x.get("tail"), &n); err == nil {
		lines = lines[max(0, len(lines)-n):]
	}
	shown := len(c.logs)
	for {
		for _, line := range lines {
			if x.has("timestamps") {
				line = c.State.StartedAt + " " + line
			}
			x.print("%s", line)
		}
		if !x.has("follow") || !c.State.Running || !e.wait(x.ctx) {
			return nil
		}
		lines, shown = c.logs[shown:], len(c.logs)
	}
}

// copyFiles is docker cp out of a container, as mrsk reads the files of former proxies.
func (e *Engine) copyFiles(x *exchange) error {
	if err := x.need(2, 2); err != nil {
		return err
	}
	name, path, _ := strings.Cut(x.args[0], ":")
	if e.find(name) == nil {
		return daemonError("No such container: %s", name)
	}
	return daemonError("Could not find the file %s in container %s", path, name)
}
