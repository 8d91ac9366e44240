// Package hook runs the user's programs at fixed points of a command. A hook is an executable file named
// after the point, in the hooks folder of the project or of the user. Hooks run on the operator's machine,
// and a hook that fails aborts the command.
//
// The package finds the file for a hook and sets its variables. The commands decide when a hook runs.
package hook

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/redact"
)

// The names of the hooks.
const (
	PreCommand      = "pre-command"  // before every command that reads the configuration
	PostCommand     = "post-command" // after every such command
	PreConnect      = "pre-connect"
	DockerSetup     = "docker-setup"
	PreBuild        = "pre-build"
	PostPush        = "post-push"
	PreDeploy       = "pre-deploy"
	PreAppBoot      = "pre-app-boot"
	PostAppBoot     = "post-app-boot"
	PostDeploy      = "post-deploy"
	PostRollback    = "post-rollback" // if there is none, post-deploy runs
	PreProxyReboot  = "pre-proxy-reboot"
	PostProxyReboot = "post-proxy-reboot"
)

// Names returns all hooks, in the order in which a command can run them.
func Names() []string {
	return []string{
		PreCommand, PreConnect, DockerSetup, PreBuild, PostPush, PreDeploy, PreProxyReboot, PostProxyReboot,
		PreAppBoot, PostAppBoot, PostDeploy, PostRollback, PostCommand,
	}
}

// Output says what is shown of a hook that succeeds. For a hook that fails the last lines of its output
// are always shown, and with -v everything is.
type Output string

// The values of Output.
const (
	ByLevel Output = ""        // that it runs
	Always  Output = "verbose" // that it runs, and its output
	Never   Output = "quiet"   // nothing
)

// Options say where hooks are, which variables they get, and how they run.
type Options struct {
	Folders Folders
	Facts   Facts
	// Secrets returns the values of all secrets files. It is called each time that a hook runs which
	// gets secrets. Nil is no secrets.
	Secrets func(context.Context) (map[string]redact.String, error)
	// Output returns what the configuration says for a hook. Nil is ByLevel for all hooks.
	Output func(name string) Output
	// Environ is the environment of mrsk, as NAME=value. If mrsk runs inside a hook, the variables of
	// the outer hook are in it; they are not passed on.
	Environ []string
	// More returns further variables for hooks, as NAME=value. It is called each time that a hook
	// runs. Nil is none.
	More   func() ([]string, error)
	Skip   bool // run no hooks
	Events event.Sink
	Now    func() time.Time // nil is time.Now
}

// Runner runs hooks.
type Runner struct{ o Options }

// New returns a Runner. Functions that are nil get their defaults.
func New(o Options) *Runner {
	if o.Secrets == nil {
		o.Secrets = func(context.Context) (map[string]redact.String, error) { return nil, nil }
	}
	if o.Output == nil {
		o.Output = func(string) Output { return ByLevel }
	}
	if o.More == nil {
		o.More = func() ([]string, error) { return nil, nil }
	}
	if o.Events == nil {
		o.Events = func(event.Event) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	// The path must be absolute: a hook may run mrsk in another folder.
	if project, err := filepath.Abs(o.Folders.Project); err == nil {
		o.Folders.Project = project
	}
	return &Runner{o}
}

// Has reports whether Run would run a file for the hook.
func (r *Runner) Has(name string) bool {
	return r.find(name) != ""
}

// find returns the file to run for the hook, "" if there is none.
func (r *Runner) find(name string) string {
	if r.o.Skip {
		return ""
	}
	path := r.o.Folders.Find(name)
	if path != "" && r.inside(name, path) {
		return ""
	}
	return path
}

// inside reports whether mrsk was started by the hook that it is about to run. Every command runs
// pre-command and post-command, so a mrsk command in one of them would start itself without end.
func (r *Runner) inside(name, path string) bool {
	if name != PreCommand && name != PostCommand {
		return false
	}
	outer, _ := lookup(r.o.Environ, within)
	return slices.Contains(filepath.SplitList(outer), path)
}
