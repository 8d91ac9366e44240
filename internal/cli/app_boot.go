package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func appBootCommand(p *program) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "boot", Short: "Run new containers of a version that is on the hosts", Args: noArgs,
		Long: `Replace the running containers by new ones with the current env and options, with the same checks
as a deploy. Without --version they have the running version or, if none runs, the one deployed
last. The beginning of a version is enough if it is unambiguous.`,
		Example: "  mrsk app boot\n  mrsk app boot --version 6f4d9e1 --roles workers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := p.globals.version != "" || p.sys.Getenv("VERSION") != ""
			r, err := p.opener.start(cmd, needs{rollsOut: true, version: given, secrets: config.Needs{App: true}, pages: true})
			if err != nil {
				return err
			}
			err = workflow.Boot(cmd.Context(), r, workflow.BootOptions{Current: !given, Confirmed: yes})
			if nothing := new(*workflow.NothingRunsError); errors.As(err, nothing) {
				return usageError{err: err, hint: (*nothing).Hint()}
			}
			return err
		},
	}
	yesFlag(c, &yes)
	return c
}
