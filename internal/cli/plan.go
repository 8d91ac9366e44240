package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"mrsk/internal/plan"
	"mrsk/internal/textfile"
	"mrsk/internal/workflow"
)

func planCommand(p *program) *cobra.Command {
	var commands, asJSON bool
	var out string
	c := &cobra.Command{
		Use: "plan", Short: "Show what a deploy would do, and do none of it", Args: noArgs,
		Long: `Print the plan for a deploy of the checkout's version, or of --version. It begins with what is
different from what runs now: versions with the commits between them, settings of each role, and
variables, without their values. Then it says what happens on which host, why, and how it is undone.
Nothing is built, locked or changed.

--out keeps the plan in a file, for mrsk deploy --plan. The file has the commands of the plan, with secrets
hidden.`,
		Example: "  mrsk plan\n  mrsk plan --commands --hosts web1\n  mrsk plan --json | jq '.phases[].name'\n  mrsk plan --out shop.plan\n  mrsk deploy --plan shop.plan",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.open(cmd)
			if err != nil {
				return err
			}
			plan, err := planned(cmd.Context(), r, out)
			if err != nil {
				return err
			}
			if err := showPlan(p.console, plan, commands, asJSON); err != nil || len(plan.Changes) == 0 {
				return err
			}
			return exitError(exitDiffers)
		},
	}
	c.Flags().BoolVar(&commands, "commands", false, "show the command of every step, secrets hidden")
	c.Flags().StringVar(&out, "out", "", "keep the plan in this file")
	jsonFlag(c, &asJSON)
	return exitsWith(c, exitsOfPlan)
}

// planned returns the plan of a deploy, and keeps it in a file unless path is "".
func planned(ctx context.Context, env workflow.Env, path string) (*plan.Plan, error) {
	if path == "" {
		return workflow.PlanDeploy(ctx, env)
	}
	p, saved, err := workflow.PlanToSave(ctx, env)
	if err != nil {
		return nil, err
	}
	text, err := saved.JSON()
	if err != nil {
		return nil, err
	}
	return p, os.WriteFile(path, text, 0o600)
}

// keptPlan reads a plan that mrsk plan --out has written to a file. It returns nil if path is "".
func keptPlan(path string) (*workflow.SavedPlan, error) {
	if path == "" {
		return nil, nil
	}
	text, err := textfile.Read(path)
	if err != nil {
		return nil, err
	}
	saved, err := workflow.ReadSavedPlan(text)
	if err != nil {
		return nil, usageError{err: fmt.Errorf("--plan %s: %w", path, err), hint: "mrsk plan --out FILE makes one"}
	}
	return saved, nil
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
