package hook

import (
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/git"
	"mrsk/internal/redact"
)

// Facts is what every hook of a run is told.
type Facts struct {
	Service     string
	Destination string        // "" without one
	Performer   func() string // who runs the command; asked only when a hook runs
	Command     string        // first word that the user typed
	Subcommand  string        // second word of a command group
	Roles       []string      // nil unless the user chose roles
}

// Vars is what one hook is told in addition.
type Vars struct {
	Version   string   // "" while it is not known
	Hosts     []string // the hosts of the run, or of the batch
	Locked    bool     // the run holds the lock
	LockToken string   // lets a nested mrsk command join the lock; "" without one
	// Runtime is how long the command took; only post-deploy and post-rollback are told, in
	// whole seconds.
	Runtime time.Duration
}

// getSecrets are the hooks that are given the secrets.
var getSecrets = []string{PreConnect, PreDeploy, PostDeploy, PostRollback}

// getRuntime are the hooks that are told how long the command took.
var getRuntime = []string{PostDeploy, PostRollback}

type pair struct{ name, value string }

// facts are the variables of hook name, without the prefix of their names.
func facts(name string, f Facts, v Vars, now time.Time) []pair {
	all := []pair{
		{"RECORDED_AT", now.UTC().Format(time.RFC3339)},
		{"PERFORMER", f.Performer()},
		{"SERVICE", f.Service},
		{"HOSTS", strings.Join(v.Hosts, ",")},
		{"LOCK", strconv.FormatBool(v.Locked)},
		{"COMMAND", f.Command},
	}
	all = appendSet(all, "SUBCOMMAND", f.Subcommand)
	all = appendSet(all, "DESTINATION", f.Destination)
	all = appendSet(all, "ROLES", strings.Join(f.Roles, ","))
	if v.Version != "" {
		all = append(all, pair{"VERSION", v.Version}, pair{"SERVICE_VERSION", f.Service + "@" + git.Abbreviate(v.Version)})
	}
	if slices.Contains(getRuntime, name) {
		all = append(all, pair{"RUNTIME", strconv.Itoa(int(v.Runtime.Seconds()))})
	}
	return all
}

func appendSet(all []pair, name, value string) []pair {
	if value == "" {
		return all
	}
	return append(all, pair{name, value})
}

// exported returns NAME=value for every secret.
func exported(secrets map[string]redact.String) []string {
	var env []string
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		env = append(env, name+"="+secrets[name].Reveal())
	}
	return env
}

// within names the hooks that a program runs in, separated as in PATH.
const within = "MRSK_WITHIN_HOOK"

// told returns NAME=value for all that the hook is told. It comes after the secrets, which
// cannot change it so.
func (r *Runner) told(name, path string, v Vars) []string {
	all := facts(name, r.o.Facts, v, r.o.Now())
	env := r.prefixed("MRSK_", all)
	if r.o.Folders.Reference() {
		env = append(env, r.prefixed("KAMAL_", all)...)
	}
	if v.LockToken != "" {
		env = append(env, "MRSK_LOCK_TOKEN="+v.LockToken)
	}
	if outer, _ := lookup(r.o.Environ, within); outer != "" {
		path = outer + string(filepath.ListSeparator) + path
	}
	return append(env, within+"="+path)
}

// optional are the facts that are not always there.
var optional = []string{"SUBCOMMAND", "DESTINATION", "ROLES", "VERSION", "SERVICE_VERSION", "RUNTIME"}

// prefixed names the facts, and empties what an outer hook was told and this one is not.
func (r *Runner) prefixed(prefix string, all []pair) []string {
	var env []string
	for _, name := range optional {
		if _, inherited := lookup(r.o.Environ, prefix+name); inherited {
			env = append(env, prefix+name+"=")
		}
	}
	for _, fact := range all {
		env = append(env, prefix+fact.name+"="+fact.value)
	}
	return env
}

// lookup finds the value of a variable; as in a process, the last one counts.
func lookup(environ []string, name string) (value string, ok bool) {
	for _, entry := range environ {
		if v, found := strings.CutPrefix(entry, name+"="); found {
			value, ok = v, true
		}
	}
	return value, ok
}
