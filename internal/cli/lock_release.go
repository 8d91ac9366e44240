package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/lock"
	"mrsk/internal/server"
)

func (in *invocation) lockReleaseCommand() *cobra.Command {
	return &cobra.Command{
		Use: "release", Short: "Release what mrsk lock acquire has locked", Args: noArgs,
		Long:    "Release what mrsk lock acquire has locked, on all hosts. That there is no lock is no error.",
		Example: "  mrsk lock release",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.look(cmd)
			if err != nil {
				return err
			}
			_, err = r.Ask(cmd.Context(), r.Scope.Hosts(), lock.Thaw(r.Scope.Project.Name()), server.Audit("", "Unlocked"))
			return err
		},
	}
}
