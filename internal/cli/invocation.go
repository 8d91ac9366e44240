package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/erb"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/git"
	"mrsk/internal/hook"
	"mrsk/internal/local"
	"mrsk/internal/output"
	"mrsk/internal/redact"
	"mrsk/internal/registry"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/secrets"
	"mrsk/internal/textfile"
	"mrsk/internal/ui"
	"mrsk/internal/workflow"
)

// invocation is one run of the program: what its commands share, made when it is first needed.
type invocation struct {
	sys     System
	globals globals
	typed   globals  // what an alias that was expanded was given, see override
	aliased bool     // the command was typed as an alias
	behind  int      // how many words followed the alias
	first   string   // first word of the command, as it was typed
	args    []string // the command line, aliases expanded
	words   []string // the commands, which no alias may be named as
	screen  *ui.UI
	fleet   *fleet.Fleet
	images  *registry.Store
	store   *secrets.Store
	who     string       // see performer
	hooks   *hook.Runner // from begin on
	record  *output.Recorder
	hidden  hidden
	world   erb.World    // see templates
	said    []string     // see sayOfTemplate
	end     func() error // what comes after a command that has begun
	misled  error        // why there is no help, see help
	kamal   string       // folder of a program of that name, see kamalForHooks
}

func (in *invocation) close() {
	if in.kamal != "" {
		_ = os.RemoveAll(in.kamal)
	}
	if in.fleet != nil {
		_ = in.fleet.Close()
	}
	if in.images != nil {
		_ = in.images.Close() // what it could not remove now, the next command does
	}
	if in.screen != nil {
		in.screen.Close()
	}
}

// ui is the screen.
func (in *invocation) ui() *ui.UI {
	if in.screen == nil {
		in.screen = ui.New(ui.Options{
			In: in.sys.In, Out: in.sys.Out, Err: in.sys.Err,
			InTerminal: in.sys.InTerminal, Terminal: in.sys.ErrTerminal, Width: in.sys.Width,
			Color: ui.WantsColor(in.sys.ErrTerminal, in.sys.Getenv),
			Level: in.level(),
			Hide:  in.hidden.hide,
		})
	}
	return in.screen
}

// level is quiet when both are asked for.
func (in *invocation) level() ui.Level {
	switch {
	case in.globals.quiet:
		return ui.Quiet
	case in.globals.verbose:
		return ui.Verbose
	}
	return ui.Normal
}

// project is the configuration as the file has it.
func (in *invocation) project() (*config.Project, error) {
	in.said = nil
	defer in.showSaid()
	return config.Load(in.loadOptions(in.globals))
}

func (in *invocation) loadOptions(g globals) config.LoadOptions {
	return config.LoadOptions{
		File: g.configFile, Destination: g.destination, Dir: in.sys.Dir, Version: Version, Commands: in.words,
		World: in.world, OfKamal: in.ofKamal(),
	}
}

// config is the configuration of this run: the roles and hosts that were chosen.
func (in *invocation) config() (*config.Scope, error) {
	project, err := in.project()
	if err != nil {
		return nil, err
	}
	selected, err := project.Select(config.Selection{Hosts: in.globals.hosts, Roles: in.globals.roles, Primary: in.globals.primary})
	if err != nil {
		return nil, usageError{err: err}
	}
	return selected, nil
}

func (in *invocation) allSecrets(ctx context.Context, c *config.Project) (map[string]redact.String, error) {
	all, err := in.secrets(ctx, c).All()
	if err != nil {
		return nil, err
	}
	values := map[string]redact.String{}
	for _, s := range all {
		values[s.Key] = s.Value
		in.hidden.add(s.Value)
	}
	return values, nil
}

// open makes the run that commands which work on hosts call. Secrets are filled in, and missing
// ones told, before anything is changed anywhere.
func (in *invocation) open(cmd *cobra.Command) (workflow.Env, error) {
	r, err := in.openFor(cmd, true)
	if err == nil {
		in.tell(r.Scope.Project.Notices)
	}
	return r, err
}

// tell shows what is worth a word about a file without problems.
func (in *invocation) tell(notices []config.Notice) {
	for _, n := range notices {
		text := fmt.Sprintf("%v: %s", n.Problem, n.Hint())
		if n.Lost {
			in.ui().Sink()(event.Warning{Text: text})
		} else {
			in.ui().Sink()(event.Note{Text: text})
		}
	}
}

// openFor is open; a command that is about no version goes without one where none is to be had.
func (in *invocation) openFor(cmd *cobra.Command, needsVersion bool) (workflow.Env, error) {
	return in.start(cmd, opening{needsVersion: needsVersion, resolve: (*config.Scope).Resolve, pages: true})
}

// opening is what a command needs before it can work on hosts.
type opening struct {
	needsVersion bool // where it is about hosts of the app
	// pick narrows the configuration down to what the command is about; nil leaves it as it is.
	pick func(*config.Scope) (*config.Scope, error)
	// resolve fills in the secrets that it needs.
	resolve resolver
	pages   bool // it needs the error pages
}

// resolver fills in secrets.
type resolver = func(*config.Scope, func(string) (redact.String, error)) (*config.Scope, error)

// load reads the configuration and the version, and begins the command.
func (in *invocation) load(cmd *cobra.Command, o opening) (c *config.Scope, version string, err error) {
	if c, err = in.config(); err != nil {
		return nil, "", err
	}
	if o.pick != nil {
		if c, err = o.pick(c); err != nil {
			return nil, "", err
		}
	}
	version, err = in.version(cmd.Context(), c.Project)
	if err != nil && (o.needsVersion && len(c.AppHosts()) > 0 || in.globals.version != "") {
		return nil, "", err
	}
	return c, version, in.begin(cmd, c, version)
}

func (in *invocation) start(cmd *cobra.Command, o opening) (workflow.Env, error) {
	ctx := cmd.Context()
	c, version, err := in.load(cmd, o)
	if err != nil {
		return workflow.Env{}, err
	}
	get := func(key string) (redact.String, error) { return in.secrets(ctx, c.Project).Get(key) }
	full, err := in.resolved(c, o.resolve, get)
	if err != nil {
		return workflow.Env{}, err
	}
	if o.pages {
		if err := full.Project.ReadErrorPages(in.sys.Dir, textfile.Read); err != nil {
			return workflow.Env{}, err
		}
	}
	return in.run(cmd, full, version), nil
}

// run is the environment of a workflow.
func (in *invocation) run(cmd *cobra.Command, c *config.Scope, version string) workflow.Env {
	env := workflow.Env{
		Scope: c, Version: version,
		Identity: workflow.Identity{
			Command: in.commandName(cmd), Performer: in.performer(cmd.Context()), RunURL: in.runURL(), Token: token(),
		},
		Lock:  workflow.LockSettings{Joined: in.joined(), Wait: in.globals.lock.chosen()},
		Fleet: in.connect(c, version),
		Hooks: in.hooks, Sink: in.sink(), Now: in.sys.Now,
		Confirm:  in.confirm,
		Changing: in.record.Begin,
		SaveLog:  in.saveLog,
		Images:   in.imageStore(),
	}
	env.Observer = workflow.NewObserver(c, env.Identity.Performer, env.Fleet, env.Sink)
	in.hidden.add(redact.New(env.Identity.Token)) // whoever knows it can join the run's lock
	return env
}

// commandName is the command as the user has typed it: proxy where it is called so.
func (in *invocation) commandName(cmd *cobra.Command) string {
	words := strings.Fields(cmd.CommandPath())[1:]
	for c := cmd; c.HasParent(); c = c.Parent() {
		if c.Name() == words[0] && c.HasAlias(in.first) {
			words[0] = in.first
		}
	}
	return strings.Join(words, " ")
}

// joined is the token of the command whose hook runs this one, "" where none does.
func (in *invocation) joined() string { return in.sys.Getenv("MRSK_LOCK_TOKEN") }

func token() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// runURL is the page of the CI run, in the variables that CI systems set.
func (in *invocation) runURL() string {
	get := in.sys.Getenv
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

// validVersion is what docker takes for a tag.
var validVersion = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// version is what --version or VERSION says, else the version of the checkout.
func (in *invocation) version(ctx context.Context, c *config.Project) (string, error) {
	given := in.globals.version
	if given == "" {
		given = in.sys.Getenv("VERSION")
	}
	if given == "" {
		return git.Describe(ctx, local.Git, git.Options{Dir: in.sys.Dir, FromClone: c.Builder.Context == ""})
	}
	if !validVersion.MatchString(given) {
		return "", usageError{err: fmt.Errorf("version %q cannot be an image tag: letters, digits, dot, dash and underscore only, 128 at most", given)}
	}
	return given, nil
}

func (in *invocation) connect(c *config.Scope, version string) *fleet.Fleet {
	options := fleet.RemoteOptions(c.Project.SSH, in.local())
	options.Warm, options.WarmFor = script.Bootstrap, script.WarmFor
	options.Timing.Alive = config.KeepaliveInterval
	sink, hooks := in.sink(), in.hooks
	options.Hooks.Note = func(host, text string) { sink(event.Note{Host: host, Text: text}) }
	in.fleet = fleet.New(fleet.Options{
		Hosts:  c.Hosts(),
		Remote: options,
		BeforeConnect: func(ctx context.Context) error {
			return hooks.Run(ctx, hook.PreConnect, hook.Vars{Version: version, Hosts: c.Hosts()})
		},
	}.Limited(c.Project.SSHKit))
	return in.fleet
}

func note(text string, args ...any) event.Note { return event.Note{Text: fmt.Sprintf(text, args...)} }

// local is what SSH finds on this machine.
func (in *invocation) local() remote.Local {
	return remote.Local{
		Home: in.sys.Home, User: local.User(), AgentSocket: in.sys.Getenv("SSH_AUTH_SOCK"),
		Getenv: in.sys.Getenv, Run: local.Output, Pipe: local.Pipe,
	}
}
