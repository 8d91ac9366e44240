package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func lockAcquireCommand(p *program) *cobra.Command {
	var message string
	c := &cobra.Command{
		Use: "acquire", Short: "Lock the app on all hosts until mrsk lock release", Args: noArgs,
		Long: `Lock the app on all hosts. Until mrsk lock release, commands that change the app fail and show the
message. lock acquire itself fails while a command works on the app.`,
		Example: "  mrsk lock acquire -m \"Database maintenance until noon\"",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if message == "" {
				return usageError{err: errors.New("mrsk lock acquire needs a message for those who will wait"), hint: `mrsk lock acquire -m "why, and until when"`}
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			return workflow.AcquireLock(cmd.Context(), r, message)
		},
	}
	c.Flags().StringVarP(&message, "message", "m", "", "why the app is locked, and until when")
	return c
}
