package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/plan"
	"mrsk/internal/workflow"
)

func planCommand(p *program) *cobra.Command {
	var commands, asJSON bool
	c := &cobra.Command{
		Use: "plan", Short: "Show what a deploy would do, and do none of it", Args: noArgs,
		Long: `Print the plan for a deploy of the checkout's version, or of --version: what happens on which
host, why, and how it is undone. Nothing is built, locked or changed.`,
		Example: "  mrsk plan\n  mrsk plan --commands --hosts web1\n  mrsk plan --json | jq '.phases[].name'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.open(cmd)
			if err != nil {
				return err
			}
			plan, err := workflow.PlanDeploy(cmd.Context(), r)
			if err != nil {
				return err
			}
			return showPlan(p.console, plan, commands, asJSON)
		},
	}
	c.Flags().BoolVar(&commands, "commands", false, "show the command of every step, secrets hidden")
	jsonFlag(c, &asJSON)
	return c
}

func showPlan(c *console, p *plan.Plan, commands, asJSON bool) error {
	if asJSON {
		text, err := p.JSON()
		if err != nil {
			return err
		}
		return c.write(string(text))
	}
	if commands {
		return c.show(p.Commands())
	}
	return c.show(p.String())
}
