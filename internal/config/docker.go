package config

import (
	"regexp"

	"mrsk/internal/yamltree"
)

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

// owner is what runs the container that options of docker run are for.
type owner int

const (
	aRole owner = iota
	anAccessory
	theProxy
)

// readOptions reads options of docker run. It returns the restart policy apart from the others.
func readOptions(v value, of owner) (options []Option, restart string) {
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
			of.named(e.value)
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
func (o owner) named(v value) {
	switch o {
	case aRole:
		v.lost("mrsk names containers itself, because an old and a new one run side by side")
	case theProxy:
		v.lost("mrsk names the container of the proxy itself, because all apps of a host share it")
	}
}

// containerName reads the option name of an accessory, which is started on a network. The container has the name
// of the service, so the app finds it by an alias on the network.
func containerName(options value, network string) []Option {
	v := options.at("name")
	if v.absent() {
		return nil
	}
	name, ok := v.word()
	if !ok {
		return nil
	}
	if !isUserDefined(network) {
		v.lost("the container has the name of the service, and there are no aliases on the network %s", network)
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
