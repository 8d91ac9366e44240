package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/event"
	"mrsk/internal/scaffold"
)

func (in *invocation) initCommand() *cobra.Command {
	var fromKamal bool
	c := &cobra.Command{
		Use: "init", Short: "Write a sample configuration, a secrets file and sample hooks", Args: noArgs,
		Long: `Write what a project needs to begin with: config/deploy.yml, .mrsk/secrets, and a
sample of every hook in .mrsk/hooks. Files that exist are left as they are.

With --from-kamal a project of Kamal's becomes one of mrsk's: .kamal is moved to .mrsk, and what is
named after Kamal in hooks, secrets files and configuration is renamed. That is not needed to
deploy it: it works as it is.`,
		Example: "  mrsk init\n  mrsk init --from-kamal",
		RunE: func(*cobra.Command, []string) error {
			if fromKamal {
				if err := in.fromKamal(); err != nil {
					return err
				}
			}
			return in.scaffold()
		},
	}
	c.Flags().BoolVar(&fromKamal, "from-kamal", false, "move a project of Kamal's over")
	return c
}

func (in *invocation) fromKamal() error {
	changes, err := scaffold.FromKamal(in.sys.Dir)
	for _, c := range changes {
		if c.Todo {
			in.ui().Sink()(event.Warning{Text: "look at " + c.Path + ": " + c.Text})
		} else {
			in.ui().Sink()(note("%s: %s", c.Path, c.Text))
		}
	}
	return err
}

func (in *invocation) scaffold() error {
	files, err := scaffold.Write(in.sys.Dir)
	for _, f := range files {
		text := "created " + f.Path
		if f.Kept {
			text = "kept " + f.Path + ", which was there already"
		}
		in.ui().Sink()(note("%s", text))
	}
	return err
}
