package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/workflow"
)

func syncCommand(p *program) *cobra.Command {
	var o workflow.SyncOptions
	c := &cobra.Command{
		Use: "sync", Short: "Bring servers that lag behind to the version of the others", Args: noArgs,
		Long: `Deploy the version that was brought up last to servers that run another version or none, such as one
that a deploy left out with --skip-unreachable, or one that is new in the configuration. It is the version
of the newest running container that was healthy. mrsk status shows which servers lag behind. Nothing is
built, and the release command does not run. If all servers run that version, nothing is done.

Servers that do not change are locked, too. If another version is brought up before that, the command
fails; run it again.`,
		Example: "  mrsk sync\n  mrsk sync -d staging\n  mrsk sync --skip-unreachable",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.startWithNotices(cmd, needs{rollsOut: true, secrets: config.Needs{App: true}, pages: true})
			if err != nil {
				return err
			}
			return workflow.Sync(cmd.Context(), r, o)
		},
	}
	skipFlag(c, &o.SkipUnreachable)
	yesFlag(c, &o.Confirmed)
	return c
}
