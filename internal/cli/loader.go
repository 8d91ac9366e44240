package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/erb"
	"mrsk/internal/hook"
)

// loader reads the configuration, as far as it is asked for. Until a command needs the configuration
// nothing of it runs, see idleOptions.
type loader struct {
	sys     *System
	globals *globals
	console *console
	words   []string // the commands, which no alias may be named as
	// yielding are the other commands: an alias of that name is run in their place.
	yielding []string
	world    erb.World // what templates may ask for
	said     []string  // see sayOfTemplate
}

// project is the configuration as the file has it.
func (l *loader) project() (*config.Project, error) {
	l.said = nil
	defer l.showSaid()
	return config.Load(l.loadOptions(*l.globals))
}

func (l *loader) loadOptions(g globals) config.LoadOptions {
	return config.LoadOptions{
		File: g.configFile, Destination: g.destination, Dir: l.sys.Dir, Version: Version, Commands: l.words,
		World: l.world, OfKamal: l.ofKamal(),
	}
}

// config is the configuration of this run: the roles and hosts that were chosen.
func (l *loader) config() (*config.Scope, error) {
	project, err := l.project()
	if err != nil {
		return nil, err
	}
	selected, err := project.Select(config.Selection{Hosts: l.globals.hosts, Roles: l.globals.roles, Primary: l.globals.primary})
	if err != nil {
		return nil, usageError{err: err}
	}
	return selected, nil
}

// idleOptions are for what is there before a command that needs the configuration: help, completion and
// words that are no commands. No template runs a program or leaves anything in the environment; asked
// says whether one wanted to run something.
func (l *loader) idleOptions(g globals) (o config.LoadOptions, asked *bool) {
	asked = new(bool)
	environ := l.sys.Environ
	o = l.loadOptions(g)
	o.World.Environ = func() []string { return environ }
	o.World.Setenv = func(name, value string) { environ = append(slices.Clip(environ), name+"="+value) }
	o.World.Say = nil
	o.World.Run = func(string, []string) (erb.Ran, error) {
		*asked = true
		return erb.Ran{}, nil
	}
	o.World.Ruby = func(string, string, []string) (string, error) {
		*asked = true
		return "", erb.ErrNoRuby
	}
	o.World.Dotenv = func(string, string) ([]string, error) {
		*asked = true // its values may be what commands print
		return nil, nil
	}
	return o, asked
}

// ofKamal reports whether the project is one of Kamal's.
func (l *loader) ofKamal() bool { return hook.Folders{Project: l.sys.Dir}.OfKamal() }

func (l *loader) choices() config.Choices {
	opts, _ := l.idleOptions(*l.globals)
	return config.ReadChoices(opts)
}

func (l *loader) roleChoices() []string {
	return l.choices().Roles
}

func (l *loader) hostChoices() []string {
	return l.choices().Hosts
}

// destinations are the files beside the configuration: deploy.NAME.yml beside deploy.yml.
func (l *loader) destinations() []string {
	file := l.globals.configFile
	if !filepath.IsAbs(file) {
		file = filepath.Join(l.sys.Dir, file)
	}
	ext := filepath.Ext(file)
	base := strings.TrimSuffix(file, ext) + "."
	found, _ := filepath.Glob(base + "*" + ext)
	var out []string
	for _, f := range found {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(f, base), ext))
	}
	return out
}

// validVersion is what docker takes for a tag.
var validVersion = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

// version is what was given or VERSION says, else the version of the checkout.
func (l *loader) version(ctx context.Context, c *config.Project, given string) (string, error) {
	if given == "" {
		given = l.sys.Getenv("VERSION")
	}
	if given == "" {
		return checkout{console: l.console, dir: l.sys.Dir}.version(ctx, c.Builder.Context == "")
	}
	if !validVersion.MatchString(given) {
		return "", usageError{
			err:  fmt.Errorf("version %q cannot be an image tag: letters, digits, dot, dash and underscore only, 128 at most", given),
			hint: "name another with --version; without it the version is the commit",
		}
	}
	return given, nil
}
