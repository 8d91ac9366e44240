package cli

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/doctor"
	"mrsk/internal/hook"
	"mrsk/internal/inspect"
	"mrsk/internal/local"
	"mrsk/internal/workflow"
)

// resolveTime limits the questions to the resolver.
const resolveTime = 5 * time.Second

func doctorCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "doctor", Short: "Check this machine and the hosts for what keeps the app from being deployed", Args: noArgs,
		Long: `Check this machine, the hosts and the DNS for what will keep the app from being deployed or from
serving. Each finding says why it matters and what to do. It changes nothing, and connects to the hosts
and the resolver alone. docs/doctor.md lists all findings.`,
		Example: "  mrsk doctor\n  mrsk doctor --json | jq -r '.findings[].id'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			report := p.examine(cmd.Context(), r)
			if cmd.Context().Err() != nil {
				return context.Cause(cmd.Context())
			}
			return p.shown(report, asJSON)
		},
	}
	jsonFlag(c, &asJSON)
	return exitsWith(c, exitsOfDoctor)
}

func (p *program) shown(report doctor.Report, asJSON bool) (err error) {
	if asJSON {
		err = p.console.json(report)
	} else {
		err = p.console.show(report.Text())
	}
	switch worst := report.Worst(); {
	case err != nil:
		return err
	case worst == doctor.Error:
		return exitError(exitDiffers)
	case worst == doctor.Warning:
		return exitError(exitWarned)
	}
	return nil
}

// examine reads the secrets first, because the hook that runs before the first connection reads them, too.
// Then it looks at everything else at once.
func (p *program) examine(ctx context.Context, r workflow.Env) doctor.Report {
	secrets := p.examineSecrets(ctx, r.Scope)
	var parts [3][]doctor.Finding
	var all sync.WaitGroup
	for i, check := range []func() []doctor.Finding{
		func() []doctor.Finding { return p.examineHere(ctx, r.Scope) },
		func() []doctor.Finding { return doctor.DNS(r.Scope, resolve(ctx, r.Scope)) },
		func() []doctor.Finding { return p.examineHosts(ctx, r) },
	} {
		all.Go(func() { parts[i] = check() })
	}
	all.Wait()
	return doctor.New(slices.Concat(secrets, parts[0], parts[1], parts[2])...)
}

func (p *program) examineHere(ctx context.Context, c *config.Scope) []doctor.Finding {
	folders := hook.Folders{Project: p.sys.Dir, HooksPath: c.Project.HooksPath, Home: p.sys.Home}
	out := append(doctor.Samples(c.Project), doctor.Checkout(ctx, c.Project, p.sys.Dir, folders)...)
	_, err := local.Output(ctx, "docker", "version", "--format", "{{.Server.Version}}")
	return append(out, doctor.Builder(c.Project, err)...)
}

// examineSecrets asks for every secret that a setup needs.
func (p *program) examineSecrets(ctx context.Context, c *config.Scope) []doctor.Finding {
	needs := config.Needs{App: true, Accessories: true}
	_, err := c.Secrets(p.console.hidden.lookup(p.secrets.of(ctx, c.Project).Get), needs)
	return doctor.Secrets(err, p.console.hidden.takeEmpty())
}

// examineHosts asks all hosts, and then those with Docker for their proxies and certificates.
func (p *program) examineHosts(ctx context.Context, r workflow.Env) []doctor.Finding {
	texts, err := workflow.Examine(ctx, r)
	var hosts []doctor.Host
	var ready []string
	for _, name := range r.Scope.Hosts() {
		text, answered := texts[name]
		if !answered {
			continue
		}
		h := doctor.Read(name, text)
		hosts = append(hosts, h)
		if h.Ready() {
			ready = append(ready, name)
		}
	}
	out := append(doctor.Unreachable(err), doctor.Hosts(r.Scope, hosts, p.sys.Now())...)
	seen, err := observeOn(ctx, r, ready, inspect.StatusWant)
	status := inspect.StatusOf(r.Scope, seen, nil, p.sys.Now())
	return append(append(out, doctor.Unreachable(err)...), doctor.Drift(status)...)
}

// resolve asks the resolver for the addresses of the app's names and of its hosts.
func resolve(ctx context.Context, c *config.Scope) map[string][]netip.Addr {
	names := doctor.Names(c)
	if len(names) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	var mu sync.Mutex
	var all sync.WaitGroup
	found := map[string][]netip.Addr{}
	for _, name := range append(names, c.ProxyHosts()...) {
		all.Go(func() {
			ips, _ := net.DefaultResolver.LookupNetIP(ctx, "ip", name) // no address is a finding
			mu.Lock()
			defer mu.Unlock()
			for _, ip := range ips {
				found[name] = append(found[name], ip.Unmap())
			}
		})
	}
	all.Wait()
	return found
}
