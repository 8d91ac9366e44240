package config

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Network is the Docker network that joins the proxy and the containers behind it on a host.
const Network = "mrsk"

// kamalNetwork is the name of that network in Kamal. A file that names it means the network of the app,
// so it is read as Network.
const kamalNetwork = "kamal"

// network reads a Docker network in the form of docker run --network: NAME, or name=NAME,alias=ALIAS.
func (v value) network(text string) string {
	if !strings.Contains(text, "=") {
		return v.networkName(text)
	}
	fields, named := strings.Split(text, ","), false
	for i, field := range fields {
		switch key, name, _ := strings.Cut(field, "="); {
		case key == "name":
			fields[i], named = "name="+v.networkName(name), name != ""
		case !slices.Contains(networkOptions, key):
			v.problem("%q of a network is not supported: use name, %s", key, strings.Join(networkOptions, ", "))
		}
	}
	if !named {
		v.advise("write name=NETWORK,alias=NAME", "%q names no network", text)
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

var loggingSection = section[Logging]{
	name: "logging",
	doc:  "Docker's logging of the containers. Without the section, logs are limited to 10 MB with docker's default driver. With it, only the options in it are set.",
	fields: []field[Logging]{
		{"driver", "string", "docker's", "Logging driver.", word(func(l *Logging) *string { return &l.Driver })},
		{"options", "hash of strings", "max-size: " + defaultLogSize, "Options of the driver.", func(v value, l *Logging) { l.Options = v.pairs() }},
	},
}

// readLogging reads the logging of a role merged over that of the root.
func readLogging(root, role value) Logging {
	merged := role
	if role.absent() {
		merged = root
	}
	merged.Node = yamltree.Merge(root.Node, role.Node)
	var l Logging
	if !merged.absent() {
		loggingSection.read(merged, &l)
	}
	if l.Driver == "" && len(l.Options) == 0 {
		l.Options = []Pair{{Name: "max-size", Value: defaultLogSize}}
	}
	return l
}

// readOptions reads options of docker run. It returns the restart policy apart from the others.
func readOptions(v value) (options []Option, restart string) {
	restart = "unless-stopped"
	if v.absent() {
		return nil, restart
	}
	entries, _ := v.hash()
	for _, e := range entries {
		switch {
		case e.key == "restart":
			restart = readRestart(e.value)
		case e.key == "name":
			e.named()
		case e.key == "rm":
			e.problem("option %q is set by mrsk itself", e.key)
		case !optionName.MatchString(e.key):
			e.problem("%q is not an option of docker run", e.key)
		default:
			if values, given := e.option(); given {
				options = append(options, Option{Name: e.key, Values: values, Pos: e.Pos})
			}
		}
	}
	return options, restart
}

// named adds the notice about the option name. In an accessory containerName reads it.
func (e named) named() {
	if !strings.HasPrefix(e.path, "accessories/") {
		e.lost("mrsk names containers itself, because an old and a new one run side by side")
	}
}

// containerName reads the option name of an accessory. The container has the name of the service, so the app
// finds it by an alias on the network.
func containerName(options value) []Option {
	v := options.at("name")
	if v.absent() {
		return nil
	}
	name, ok := v.word()
	if !ok {
		return nil
	}
	v.notice(Notice{Problem: yamltree.Problem{
		Text: "is read as network-alias: the container has the name of the service", Advice: "write network-alias: " + name,
	}})
	return []Option{{Name: "network-alias", Values: []string{name}, Pos: v.Pos}}
}

var optionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// option returns the values of an option, none for a flag. given is false for the value false and for an
// empty list; with these a destination removes an option of the base.
func (e named) option() (values []string, given bool) {
	is, isBool := e.Bool()
	switch {
	case isBool:
		return nil, is
	case e.Kind == yamltree.List:
		values = e.passedWords()
	case e.Kind != yamltree.Scalar || e.Null:
		e.advise("true makes a bare flag", "should be a string, a boolean or an array of strings, not %s", e.found())
	default:
		values = []string{e.passed()}
	}
	if isNetwork(e.key) {
		for i, name := range values {
			values[i] = e.network(name)
		}
	}
	return values, len(values) > 0
}

var restartPolicy = regexp.MustCompile(`^(no|always|unless-stopped|on-failure(:[0-9]+)?)$`)

func readRestart(v value) string {
	if is, ok := v.Bool(); ok && v.Text != "no" {
		advice := ""
		if !is {
			advice = `write "no" in quotes`
		}
		v.advise(advice, "should be a string, not a boolean")
		return ""
	}
	s, ok := v.text()
	if ok && v.Text == "no" {
		return v.Text // in YAML a boolean, in docker a policy
	}
	if ok && !restartPolicy.MatchString(s) {
		v.problem("%q is not a restart policy: no, always, unless-stopped, on-failure or on-failure:N", s)
	}
	return s
}
