package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func appMaintenanceCommand(p *program) *cobra.Command {
	var message string
	var drain int
	c := &cobra.Command{
		Use: "maintenance", Short: "Let the proxy answer for the app, with 503 and a page", Args: noArgs,
		Long: `Make the proxy answer all requests for the app with 503 and a page. The containers keep running,
and requests in flight may finish. It lasts until app live or the next deploy.`,
		Example: "  mrsk app maintenance\n  mrsk app maintenance --message 'Back at noon' --drain-timeout 60",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if drain < 0 || drain > longestWait {
				return usageError{err: fmt.Errorf("--drain-timeout is a number of seconds, from 0 to %d", longestWait)}
			}
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			o := workflow.MaintenanceOptions{Message: message}
			if cmd.Flags().Changed("drain-timeout") {
				timeout := time.Duration(drain) * time.Second
				o.Drain = &timeout
			}
			return workflow.Maintenance(cmd.Context(), r, o)
		},
	}
	c.Flags().IntVar(&drain, "drain-timeout", 0, "how long to wait for requests in flight, in seconds (default: drain_timeout)")
	c.Flags().StringVar(&message, "message", "", "message for the page")
	return c
}
