package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/hook"
	"mrsk/internal/local"
	"mrsk/internal/output"
	"mrsk/internal/redact"
	"mrsk/internal/registry"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/textfile"
	"mrsk/internal/ui"
	"mrsk/internal/workflow"
)

// opener makes what commands need to work on hosts: a configuration, the secrets, connections, hooks,
// the record of the command. It runs what comes before the command and, when it ends, what comes after.
type opener struct {
	sys     *System
	globals *globals
	line    *commandLine
	console *console
	loader  *loader
	secrets *secretFiles

	who    string // see performer
	fleet  *fleet.Fleet
	images *registry.Store
	hooks  *hook.Runner
	record *output.Recorder
	watch  *stopwatch
	page   *reporter
	trace  *tracer
	ran    string       // the command, as the user types it; "" until it has been loaded
	asJSON bool         // events go to stdout
	events sync.Mutex   // held while one is written
	failed string       // where the failure of a command that rolls out is kept, "" for other commands
	end    func() error // runs the hook post-command
	kamal  string       // folder of a program of that name, see kamalForHooks
}

// open makes the run that commands which work on hosts call. The secrets of the app are looked up, and
// missing ones told, before anything is changed anywhere.
func (o *opener) open(cmd *cobra.Command) (workflow.Env, error) {
	return o.startWithNotices(cmd, needs{version: true, secrets: config.Needs{App: true}, pages: true})
}

// openWithoutVersion is open for a command that needs no version.
func (o *opener) openWithoutVersion(cmd *cobra.Command) (workflow.Env, error) {
	return o.start(cmd, needs{secrets: config.Needs{App: true}, pages: true})
}

// openRollout is open for a command that rolls out. version is its argument, "" if it takes none.
func (o *opener) openRollout(cmd *cobra.Command, version string) (workflow.Env, error) {
	return o.startWithNotices(cmd, needs{rollsOut: true, version: true, given: version, secrets: config.Needs{App: true}, pages: true})
}

// startWithNotices is start. It shows the notices of the configuration.
func (o *opener) startWithNotices(cmd *cobra.Command, n needs) (workflow.Env, error) {
	r, err := o.start(cmd, n)
	if err == nil {
		tell(o.sink(), r.Scope.Project.Notices)
	}
	return r, err
}

// needs are what a command needs before it can work on hosts.
type needs struct {
	rollsOut bool   // it rolls out a version: mrsk explain shows its failure
	version  bool   // where it is about hosts of the app
	given    string // version that is not that of --version
	// pick narrows the configuration down to what the command is about; nil leaves it as it is.
	pick    func(*config.Scope) (*config.Scope, error)
	secrets config.Needs
	pages   bool // it needs the error pages
}

// load reads the configuration and the version, and begins the command.
func (o *opener) load(cmd *cobra.Command, n needs) (c *config.Scope, version string, err error) {
	o.ran = o.line.name(cmd)
	if o.asJSON && o.globals.timings == "json" {
		return nil, "", usageError{err: errors.New("--json and --timings=json both write to stdout"), hint: "use --timings, or leave one out"}
	}
	if c, err = o.loader.config(); err != nil {
		return nil, "", err
	}
	if n.rollsOut && o.joined() == "" { // a command of a hook is a part of the command that has the hook
		o.failed = o.failureFile(c.Project)
	}
	if n.pick != nil {
		if c, err = n.pick(c); err != nil {
			return nil, "", err
		}
	}
	given := cmp.Or(n.given, o.globals.version)
	version, err = o.loader.version(cmd.Context(), c.Project, given)
	if err != nil && (n.version && len(c.AppHosts()) > 0 || given != "") {
		return nil, "", err
	}
	return c, version, o.begin(cmd, c, version)
}

func (o *opener) start(cmd *cobra.Command, n needs) (workflow.Env, error) {
	c, version, err := o.load(cmd, n)
	if err != nil {
		return workflow.Env{}, err
	}
	secrets, err := o.lookUp(cmd.Context(), c, n.secrets)
	if err != nil {
		return workflow.Env{}, err
	}
	if n.pages {
		if c, err = c.WithErrorPages(o.sys.Dir, textfile.Read); err != nil {
			return workflow.Env{}, err
		}
	}
	return o.environment(cmd, c, secrets, version), nil
}

// look makes a run for commands that show things and bring nothing into containers. They work
// without the secrets, but for those that a login needs, and without a version.
func (o *opener) look(cmd *cobra.Command) (workflow.Env, error) {
	return o.start(cmd, needs{})
}

// change runs a workflow that needs no secrets and has no options.
func (o *opener) change(cmd *cobra.Command, run func(context.Context, workflow.Env) error) error {
	r, err := o.look(cmd)
	if err != nil {
		return err
	}
	return run(cmd.Context(), r)
}

// environment is that of a workflow.
func (o *opener) environment(cmd *cobra.Command, c *config.Scope, secrets config.Secrets, version string) workflow.Env {
	env := workflow.Env{
		Scope: c, Secrets: secrets, Version: version,
		Identity: workflow.Identity{
			Command: o.line.name(cmd), Options: chosen(cmd), Again: o.again(cmd),
			Performer: o.performer(cmd.Context()), RunURL: o.runURL(), Token: token(),
		},
		Lock:   workflow.LockSettings{Joined: o.joined(), Wait: o.globals.lock.chosen()},
		Fleet:  o.connect(c, secrets, version),
		Images: o.imageStore(), Environ: o.trace.environ(),
		Hooks: o.hooks, Sink: o.sink(), Now: o.sys.Now,
		Confirm:  o.console.confirm,
		Commits:  checkout{console: o.console, dir: o.sys.Dir}.commits,
		Changing: o.record.Begin,
		SaveLog:  o.saveLog,
		Subject:  checkout{console: o.console, dir: o.sys.Dir}.subject,
	}
	env.Observer = workflow.NewObserver(c, env.Identity.Performer, env.Fleet, env.Sink)
	o.console.hidden.add(redact.New(env.Identity.Token)) // whoever knows it can join the run's lock
	return env
}

// joined is the token of the command whose hook runs this one, "" where none does.
func (o *opener) joined() string { return o.sys.Getenv("MRSK_LOCK_TOKEN") }

func token() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// runURL is the page of the CI run, in the variables that CI systems set.
func (o *opener) runURL() string {
	get := o.sys.Getenv
	if get("GITHUB_RUN_ID") != "" {
		return get("GITHUB_SERVER_URL") + "/" + get("GITHUB_REPOSITORY") + "/actions/runs/" + get("GITHUB_RUN_ID")
	}
	for _, name := range []string{"CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL"} {
		if url := get(name); url != "" {
			return url
		}
	}
	return ""
}

func (o *opener) connect(c *config.Scope, secrets config.Secrets, version string) *fleet.Fleet {
	options := fleet.RemoteOptions(c.Project.SSH, secrets, o.local())
	options.Warm, options.WarmFor = script.Bootstrap, script.WarmFor
	options.Timing.Alive = config.KeepaliveInterval
	sink, hooks := o.sink(), o.hooks
	options.Hooks.Note = func(host, text string) { sink(event.Note{Host: host, Text: text}) }
	o.fleet = fleet.New(fleet.Options{
		Hosts:  c.Hosts(),
		Remote: options,
		Sink:   sink,
		BeforeConnect: func(ctx context.Context) error {
			return hooks.Run(ctx, hook.PreConnect, hook.Vars{Version: version, Hosts: c.Hosts()})
		},
	}.Limited(c.Project.SSHKit))
	return o.fleet
}

// local is what SSH finds on this machine.
func (o *opener) local() remote.Local {
	return remote.Local{
		Home: o.sys.Home, User: local.User(), AgentSocket: o.sys.Getenv("SSH_AUTH_SOCK"),
		Getenv: o.sys.Getenv, Run: local.Output, Pipe: local.Pipe,
	}
}

// allSecrets are for hooks, which get every secret there is.
func (o *opener) allSecrets(ctx context.Context, c *config.Project) (map[string]redact.String, error) {
	all, err := o.secrets.of(ctx, c).All()
	if err != nil {
		return nil, err
	}
	values := map[string]redact.String{}
	for _, s := range all {
		values[s.Key] = s.Value
		o.console.hidden.add(s.Value)
	}
	return values, nil
}

// lookUp looks up the secrets that a command needs, and warns of those that are empty and may be.
func (o *opener) lookUp(ctx context.Context, c *config.Scope, n config.Needs) (config.Secrets, error) {
	get := func(key string) (redact.String, error) { return o.secrets.of(ctx, c.Project).Get(key) }
	secrets, err := c.Secrets(o.console.hidden.lookup(get), n)
	if err != nil {
		return config.Secrets{}, err
	}
	for _, text := range o.console.hidden.takeEmpty() {
		o.sink()(event.Warning{Text: text})
	}
	return secrets, nil
}

// finish runs what comes after a command that has begun and ended with err, and records its end.
func (o *opener) finish(ctx context.Context, err error) error {
	if o.end != nil {
		err = errors.Join(err, o.end())
	}
	o.keepFailure(err)
	if end, failed := rolloutOf(err); failed {
		o.emit(end)
		o.page.event(end)
		o.watch.event(end)
	}
	if o.record != nil {
		o.record.End(err, ui.Error(err))
	}
	err = errors.Join(err, o.showTimings())
	o.writeReport(err)
	o.sendTrace(ctx, err)
	return err
}

func (o *opener) close() {
	if o.kamal != "" {
		_ = os.RemoveAll(o.kamal)
	}
	if o.fleet != nil {
		_ = o.fleet.Close()
	}
	if o.images != nil {
		_ = o.images.Close() // what it could not remove now, the next command does
	}
}
