package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// Setting is the effective value of a key: that of the file, or the default.
type Setting struct {
	Key string // path in the file, such as proxy/app_port
	// Value is a text, a number, a boolean or a list of texts. Durations are in seconds. For a secret it
	// is its name in the secrets files. Values of variables are hidden.
	Value   any
	Origin  string // file and line, or which default it is
	Default bool   // it is in no file
}

// byDefault is the origin of a value that is in no file.
const byDefault = "default"

// written has those parts of the files that Project does not keep and that settings need.
type written struct {
	places  map[string]yamltree.Pos   // of every value, by its path
	items   map[string][]yamltree.Pos // of the items of every list, by its path
	environ map[line][]string         // variables that the values of a line come from

	volumes                             []string
	requireDestination, allowEmptyRoles bool
	minimumVersion                      string
	older                               bool
}

// keepWritten sets d.written.
func (d *draft) keepWritten() {
	d.written = &written{
		places: map[string]yamltree.Pos{}, items: map[string][]yamltree.Pos{}, environ: d.root.log.environ, volumes: d.volumes,
		requireDestination: d.requireDestination, allowEmptyRoles: d.allowEmptyRoles, minimumVersion: d.minimumVersion, older: d.older,
	}
	d.written.locate(d.root.Node, "")
}

func (w *written) locate(n *yamltree.Node, path string) {
	w.places[path] = n.Pos
	for _, e := range n.Entries {
		w.locate(e.Value, within(path, e.Key))
	}
	for _, item := range n.Items {
		w.items[path] = append(w.items[path], item.Pos)
	}
}

// settings collects the effective values.
type settings struct {
	*Scope
	all []Setting
}

// Settings returns the effective values of all keys, in the order of the reference. Those of roles
// include what they inherit.
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

// RoleSettings returns what the files say about a role, with what it inherits, by paths below the role. It leaves
// out the hosts and defaults.
func (scope *Scope) RoleSettings(r Role) []Setting {
	s := settings{Scope: scope}
	s.role(r)
	s.add("servers/"+r.Name+"/volumes", r.Volumes, "volumes")
	var own []Setting
	for _, one := range s.all {
		key := strings.TrimPrefix(one.Key, "servers/"+r.Name+"/")
		top, _, _ := strings.Cut(key, "/")
		if top != "hosts" && !one.Default {
			one.Key = key
			own = append(own, one)
		}
	}
	return own
}

// add adds a setting. Its origin is the first key that the files have: key itself, or one of others.
// add ignores empty values.
func (s *settings) add(key string, value any, others ...string) {
	if d, is := value.(time.Duration); is {
		value = int(d.Seconds())
	}
	if v := reflect.ValueOf(value); value == nil || v.Kind() == reflect.String && v.Len() == 0 || v.Kind() == reflect.Slice && v.Len() == 0 {
		return
	}
	origin, isDefault := s.origin(append([]string{key}, others...))
	s.all = append(s.all, Setting{key, value, origin, isDefault})
}

// at adds a setting with the given position.
func (s *settings) at(key string, value any, pos yamltree.Pos) {
	origin, isDefault := s.place(pos)
	s.all = append(s.all, Setting{key, value, origin, isDefault})
}

// lastDefault returns the last setting if it is a default, otherwise nil.
func (s *settings) lastDefault() *Setting {
	if last := &s.all[len(s.all)-1]; last.Default {
		return last
	}
	return nil
}

// origin returns the place of the first of the keys that the files have.
func (s *settings) origin(keys []string) (origin string, isDefault bool) {
	for _, key := range keys {
		if pos, found := s.Project.written.places[key]; found {
			return s.place(pos, s.Project.written.items[key]...)
		}
	}
	return byDefault, true
}

// has reports whether the files have a key.
func (s *settings) has(key string) bool {
	_, found := s.Project.written.places[key]
	return found
}

// place names a line and the variables of the environment that it comes from, with those of its items.
func (s *settings) place(pos yamltree.Pos, items ...yamltree.Pos) (origin string, isDefault bool) {
	if pos.Line == 0 {
		return byDefault, true
	}
	text := fmt.Sprintf("%s:%d", pos.File, pos.Line)
	var names []string
	for _, p := range append([]yamltree.Pos{pos}, items...) {
		for _, name := range s.Project.written.environ[line{p.File, p.Line}] {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) > 0 {
		text += ", from the environment: " + strings.Join(names, ", ")
	}
	return text, false
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
