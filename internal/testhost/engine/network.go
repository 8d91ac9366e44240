package engine

import (
	"slices"
)

func (e *Engine) listNetworks(x *exchange) error {
	filters, err := x.filters("name")
	if err != nil {
		return err
	}
	for _, n := range e.networks {
		if !all(filters["name"], func(pattern string) bool { return named(pattern, n) }) {
			continue
		}
		if err := x.row(digest("network", n)[:12], struct{ Name string }{n}); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) createNetwork(x *exchange) error {
	if err := x.need(1, 1); err != nil {
		return err
	}
	if slices.Contains(e.networks, x.args[0]) {
		return daemonError("network with name %s already exists", x.args[0])
	}
	e.networks = append(e.networks, x.args[0])
	x.print("%s", digest("network", x.args[0]))
	return nil
}

func (e *Engine) removeNetworks(x *exchange) error {
	for _, n := range x.args {
		if !slices.Contains(e.networks, n) {
			return daemonError("network %s not found", n)
		}
		for _, c := range e.containers {
			if c.State.Running && c.NetworkSettings.Networks[n] != nil {
				return daemonError("error while removing network: network %s has active endpoints", n)
			}
		}
		e.networks = slices.DeleteFunc(e.networks, func(other string) bool { return other == n })
		x.print("%s", n)
	}
	return nil
}

// onNetwork reads NETWORK CONTAINER.
func (e *Engine) onNetwork(x *exchange) (network string, c *Container, err error) {
	if err := x.need(2, 2); err != nil {
		return "", nil, err
	}
	c = e.find(x.args[1])
	switch {
	case !slices.Contains(e.networks, x.args[0]):
		err = daemonError("network %s not found", x.args[0])
	case c == nil:
		err = daemonError("No such container: %s", x.args[1])
	}
	return x.args[0], c, err
}

func (e *Engine) connect(x *exchange) error {
	network, c, err := e.onNetwork(x)
	if err != nil {
		return err
	}
	if c.NetworkSettings.Networks[network] != nil {
		return daemonError("endpoint with name %s already exists in network %s", c.name(), network)
	}
	p := &Endpoint{Aliases: slices.Clone(x.flags["alias"])}
	if c.State.Running {
		e.made++
		p.EndpointID, p.IPAddress = digest(c.ID, network), "172.21.0.2"
	}
	c.NetworkSettings.Networks[network] = p
	return nil
}

func (e *Engine) disconnect(x *exchange) error {
	network, c, err := e.onNetwork(x)
	if err != nil {
		return err
	}
	if c.NetworkSettings.Networks[network] == nil {
		return daemonError("container %s is not connected to network %s", c.name(), network)
	}
	delete(c.NetworkSettings.Networks, network)
	return nil
}
