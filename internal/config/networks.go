package config

import (
	"cmp"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Network is the Docker network that joins the proxy and the containers behind it on a host.
const Network = "mrsk"

// kamalNetwork is the name of that network in Kamal. A file that names it means the network of the app,
// so it is read as Network.
const kamalNetwork = "kamal"

// ExclusiveNetwork reports whether a container on a network can be on no other one: the network of the host or
// of another container, or none.
func ExclusiveNetwork(name string) bool {
	return name == "host" || name == "none" || strings.HasPrefix(name, "container:")
}

// isUserDefined reports whether a network is one that users create. Only there a container can have aliases and
// an address of its own choice.
func isUserDefined(network string) bool {
	return !ExclusiveNetwork(network) && network != "bridge" && network != "default"
}

// network reads a Docker network in the form of docker run --network: NAME, or name=NAME,alias=ALIAS.
func (v value) network(text string) string {
	if !strings.Contains(text, "=") {
		return v.networkName(text)
	}
	fields, name := strings.Split(text, ","), ""
	for i, field := range fields {
		switch key, named, _ := strings.Cut(field, "="); {
		case key == "name":
			name = v.networkName(named)
			fields[i] = "name=" + name
		case !slices.Contains(networkOptions, key):
			v.problem("%q of a network is not supported: use name, %s", key, strings.Join(networkOptions, ", "))
		}
	}
	if name == "" {
		v.advise("write name=NETWORK,alias=NAME", "%q names no network", text)
	}
	if len(fields) > 1 && !isUserDefined(name) {
		v.advise("write "+name, "docker refuses alias and ip on the network %s", name)
	}
	return strings.Join(fields, ",")
}

// networkOptions are the options beside the name that docker accepts for each network of a container.
var networkOptions = []string{"alias", "ip", "ip6", "link-local-ip"}

func (v value) networkName(name string) string {
	if name != kamalNetwork {
		return name
	}
	v.notice(Notice{Problem: yamltree.Problem{
		Text: "is Kamal's network, which is " + Network + " here", Advice: "remove it, or write " + Network,
	}})
	return Network
}

func readNetwork(v value, a *accessoryFile) {
	if name, ok := v.word(); ok {
		a.Network = v.network(name)
	}
}

// isNetwork reports whether an option of docker run names networks.
func isNetwork(option string) bool { return option == "network" || option == "net" }

// startedOn returns the name of the network that a container is started with. That is own, or Network without
// one, unless the options have an exclusive network.
func startedOn(own string, options []Option) string {
	for _, o := range options {
		if !isNetwork(o.Name) {
			continue
		}
		for _, text := range o.Values {
			if name := nameOfNetwork(text); ExclusiveNetwork(name) {
				return name
			}
		}
	}
	return nameOfNetwork(cmp.Or(own, Network))
}

// Isolated reports whether the containers of the role can join no network, because they have that of the host, that of
// another container, or none.
func (r Role) Isolated() bool { return ExclusiveNetwork(startedOn("", r.Options)) }

// Isolated reports the same of the container of the accessory.
func (a Accessory) Isolated() bool { return ExclusiveNetwork(startedOn(a.Network, a.Options)) }

// nameOfNetwork returns NAME of a network in one of the forms that network reads.
func nameOfNetwork(text string) string {
	for field := range strings.SplitSeq(text, ",") {
		if name, long := strings.CutPrefix(field, "name="); long {
			return name
		}
	}
	return text
}

// addressOptions are the options of docker run that give a container a name or an address on the network that
// it is started with.
var addressOptions = []string{"network-alias", "net-alias", "ip", "ip6", "link-local-ip"}

// checkAddresses reports options that docker refuses on the network that the container is started with.
// section has the options in the file.
func checkAddresses(section value, options []Option, network string) {
	if isUserDefined(network) {
		return
	}
	for _, o := range options {
		if slices.Contains(addressOptions, o.Name) {
			section.at(o.Name).advise("remove it, or name a network that you created", "docker refuses %s on the network %s", o.Name, network)
		}
	}
}
