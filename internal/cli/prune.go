package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
	"mrsk/internal/workflow"
)

func pruneGroup(p *program) *cobra.Command {
	return group("prune", "Remove old containers and images of the app",
		spelledOut(emits(p, pruneAllCommand(p))),
		spelledOut(emits(p, pruneContainersCommand(p))),
		spelledOut(emits(p, pruneImagesCommand(p))),
	)
}

// prune removes what; retain 0 is what the configuration says.
func prune(p *program, cmd *cobra.Command, what deploy.What) error {
	if cmd.Flags().Changed("retain") && what.Retain < 1 {
		return usageError{err: fmt.Errorf("--retain %d: at least 1 must be kept", what.Retain)}
	}
	r, err := p.opener.look(cmd)
	if err != nil {
		return err
	}
	return workflow.Prune(cmd.Context(), r, what)
}
