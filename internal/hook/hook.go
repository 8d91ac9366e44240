// Package hook runs the user's own programs at fixed points of a command: executables that are
// named for the point, in the project's hooks folder or the user's. They run on the operator's
// machine, and one that fails aborts the command.
//
// The package knows which file serves a name and what it is told; when a hook runs is the
// business of the commands.
package hook

import (
	"context"
	"path/filepath"
	"slices"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/redact"
)

// The hooks that there are.
const (
	PreCommand      = "pre-command"  // round every command that reads the configuration
	PostCommand     = "post-command" //
	PreConnect      = "pre-connect"
	DockerSetup     = "docker-setup"
	PreBuild        = "pre-build"
	PostPush        = "post-push"
	PreDeploy       = "pre-deploy"
	PreAppBoot      = "pre-app-boot"
	PostAppBoot     = "post-app-boot"
	PostDeploy      = "post-deploy"
	PostRollback    = "post-rollback" // post-deploy, where there is none
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

// Output says what is shown of a hook while all goes well: that it runs, and what it prints. A
// failure shows its last lines whatever is chosen, and those who ask for everything see all.
type Output string

// The ways to show a hook: that it runs, that and its output, nothing.
const (
	ByLevel Output = ""
	Always  Output = "verbose"
	Never   Output = "quiet"
)

// Options says where hooks are, what they are told, and how they are run.
type Options struct {
	Folders Folders
	Facts   Facts
	// Secrets returns the values of all secrets files. It is called for the hooks that get
	// them, each time such a hook runs. Nil is no secrets.
	Secrets func(context.Context) (map[string]redact.String, error)
	// Output is the configuration's choice for a hook. Nil is ByLevel for all.
	Output func(name string) Output
	// Environ is the environment that mrsk was started in, as NAME=value. Where mrsk runs inside
	// a hook, it tells what the outer hook was told and must not be passed on.
	Environ []string
	// More are variables that hooks get besides; it is called when one runs. Nil is none.
	More   func() ([]string, error)
	Skip   bool // run none
	Events event.Sink
	Now    func() time.Time // nil is time.Now
}

// Runner runs hooks.
type Runner struct{ o Options }

// New makes a Runner. Missing functions get their defaults.
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
	// A relative path would mean another file to a mrsk that a hook starts elsewhere.
	if project, err := filepath.Abs(o.Folders.Project); err == nil {
		o.Folders.Project = project
	}
	return &Runner{o}
}

// Has reports whether Run would run something for name.
func (r *Runner) Has(name string) bool {
	return r.find(name) != ""
}

// find returns the file to run for name, or "".
func (r *Runner) find(name string) string {
	if r.o.Skip {
		return ""
	}
	path := r.o.Folders.find(name)
	if path != "" && r.inside(name, path) {
		return ""
	}
	return path
}

// inside reports whether mrsk was started by the very hook that it is about to run. Every
// command runs pre-command and post-command, so a mrsk command in them would never end.
func (r *Runner) inside(name, path string) bool {
	if name != PreCommand && name != PostCommand {
		return false
	}
	outer, _ := lookup(r.o.Environ, within)
	return slices.Contains(filepath.SplitList(outer), path)
}
