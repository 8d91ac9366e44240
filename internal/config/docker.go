package config

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Network is the Docker network that joins the proxy and the containers behind it on a host.
const Network = "mrsk"

// kamalNetwork is Kamal's name for the same thing. Kamal joins every container to it, so a file that
// names it means the app's network, and not one that somebody has to create.
const kamalNetwork = "kamal"

// network reads what names a Docker network: NAME, or name=NAME,alias=ALIAS as docker run takes it.
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
			v.problem("%q of a network is not supported: name, %s", key, strings.Join(networkOptions, ", "))
		}
	}
	if !named {
		v.advise("write name=NETWORK,alias=NAME", "%q names no network", text)
	}
	return strings.Join(fields, ",")
}

// networkOptions are what may stand beside the name: docker takes them for each network of a container.
var networkOptions = []string{"alias", "ip", "ip6", "link-local-ip"}

func (v value) networkName(name string) string {
	if name != kamalNetwork {
		return name
	}
	v.notice(Notice{Problem: yamltree.Problem{
		Text: "is Kamal's own network, which is " + Network + " here", Advice: "leave it out, or write " + Network,
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

// readLogging reads the role's logging, merged over the root's.
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

// readOptions reads options of docker run; the restart policy is not among what it returns.
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
		case e.key == "name" || e.key == "rm":
			e.problem("option %q is set by mrsk itself", e.key)
		case !optionName.MatchString(e.key):
			e.problem("%q is no option of docker run", e.key)
		default:
			if values, given := e.option(); given {
				options = append(options, Option{Name: e.key, Values: values, Pos: e.Pos})
			}
		}
	}
	return options, restart
}

var optionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// option returns the values of an option, none for a flag. false is a flag that is not set, and an
// empty list an option that is not given: with it a destination takes back what the base says.
func (e named) option() (values []string, given bool) {
	is, isBool := e.Bool()
	switch {
	case isBool:
		return nil, is
	case e.Kind == yamltree.List:
		values, _ = e.words()
	case e.Kind != yamltree.Scalar || e.Null:
		e.advise("true makes a bare flag", "should be a string, a boolean or an array of strings, not %s", e.found())
	default:
		s, _ := e.text()
		values = []string{s}
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
			advice = `write "no", in quotes`
		}
		v.advise(advice, "should be a string, not a boolean")
		return ""
	}
	s, ok := v.text()
	if ok && v.Text == "no" {
		return v.Text // in YAML a boolean, in docker a policy
	}
	if ok && !restartPolicy.MatchString(s) {
		v.problem("%q is no restart policy: no, always, unless-stopped, on-failure or on-failure:N", s)
	}
	return s
}
