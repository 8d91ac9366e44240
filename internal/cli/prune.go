package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
	"mrsk/internal/workflow"
)

func (in *invocation) pruneGroup() *cobra.Command {
	return group("prune", "Remove old containers and images of the app",
		spelledOut(in.pruneAllCommand()),
		spelledOut(in.pruneContainersCommand()),
		spelledOut(in.pruneImagesCommand()),
	)
}

// prune removes what; retain 0 is what the configuration says.
func (in *invocation) prune(cmd *cobra.Command, what deploy.What) error {
	if cmd.Flags().Changed("retain") && what.Retain < 1 {
		return usageError{err: fmt.Errorf("--retain %d: at least 1 must be kept", what.Retain)}
	}
	r, err := in.look(cmd)
	if err != nil {
		return err
	}
	return workflow.Prune(cmd.Context(), r, what)
}
