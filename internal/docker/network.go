package docker

import (
	"cmp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/shell"
)

// network is a network of a container, with what docker is told of the container there.
type network struct {
	name    string
	options []config.Pair // such as alias or ip
}

// readNetwork reads what docker run takes for --network: a name, or name=NAME,alias=ALIAS.
func readNetwork(text string) network {
	if !strings.Contains(text, "=") {
		return network{name: text}
	}
	var n network
	for field := range strings.SplitSeq(text, ",") {
		switch key, value, _ := strings.Cut(field, "="); key {
		case "name":
			n.name = value
		default:
			n.options = append(n.options, config.Pair{Name: key, Value: value})
		}
	}
	return n
}

// with adds the options of the network. docker run and docker network connect have different names for
// an alias.
func (n network) with(line shell.Line, alias string) shell.Line {
	for _, o := range n.options {
		flag := "--" + o.Name
		if o.Name == "alias" {
			flag = alias
		}
		line = line.Lits(flag).Add(shell.Expand(o.Value))
	}
	return line
}

// first is the network that the container is started with: Network, or the one in its place.
func (c Container) first() network {
	first := readNetwork(cmp.Or(c.Network, Network))
	for _, n := range c.networks() {
		if n.name == first.name {
			first.options = append(first.options, n.options...)
		}
	}
	return first
}

// network joins the first network, unless the container uses the network of the host or of another
// container, which excludes any other.
func (c Container) network(line shell.Line) shell.Line {
	if exclusive := c.exclusiveNetwork(); exclusive != "" {
		return line.Lits("--network", exclusive)
	}
	first := c.first()
	line = line.Lits("--network").Add(shell.Expand(first.name))
	return first.with(option(line, "--network-alias", c.Alias), "--network-alias")
}

// HostNetwork reports whether the container shares the host's network, so that it cannot exist
// twice and has no name on Network.
func HostNetwork(options []config.Option) bool {
	return Container{Options: options}.exclusiveNetwork() == "host"
}

// Joins reports whether the container is on mrsk's network: as the first one, or besides another.
func (c Container) Joins() bool {
	onNetwork := func(n network) bool { return n.name == Network }
	return c.exclusiveNetwork() == "" && slices.ContainsFunc(append(c.networks(), c.first()), onNetwork)
}

func (c Container) exclusiveNetwork() string {
	for _, n := range c.networks() {
		if config.ExclusiveNetwork(n.name) {
			return n.name
		}
	}
	return ""
}

// networks are those that the options name.
func (c Container) networks() []network {
	var all []network
	for _, o := range c.Options {
		if o.Name == "network" || o.Name == "net" {
			for _, text := range o.Values {
				all = append(all, readNetwork(text))
			}
		}
	}
	return all
}

// otherNetworks are those that the container is connected to before it starts.
func (c Container) otherNetworks() []network {
	if c.exclusiveNetwork() != "" {
		return nil
	}
	first := c.first().name
	return slices.DeleteFunc(c.networks(), func(n network) bool { return n.name == first })
}
