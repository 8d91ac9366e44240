// Package workflow has one function per command that works on hosts, and one file per use case. A
// workflow observes the facts that it needs, plans, and applies the plan.
package workflow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/hook"
	"mrsk/internal/hostname"
	"mrsk/internal/lock"
	"mrsk/internal/observe"
	"mrsk/internal/registry"
	"mrsk/internal/server"
)

// Env holds what all workflows need. It is passed by value, and no workflow changes it.
type Env struct {
	Scope    *config.Scope  // narrowed to the roles and hosts of the run
	Secrets  config.Secrets // those that the command needs
	Version  string         // the version that the command is about, "" if there is none
	Identity Identity
	Lock     LockSettings
	Fleet    *fleet.Fleet
	Observer *observe.Observer // see NewObserver
	Hooks    *hook.Runner
	Sink     event.Sink
	Now      func() time.Time
	// Confirm asks the user a question. Nil answers no.
	Confirm func(ctx context.Context, question string) (yes bool, err error)
	// Commits returns the commits between two versions, a line each, as far as they are known. Nil knows none.
	Commits func(ctx context.Context, from, to string) []string
	// Changing is called before a workflow changes anything, once or more often.
	Changing func()
	// Environ has further variables for programs that build an image, as NAME=value.
	Environ []string
	// Images is the cache of images that no registry holds.
	Images *registry.Store
	// Subject returns the subject of the commit of a version, "" if it is not known. It may be nil.
	Subject func(ctx context.Context, version string) string
	// SaveLog saves the log of a container that failed and returns the path of the file, as the user sees it.
	SaveLog func(host, step string, log []byte) (path string, err error)
}

// Identity identifies the run in the lock, the audit log and the plan.
type Identity struct {
	Command   string // as the user typed it, such as "app boot"
	Options   string // see event.RolloutEnd
	Again     string // see event.RolloutEnd
	Performer string // for the audit log
	RunURL    string // the page of the CI run, "" without one
	Token     string // unique to the run; a process that knows it can join the lease
}

// LockSettings tell how a run gets the lease.
type LockSettings struct {
	// Joined is the token of the lease to join, if a hook of another command started this one. If it
	// is empty, the run takes a lease of its own.
	Joined string
	Wait   lock.Wait // how long to wait for another run that holds the lease
}

// NewObserver returns an observer for the hosts of a run.
func NewObserver(scope *config.Scope, performer string, f *fleet.Fleet, sink event.Sink) *observe.Observer {
	return observe.New(observe.Options{Scope: scope, Fleet: f, Prelude: server.Prelude(scope.Project, performer), Sink: sink})
}

// prelude returns shell code that sets the variables that the shell functions read.
func (e Env) prelude() string { return server.Prelude(e.Scope.Project, e.Identity.Performer) }

// withVersion returns the environment with another version.
func (e Env) withVersion(version string) Env {
	e.Version = version
	return e
}

// token returns the token of the lease that the run holds or has joined.
func (e Env) token() string {
	if e.Lock.Joined != "" {
		return e.Lock.Joined
	}
	return e.Identity.Token
}

// vars returns the variables of hooks that run without the lease.
func (e Env) vars(hosts []string) hook.Vars { return hook.Vars{Version: e.Version, Hosts: hosts} }

func (e Env) hook(ctx context.Context, name string) error {
	return e.Hooks.Run(ctx, name, e.vars(e.Scope.Hosts()))
}

// ask asks the user a question. confirmed answers yes without asking.
func (e Env) ask(ctx context.Context, confirmed bool, question string) (yes bool, err error) {
	if confirmed || e.Confirm == nil {
		return confirmed, nil
	}
	return e.Confirm(ctx, question)
}

// errNoHosts reports that the options --hosts and --roles select no host of the app.
var errNoHosts = errors.New("no hosts to deploy to")

// ExampleHostError reports hosts of the configuration that are addresses for documentation, as mrsk init writes
// them.
type ExampleHostError struct {
	Hosts []string
	File  string // the configuration
}

func (e *ExampleHostError) Error() string {
	return strings.Join(e.Hosts, ", ") + ": an address for examples, which no host has"
}

// Hint returns where to write the address of a real host.
func (e *ExampleHostError) Hint() string { return "write the addresses of your servers into " + e.File }

// needReal returns an *ExampleHostError if there are hosts that cannot exist.
func (e Env) needReal(hosts []string) error {
	examples := slices.DeleteFunc(slices.Clone(hosts), func(host string) bool { return !hostname.IsExample(host) })
	if len(examples) == 0 {
		return nil
	}
	return &ExampleHostError{Hosts: examples, File: e.Scope.Project.File}
}

func (e Env) needHosts() error {
	if len(e.Scope.AppHosts()) == 0 {
		return errNoHosts
	}
	return nil
}
