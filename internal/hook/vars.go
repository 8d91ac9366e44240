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

// Facts are the variables that are the same for all hooks of a run.
type Facts struct {
	Service     string
	Destination string        // "" without one
	Performer   func() string // who runs the command; called only when a hook runs
	Command     string        // first word of the command, such as app
	Subcommand  string        // second word of the command, such as exec; "" without one
	Roles       []string      // the roles that the user selected with --roles; nil without
}

// Vars are the variables that differ between the hooks of a run.
type Vars struct {
	Version   string   // "" as long as it is not known
	Hosts     []string // the hosts of the run, or of the batch
	Locked    bool     // the run holds the lock
	LockToken string   // lets mrsk commands in the hook use the lock of the run; "" without a lock
	// Runtime is how long the command took. Only post-deploy and post-rollback get it, in whole
	// seconds.
	Runtime time.Duration
}

// getSecrets are the hooks that get the secrets.
var getSecrets = []string{PreConnect, PreDeploy, PostDeploy, PostRollback}

// getRuntime are the hooks that get the duration of the command.
var getRuntime = []string{PostDeploy, PostRollback}

type pair struct{ name, value string }

// facts returns the variables of a hook, without the prefix of their names.
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

// within is the variable with the files of the hooks that a program runs in, separated as in PATH.
const within = "MRSK_WITHIN_HOOK"

// variables returns the variables of a hook as NAME=value. They follow the secrets in the environment, so
// that no secret can replace one.
func (r *Runner) variables(name, path string, v Vars) []string {
	all := facts(name, r.o.Facts, v, r.o.Now())
	env := r.prefixed("MRSK_", all)
	if r.o.Folders.OfKamal() {
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

// optional are the facts that not every hook has.
var optional = []string{"SUBCOMMAND", "DESTINATION", "ROLES", "VERSION", "SERVICE_VERSION", "RUNTIME"}

// prefixed returns the facts as NAME=value. Optional facts that an outer hook has, and this one has not,
// are set to "".
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

// lookup returns the value of a variable. If it is there more than once, the last one counts.
func lookup(environ []string, name string) (value string, ok bool) {
	for _, entry := range environ {
		if v, found := strings.CutPrefix(entry, name+"="); found {
			value, ok = v, true
		}
	}
	return value, ok
}
