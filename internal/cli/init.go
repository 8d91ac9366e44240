package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/event"
	"mrsk/internal/scaffold"
)

func initCommand(p *program) *cobra.Command {
	var fromKamal bool
	c := &cobra.Command{
		Use: "init", Short: "Write a sample configuration, a secrets file and sample hooks", Args: noArgs,
		Long: `Create config/deploy.yml, .mrsk/secrets, and a sample of every hook in .mrsk/hooks. Existing files
are not changed.

--from-kamal converts a project of Kamal: it moves .kamal to .mrsk and renames what is named after
Kamal in hooks, secrets files and configuration. This is optional: mrsk deploys projects of Kamal
as they are.`,
		Example: "  mrsk init\n  mrsk init --from-kamal",
		RunE: func(*cobra.Command, []string) error {
			if fromKamal {
				if err := moveFromKamal(p); err != nil {
					return err
				}
			}
			return writeScaffold(p)
		},
	}
	c.Flags().BoolVar(&fromKamal, "from-kamal", false, "convert a project of Kamal")
	return c
}

func moveFromKamal(p *program) error {
	changes, err := scaffold.FromKamal(p.sys.Dir)
	for _, c := range changes {
		if c.Todo {
			p.console.ui().Sink()(event.Warning{Text: "look at " + c.Path + ": " + c.Text})
		} else {
			p.console.ui().Sink()(note("%s: %s", c.Path, c.Text))
		}
	}
	return err
}

func writeScaffold(p *program) error {
	files, err := scaffold.Write(p.sys.Dir)
	for _, f := range files {
		text := "created " + f.Path
		if f.Kept {
			text = "kept " + f.Path + ", which was there already"
		}
		p.console.ui().Sink()(note("%s", text))
	}
	return err
}
