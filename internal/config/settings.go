package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// Setting is a key that is in force, by its path in the file: what the file says, or the default.
type Setting struct {
	Key string
	// Value is a text, a number, a boolean or a list of texts. Times are in seconds. Secrets are the
	// names by which the secrets files have them, and values of the environment are hidden.
	Value  any
	Origin string // file and line, or why there is a value without one
}

// byDefault is the origin of what no file says.
const byDefault = "default"

// written is what the files say, as far as Project does not keep it.
type written struct {
	places  map[string]yamltree.Pos // of every value, by its path
	environ map[line][]string       // variables that the values of a line come from

	volumes                             []string
	requireDestination, allowEmptyRoles bool
	minimumVersion                      string
	older                               bool
}

// keepWritten keeps what settings are made of.
func (d *draft) keepWritten() {
	d.written = &written{
		places: map[string]yamltree.Pos{}, environ: d.root.log.environ, volumes: d.volumes,
		requireDestination: d.requireDestination, allowEmptyRoles: d.allowEmptyRoles, minimumVersion: d.minimumVersion, older: d.older,
	}
	d.written.locate(d.root.Node, "")
}

func (w *written) locate(n *yamltree.Node, path string) {
	w.places[path] = n.Pos
	for _, e := range n.Entries {
		w.locate(e.Value, within(path, e.Key))
	}
}

// settings gathers what is in force.
type settings struct {
	*Scope
	all []Setting
}

// Settings are all keys in force, in the order of the reference. Those of roles have what they inherit.
func (scope *Scope) Settings() []Setting {
	s, project := settings{Scope: scope}, scope.Project
	s.root()
	for _, r := range scope.Roles {
		s.role(r)
	}
	s.registry("registry", project.Registry)
	s.builder(project.Builder)
	s.run("proxy/run", project.ProxyRun)
	for _, a := range scope.Accessories {
		s.accessory(a)
	}
	s.login(project.SSH)
	s.rollout()
	for _, a := range project.Aliases {
		s.at("aliases/"+a.Name, a.Command, a.Pos)
	}
	return s.all
}

// add adds a setting whose value stands at its key or, for want of that, at the first of the others.
// A value that says nothing is none.
func (s *settings) add(key string, value any, others ...string) {
	if d, is := value.(time.Duration); is {
		value = int(d.Seconds())
	}
	if v := reflect.ValueOf(value); value == nil || v.Kind() == reflect.String && v.Len() == 0 || v.Kind() == reflect.Slice && v.Len() == 0 {
		return
	}
	s.all = append(s.all, Setting{key, value, s.origin(append([]string{key}, others...))})
}

// at adds a setting whose place is known.
func (s *settings) at(key string, value any, pos yamltree.Pos) {
	s.all = append(s.all, Setting{key, value, s.place(pos)})
}

func (s *settings) origin(keys []string) string {
	for _, key := range keys {
		if pos, found := s.Project.written.places[key]; found {
			return s.place(pos)
		}
	}
	return byDefault
}

func (s *settings) place(pos yamltree.Pos) string {
	if pos.Line == 0 {
		return byDefault
	}
	text := fmt.Sprintf("%s:%d", pos.File, pos.Line)
	if names := s.Project.written.environ[line{pos.File, pos.Line}]; len(names) > 0 {
		text += ", from the environment: " + strings.Join(names, ", ")
	}
	return text
}

func (s *settings) pairs(key string, all []Pair, show func(Pair) any) {
	for _, p := range all {
		s.at(key+"/"+p.Name, show(p), p.Pos)
	}
}

func shown(p Pair) any { return p.Value }

func (s *settings) options(key string, all []Option) {
	for _, o := range all {
		switch len(o.Values) {
		case 0:
			s.at(key+"/"+o.Name, true, o.Pos)
		case 1:
			s.at(key+"/"+o.Name, o.Values[0], o.Pos)
		default:
			s.at(key+"/"+o.Name, o.Values, o.Pos)
		}
	}
}
