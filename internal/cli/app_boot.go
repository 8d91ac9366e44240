package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func appBootCommand(p *program) *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "boot", Short: "Run new containers of a version that is on the hosts", Args: noArgs,
		Long: `Run new containers in the place of those that run, with today's env and options, through
the same gates as a deploy. Without --version it is the version that runs now or, where none does,
the one that was deployed last. The beginning of a version will do where only one begins with it.`,
		Example: "  mrsk app boot\n  mrsk app boot --version 6f4d9e1 --roles workers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := p.globals.version != "" || p.sys.Getenv("VERSION") != ""
			r, err := p.opener.openFor(cmd, given)
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
