package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/plan"
	"mrsk/internal/workflow"
)

func (in *invocation) planCommand() *cobra.Command {
	var commands, asJSON bool
	c := &cobra.Command{
		Use: "plan", Short: "Show what a deploy would do, and do none of it", Args: noArgs,
		Long: `Look at the servers and print the plan of a deploy of the checkout's version, or of
--version: what is done where, why, and how it is taken back. Nothing is built, locked or changed.`,
		Example: "  mrsk plan\n  mrsk plan --commands --hosts web1\n  mrsk plan --json | jq '.phases[].name'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := in.open(cmd)
			if err != nil {
				return err
			}
			p, err := workflow.PlanDeploy(cmd.Context(), r)
			if err != nil {
				return err
			}
			return in.showPlan(p, commands, asJSON)
		},
	}
	c.Flags().BoolVar(&commands, "commands", false, "show the command of every step, secrets hidden")
	jsonFlag(c, &asJSON)
	return c
}

func (in *invocation) showPlan(p *plan.Plan, commands, asJSON bool) error {
	if asJSON {
		text, err := p.JSON()
		if err != nil {
			return err
		}
		return in.write(string(text))
	}
	if commands {
		return in.show(p.Commands())
	}
	return in.show(p.String())
}
