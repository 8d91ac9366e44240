package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/workflow"
)

func lockReleaseCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "release", Short: "Release what mrsk lock acquire has locked", Args: noArgs,
		Long:    "Release what mrsk lock acquire has locked, on all hosts. That there is no lock is no error.",
		Example: "  mrsk lock release",
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.opener.change(cmd, workflow.ReleaseLock) },
	}
}
