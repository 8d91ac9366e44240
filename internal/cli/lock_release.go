package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func lockReleaseCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "release", Short: "Release what mrsk lock acquire has locked", Args: noArgs,
		Long:    "Release the lock of mrsk lock acquire on all hosts. Having no lock is not an error.",
		Example: "  mrsk lock release",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.opener.change(cmd, workflow.ReleaseLock) },
	}
}
