package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// roleFile is a role while it is read, before the settings of the root are merged.
type roleFile struct {
	name string
	at   value

	hosts                                []Host
	cmd                                  string
	options, labels, env, logging, proxy value

	assets      Assets
	stopTimeout *time.Duration
	order       Order

	health  value
	traefik *bool
}

var roleSection = section[roleFile]{
	name: "servers/<role>",
	doc:  "A role: hosts that run the same containers. A plain list of hosts is a role without settings.",
	fields: []field[roleFile]{
		{"hosts", "array", "", "The hosts. An entry is a name, name: tag, or name: [tag, tag]; see env/tags.", readHosts},
		{"cmd", "string", "the image's", "Command to run, as shell words.", optionalWord(func(r *roleFile) *string { return &r.cmd })},
		{"options", "hash", "", "Options of docker run: a value, a list to repeat the option, or true for a flag; false and an empty list omit it. The host fills in ${NAME}. options/restart is the restart policy: no, always, unless-stopped (the default), on-failure or on-failure:N.", later(func(r *roleFile) *value { return &r.options })},
		{"labels", "hash of strings", "", "Labels, merged over those of the root.", later(func(r *roleFile) *value { return &r.labels })},
		{"env", "hash", "", "Environment, merged over that of the root; see env.", later(func(r *roleFile) *value { return &r.env })},
		{"logging", "hash", "", "Logging, merged over that of the root; see logging.", later(func(r *roleFile) *value { return &r.logging })},
		{"proxy", "boolean or hash", "true for the primary role", "Whether the role is behind the proxy. A hash is merged over that of the root; see proxy.", later(func(r *roleFile) *value { return &r.proxy })},
		{"stop_timeout", "integer", "the root's", "How long docker stop waits before it kills.", readRoleStopTimeout},
		{"boot", "hash", "the root's", "Only order can be set; see boot.", readRoleBoot},
		{"asset_path", "string", "the root's", "Folder with assets.", readAssetPath(func(r *roleFile) *Assets { return &r.assets })},
		{"traefik", "boolean", "true for the primary role", "Deprecated, of MRSK and Kamal 1. Use proxy: true or false.", readOlderSwitch},
		{"healthcheck", "hash", "the root's", "Deprecated, of MRSK and Kamal 1; see healthcheck. Use proxy/healthcheck and proxy/app_port.", later(func(r *roleFile) *value { return &r.health })},
	},
}

var roleBootSection = section[roleFile]{
	name: "servers/<role>/boot",
	fields: []field[roleFile]{
		{"order", "string", "the root's", "start_first or stop_first.", oneOf(func(r *roleFile) *Order { return &r.order }, StartFirst, StopFirst)},
	},
}

func readRoleStopTimeout(v value, r *roleFile) {
	if t, ok := v.seconds(0); ok {
		r.stopTimeout = &t
	}
}

// readOlderSwitch reads servers/<role>/traefik, which tells whether the role is behind the proxy.
func readOlderSwitch(v value, r *roleFile) {
	v.older("write proxy: true or proxy: false")
	if is, ok := v.boolean(); ok {
		r.traefik = &is
	}
}

func readRoleBoot(v value, r *roleFile) { roleBootSection.read(v, r) }

// readRoles reads the servers section: a list is the role web.
func readRoles(v value) []roleFile {
	switch {
	case v.absent():
		return nil
	case v.Kind == yamltree.List:
		web := roleFile{name: "web", at: v}
		readHosts(v, &web)
		return []roleFile{web}
	case v.Kind != yamltree.Map:
		v.shouldBe("an array or a hash")
		return nil
	}
	var roles []roleFile
	entries, _ := v.hash()
	for _, e := range entries {
		if !IsName(e.key) {
			e.problem("role %q should consist of letters, digits, - and _, and begin with a letter or a digit", e.key)
		}
		roles = append(roles, readRole(e))
	}
	return roles
}

func readRole(e named) roleFile {
	r := roleFile{name: e.key, at: e.value}
	switch e.Kind {
	case yamltree.List:
		readHosts(e.value, &r)
	case yamltree.Map:
		roleSection.read(e.value, &r)
	default:
		e.shouldBe("an array or a hash")
	}
	return r
}

func readHosts(v value, r *roleFile) {
	items, _ := v.array()
	for _, item := range items {
		if h, ok := readHost(item); ok {
			r.hosts = append(r.hosts, h)
		}
	}
}

func readHost(v value) (Host, bool) {
	switch {
	case v.Kind == yamltree.Map && len(v.Entries) == 1:
		e := v.Entries[0]
		tags, ok := readHostTags(v.child(e.Key, e.Value))
		return Host{Name: e.Key, Tags: tags, Pos: e.Pos}, isHost(v, e.Key) && ok
	case v.Kind == yamltree.Map && len(v.Entries) == 0:
		v.problem("names no host")
		return Host{}, false
	case v.Kind == yamltree.Map:
		v.problem("has several hosts; write one entry per host")
		return Host{}, false
	case v.Kind == yamltree.List || v.Null:
		v.shouldBe("a string or a hash")
		return Host{}, false
	}
	name, ok := v.text()
	return Host{Name: name, Pos: v.Pos}, ok && isHost(v, name)
}

// IsHostName reports whether name is valid as the name of a host in servers.
func IsHostName(name string) bool { return hostName.MatchString(name) }

// hostName matches names that the ssh program does not take for an option or for several words.
var hostName = regexp.MustCompile(`^[^-\s\pC,/'"$][^\s\pC,/'"$]*$`)

// variable matches $NAME and ${NAME}. Users may expect the value of the variable, but no shell reads the
// file.
var variable = regexp.MustCompile(`^\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})$`)

func isHost(v value, name string) bool {
	if name == "" {
		// Kamal loads such a file, and commands that do not connect to the host work.
		v.notice(Notice{Problem: yamltree.Problem{
			Text: "is empty", Advice: "no command that connects to this host will work; " + cmp.Or(v.setting(), "set the variable that its name comes from"),
		}, Lost: true})
		return true
	}
	if variable.MatchString(name) {
		v.notice(Notice{Problem: yamltree.Problem{
			Text: name + " is read as the name of the host", Advice: "for the value of the variable, write ${env:" + strings.Trim(name, "${}") + "}",
		}, Lost: true})
		return true
	}
	if !hostName.MatchString(name) {
		v.problem("%q is not a host name", name)
		return false
	}
	return true
}

func readHostTags(v value) ([]string, bool) {
	switch {
	case v.Kind == yamltree.List:
		return v.words()
	case v.Kind == yamltree.Map || v.Null:
		v.shouldBe("a string or an array")
		return nil, false
	}
	tag, ok := v.word()
	return []string{tag}, ok
}

// IsName reports whether s can be a service, a role or an accessory, which are part of the names of containers,
// volumes and locks: letters, digits, - and _, with a letter or a digit first.
func IsName(s string) bool { return nameForm.MatchString(s) }

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// reserved are labels that mrsk sets to find its containers.
var reserved = []string{"service", "role", "destination"}

func readLabels(v value) []Pair {
	if v.absent() {
		return nil
	}
	labels := v.pairs()
	for i, p := range labels {
		if slices.Contains(reserved, p.Name) || strings.HasPrefix(p.Name, "mrsk.") {
			v.child(p.Name, v.Entries[i].Value).problem("label %q is reserved", p.Name)
		}
	}
	return labels
}

// pairs returns the entries of a hash of strings.
func (v value) pairs() []Pair {
	entries, _ := v.hash()
	pairs := make([]Pair, len(entries))
	for i, e := range entries {
		s := e.passed()
		if strings.TrimSpace(e.key) == "" || strings.ContainsAny(e.key, "=\x00\n") {
			e.problem("%q cannot be a name", e.key)
		}
		pairs[i] = Pair{Name: e.key, Value: s, Pos: e.Pos}
	}
	return pairs
}
