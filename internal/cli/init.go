package cli

import (
	"cmp"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mrsk/internal/event"
	"mrsk/internal/local"
	"mrsk/internal/scaffold"
)

func initCommand(p *program) *cobra.Command {
	var fromKamal bool
	var typed scaffold.Project
	c := &cobra.Command{
		Use: "init", Short: "Write config/deploy.yml for this project, a secrets file and sample hooks", Args: noArgs,
		Long: `Create config/deploy.yml, .mrsk/secrets, and a sample of every hook in .mrsk/hooks. Existing files
are not changed.

The name of the service comes from the git remote or the folder, the port and the path of the health
check from EXPOSE and HEALTHCHECK of the Dockerfile. On a terminal init asks for what is missing.
Without one, --host is needed.

--from-kamal converts a project of Kamal: it moves .kamal to .mrsk and renames what is named after
Kamal in hooks, secrets files and configuration. This is optional: mrsk deploys projects of Kamal
as they are.`,
		Example: "  mrsk init\n  mrsk init --host 192.0.2.10 --host 192.0.2.11 --domain shop.example.com\n  mrsk init --from-kamal",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.globals.refusedByInit(cmd.Flags()); err != nil {
				return err
			}
			project, err := p.newProject(cmd.Context(), typed)
			if err != nil {
				return err
			}
			if fromKamal {
				if err := moveFromKamal(p); err != nil {
					return err
				}
			}
			return writeScaffold(cmd.Context(), p, project)
		},
	}
	c.Flags().BoolVar(&fromKamal, "from-kamal", false, "convert a project of Kamal")
	c.Flags().StringArrayVar(&typed.Hosts, "host", nil, "host to deploy to, as [user@]host[:port]; may be repeated")
	c.Flags().StringVar(&typed.Domain, "domain", "", "host name of the app in the DNS")
	c.Flags().StringVar(&typed.Service, "service", "", "name of the service, in place of that of the git remote or the folder")
	return c
}

// refusedByInit returns an error if an option chooses a configuration or part of one.
func (g *globals) refusedByInit(given *pflag.FlagSet) error {
	switch {
	case len(g.hosts) > 0:
		return usageError{err: errors.New("--hosts chooses hosts of a configuration, and init writes a new one"), hint: "write --host for each host"}
	case given.Changed("config-file"):
		return usageError{err: errors.New("--config-file names a configuration, and init writes " + scaffold.DeployFile), hint: "move the file afterwards"}
	case g.destination != "":
		return usageError{err: errors.New("--destination chooses a configuration, and init writes " + scaffold.DeployFile), hint: "write config/deploy." + g.destination + ".yml by hand"}
	}
	return nil
}

func moveFromKamal(p *program) error {
	changes, err := scaffold.FromKamal(p.sys.Dir)
	for _, c := range changes {
		if c.Todo {
			p.console.ui().Sink()(event.Warning{Text: "look at " + c.Path + ": " + c.Text})
		} else {
			p.console.ui().Sink()(note("%s: %s", c.Path, c.Text))
		}
	}
	return err
}

// newProject returns what a new configuration says. It asks nothing if the project has a configuration.
func (p *program) newProject(ctx context.Context, typed scaffold.Project) (scaffold.Project, error) {
	if err := typed.Check(); err != nil {
		return typed, usageError{err: err}
	}
	if scaffold.HasDeployFile(p.sys.Dir) {
		if typed.Service+typed.Domain != "" || len(typed.Hosts) > 0 {
			return typed, usageError{err: errors.New(scaffold.DeployFile + " is there already, and init does not change it"), hint: "edit the file, or remove it first"}
		}
		return typed, nil
	}
	remote, _ := local.Git(ctx, p.sys.Dir, "remote", "get-url", "origin") // many projects have none
	found, err := scaffold.Look(p.sys.Dir, remote)
	if err != nil {
		return found, err
	}
	found.Service = cmp.Or(typed.Service, found.Service)
	found.Hosts, found.Domain = typed.Hosts, typed.Domain
	if p.sys.InTerminal {
		return p.askProject(ctx, found)
	}
	return found, complete(found)
}

// complete returns an error unless the project has all that a configuration needs.
func complete(p scaffold.Project) error {
	switch {
	case p.Service == "":
		return usageError{err: errors.New("init needs a name for the service"), hint: "add --service NAME"}
	case len(p.Hosts) == 0:
		return usageError{err: errors.New("init needs a host to deploy to"), hint: "add --host ADDRESS, once for each host"}
	}
	return nil
}

// askProject asks for what neither the command line nor the folder tells.
func (p *program) askProject(ctx context.Context, project scaffold.Project) (_ scaffold.Project, err error) {
	ask := func(missing bool, question string, check func(string) error) (answer string) {
		if missing && err == nil {
			answer, err = p.console.ui().Ask(ctx, question, check)
		}
		return answer
	}
	project.Service = cmp.Or(project.Service, ask(project.Service == "", "Name of the service:", scaffold.CheckService))
	if len(project.Hosts) == 0 {
		project.Hosts = hostList(ask(true, "Hosts to deploy to, with commas between:", checkHostList))
	}
	project.Domain = cmp.Or(project.Domain, ask(project.Domain == "", "Domain of the app (empty for none):", scaffold.CheckDomain))
	if project.Port == 0 {
		project.Port, _ = scaffold.ParsePort(ask(true, "Port that the app listens on [80]:", checkPort))
	}
	return project, err
}

func hostList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func checkHostList(text string) error {
	hosts := hostList(text)
	if len(hosts) == 0 {
		return errors.New("at least one host is needed")
	}
	for _, host := range hosts {
		if err := scaffold.CheckHost(host); err != nil {
			return err
		}
	}
	return nil
}

func checkPort(text string) error {
	_, err := scaffold.ParsePort(text)
	return err
}

// writeScaffold writes the files and says what was written. Samples are not listed one by one.
func writeScaffold(ctx context.Context, p *program, project scaffold.Project) error {
	say := p.console.ui().Sink()
	isNew := !scaffold.HasDeployFile(p.sys.Dir)
	files, err := scaffold.Write(p.sys.Dir, project)
	folder, samples := "", 0
	for _, f := range files {
		switch dir, isSample := path.Dir(f.Path), strings.HasSuffix(f.Path, ".sample"); {
		case isSample && !f.Kept:
			folder, samples = dir, samples+1
		case f.Kept && !isSample:
			say(note("kept %s, which was there already", f.Path))
		case !f.Kept:
			say(note("created %s", f.Path))
		}
	}
	if samples > 0 {
		say(note("created %d sample hooks in %s", samples, folder))
	}
	if err == nil && isNew {
		say(note("next: %s", p.nextStep(ctx, project)))
	}
	return err
}

// nextStep says what is to be done after init.
func (p *program) nextStep(ctx context.Context, project scaffold.Project) string {
	_, noGit := local.Git(ctx, p.sys.Dir, "rev-parse", "--git-dir")
	switch {
	case !project.Dockerfile:
		return "write a Dockerfile that builds the image of the app; then commit all files, and run mrsk setup"
	case noGit != nil:
		return "run git init and commit the project, as mrsk deploys what is committed; then run mrsk setup"
	}
	return "commit these files; then run mrsk doctor to check the hosts, and mrsk setup to deploy"
}
