package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
	"mrsk/internal/workflow"
)

func proxyCertificatesCommand(p *program) *cobra.Command {
	var asJSON, sync bool
	c := &cobra.Command{
		Use: "certificates", Short: "Show the certificates got by ACME, or copy them to all hosts", Args: noArgs,
		Long: `Show the certificates that the proxies got by ACME: their names, when they expire, and where they
come from. If a role has several hosts, its first host gets and renews the certificate. The others
receive it with every deploy and proxy boot, and with --sync. A role that is deployed less than
once a month needs --sync in a cron job.`,
		Example: "  mrsk proxy certificates\n  mrsk proxy certificates --sync\n  mrsk proxy certificates --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			if sync {
				return workflow.ShareCertificates(cmd.Context(), r)
			}
			all, err := certificates(cmd.Context(), r)
			show := func(all []inspect.Certificate) error { return showCertificates(p.console, all, asJSON) }
			return errors.Join(show(all), err)
		},
	}
	c.Flags().BoolVar(&sync, "sync", false, "copy the certificates of the first hosts to the others")
	jsonFlag(c, &asJSON)
	return c
}

// certificates are those of the hosts that answered; the error is about the others.
func certificates(ctx context.Context, r workflow.Env) ([]inspect.Certificate, error) {
	seen, err := observeApp(ctx, r)
	all, errs := []inspect.Certificate{}, []error{err}
	for _, h := range seen {
		if !h.Proxy.Running() {
			continue
		}
		issued, err := workflow.IssuedCertificates(ctx, r, h.Name)
		errs = append(errs, err)
		all = append(all, inspect.Certificates(r.Scope, h, issued)...)
	}
	return all, errors.Join(errs...)
}

func showCertificates(c *console, all []inspect.Certificate, asJSON bool) error {
	if asJSON {
		return c.json(all)
	}
	return c.show(inspect.CertificatesText(all, c.sys.Now()))
}
