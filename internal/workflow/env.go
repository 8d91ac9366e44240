// Package workflow holds what each command that works on hosts does, from beginning to end: one
// file per use case, each of which reads like a table of contents. A workflow declares the facts
// that it needs, plans, and has the plan carried out.
package workflow

import (
	"context"
	"errors"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/hook"
	"mrsk/internal/lock"
	"mrsk/internal/observe"
	"mrsk/internal/registry"
	"mrsk/internal/server"
)

// Env is what all workflows work with. No workflow changes it.
type Env struct {
	Scope    *config.Scope // narrowed to the roles and hosts of the run, secrets filled in
	Version  string        // the version that the command is about, "" if there is none
	Identity Identity
	Lock     LockSettings
	Fleet    *fleet.Fleet
	Observer *observe.Observer // see NewObserver
	Hooks    *hook.Runner
	Sink     event.Sink
	Now      func() time.Time
	// Confirm asks the user a question. Nil answers no.
	Confirm func(ctx context.Context, question string) (yes bool, err error)
	// Changing is called before a workflow changes anything, once or more often.
	Changing func()
	// Images is where images are kept that go to no registry.
	Images *registry.Store
	// SaveLog saves the log of a container that failed and returns the path of the file.
	SaveLog func(host, step string, log []byte) (path string, err error)
}

// Identity says which run this is.
type Identity struct {
	Command   string // as the user typed it, such as "app boot"
	Performer string // for the audit log
	RunURL    string // the page of the CI run, "" without one
	Token     string // unique to the run; whoever knows it can join the lease
}

// LockSettings say how a run gets the lease.
type LockSettings struct {
	// Joined is the token of the lease of the command whose hook runs this one. "" takes a lease.
	Joined string
	Wait   lock.Wait // for the end of another run that holds the lease
}

// NewObserver returns an observer for the hosts of a run.
func NewObserver(scope *config.Scope, performer string, f *fleet.Fleet, sink event.Sink) *observe.Observer {
	return observe.New(observe.Options{Scope: scope, Fleet: f, Prelude: server.Prelude(scope.Project, performer), Sink: sink})
}

// prelude sets the variables that shell functions read.
func (e Env) prelude() string { return server.Prelude(e.Scope.Project, e.Identity.Performer) }

// withVersion is the environment of a run about another version.
func (e Env) withVersion(version string) Env {
	e.Version = version
	return e
}

// token is that of the lease under which the run works.
func (e Env) token() string {
	if e.Lock.Joined != "" {
		return e.Lock.Joined
	}
	return e.Identity.Token
}

// vars is what hooks are told before the run has the lease, and after.
func (e Env) vars(hosts []string) hook.Vars { return hook.Vars{Version: e.Version, Hosts: hosts} }

func (e Env) hook(ctx context.Context, name string) error {
	return e.Hooks.Run(ctx, name, e.vars(e.Scope.Hosts()))
}

// ask asks the user, unless the command line has answered.
func (e Env) ask(ctx context.Context, confirmed bool, question string) (yes bool, err error) {
	if confirmed || e.Confirm == nil {
		return confirmed, nil
	}
	return e.Confirm(ctx, question)
}

// errNoHosts reports a selection without a host of the app.
var errNoHosts = errors.New("no hosts to deploy to")

func (e Env) needHosts() error {
	if len(e.Scope.AppHosts()) == 0 {
		return errNoHosts
	}
	return nil
}
