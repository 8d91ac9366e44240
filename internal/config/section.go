package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// section describes a hash with known keys. docs/config.md is generated from the same table that reads
// the keys.
type section[T any] struct {
	name   string // path of the hash in the docs, such as servers/<role>
	doc    string
	fields []field[T]
}

// field is one key of a section.
type field[T any] struct {
	key     string
	kind    string // type, for the docs
	inWords string // the default in words; if "", the docs show the value of the code, see defaults
	doc     string
	read    func(value, *T)
}

// read reads the hash v into the struct. Keys starting with x- are the user's own where
// extensions are allowed.
func (s section[T]) read(v value, into *T) bool {
	entries, ok := v.hash()
	for _, e := range entries {
		if f, known := s.find(e.key); known {
			f.read(e.value, into)
			continue
		}
		s.unknown(v, e)
	}
	return ok
}

func (s section[T]) find(key string) (field[T], bool) {
	for _, f := range s.fields {
		if f.key == key {
			return f, true
		}
	}
	return field[T]{}, false
}

func (s section[T]) unknown(v value, e named) {
	if v.path == "" && strings.HasPrefix(e.key, "x-") {
		return
	}
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.key
	}
	advice := moved[strings.TrimPrefix(s.name+"/"+e.key, "/")]
	if advice == "" && s.ofContainer() && slices.Contains(dockerOptions, e.key) {
		advice = "docker options belong under options: {" + e.key + ": …}"
	}
	if advice == "" {
		advice = belongs(e.key)
	}
	if near := Nearest(e.key, keys); advice == "" && near != "" {
		advice = fmt.Sprintf("did you mean %q?", near)
	}
	v.log.add(yamltree.Problem{Pos: e.pos, Path: v.path, Text: clip(fmt.Sprintf("unknown key %q", e.key)), Advice: advice})
}

// ofContainer reports whether the section has options of docker run.
func (s section[T]) ofContainer() bool {
	return slices.ContainsFunc(s.fields, func(f field[T]) bool { return f.key == "options" }) && s.name != "logging"
}

// dockerOptions are options of docker run that users look for in the section of a container.
var dockerOptions = []string{
	"add-host", "cap-add", "cpus", "device", "dns", "entrypoint", "gpus", "hostname", "init", "ipc", "memory", "mount", "network-alias",
	"pid", "platform", "privileged", "pull", "publish", "restart", "shm-size", "sysctl", "tmpfs", "ulimit", "user", "volume", "workdir",
}

// belongs returns the advice for a key that exists in exactly one other section. Otherwise it is empty.
func belongs(key string) string {
	var where []string
	for _, s := range sections() {
		if slices.Contains(s.keys(), strings.TrimPrefix(s.path()+"/"+key, "/")) {
			where = append(where, s.path())
		}
	}
	switch {
	case len(where) != 1:
		return ""
	case where[0] == "":
		return key + " belongs to the top level of the file"
	}
	return key + " belongs under " + where[0]
}

// moved has the advice for keys of older versions, and for keys that users often put in the wrong
// section.
var moved = map[string]string{
	"network":                "docker options belong to a role: servers/<role>/options",
	"options":                "docker options belong to a role: servers/<role>/options",
	"hosts":                  "hosts belong under servers, host names of the proxy under proxy",
	"servers/<role>/network": "docker options belong under options",
	"servers/<role>/port":    "the container's port is proxy/app_port",
	"servers/<role>/volumes": "volumes are for all roles and belong to the root; for one role write options: {volume: …}",
	"builder/remote/ssh":     "write host: ssh://USER@HOST",
	"boot/percentage":        "write a limit such as \"25%\"",
	"proxy/app_host":         "the name to serve is proxy/host",
}

// Each function below returns the reader of a field. at returns where to store the value.

func text[T any](at func(*T) *string) func(value, *T) {
	return func(v value, into *T) {
		if s, ok := v.text(); ok {
			*at(into) = s
		}
	}
}

func word[T any](at func(*T) *string) func(value, *T) {
	return func(v value, into *T) {
		if s, ok := v.word(); ok {
			*at(into) = s
		}
	}
}

// optionalWord is word for a key that may be empty. null and "" mean the same as no key.
func optionalWord[T any](at func(*T) *string) func(value, *T) {
	return func(v value, into *T) {
		if v.Kind == yamltree.Scalar && (v.Null || strings.TrimSpace(v.Text) == "") {
			*at(into) = ""
			return
		}
		word(at)(v, into)
	}
}

func words[T any](at func(*T) *[]string) func(value, *T) {
	return func(v value, into *T) {
		if all, ok := v.words(); ok {
			*at(into) = all
		}
	}
}

func boolean[T any](at func(*T) *bool) func(value, *T) {
	return func(v value, into *T) {
		if is, ok := v.boolean(); ok {
			*at(into) = is
		}
	}
}

func intAtLeast[T any](least int, at func(*T) *int) func(value, *T) {
	return func(v value, into *T) {
		if n, ok := v.intAtLeast(least); ok {
			*at(into) = n
		}
	}
}

func port[T any](at func(*T) *int) func(value, *T) {
	return func(v value, into *T) {
		if n, ok := v.port(); ok {
			*at(into) = n
		}
	}
}

func seconds[T any](least int, at func(*T) *time.Duration) func(value, *T) {
	return func(v value, into *T) {
		if d, ok := v.seconds(least); ok {
			*at(into) = d
		}
	}
}

// oneOf reads a word of a fixed set.
func oneOf[T any, W ~string](at func(*T) *W, allowed ...W) func(value, *T) {
	return func(v value, into *T) {
		s, ok := v.text()
		for _, w := range allowed {
			if ok && W(s) == w {
				*at(into) = w
				return
			}
		}
		if ok {
			v.problem("should be %s", either(allowed))
		}
	}
}

// either lists words: a, b or c.
func either[W ~string](all []W) string {
	text := string(all[0])
	for i, w := range all[1:] {
		if i == len(all)-2 {
			text += " or " + string(w)
		} else {
			text += ", " + string(w)
		}
	}
	return text
}

// later stores the value unread. assemble reads it when the rest of the file is known.
func later[T any](at func(*T) *value) func(value, *T) {
	return func(v value, into *T) { *at(into) = v }
}

// ignored accepts any value. The key has no effect.
func ignored[T any](value, *T) {}
