package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/local"
)

// errNoURL reports that no role of the run has an address.
var errNoURL = usageError{err: errors.New("no role that is chosen is behind the proxy with a host name"), hint: "set proxy/host in the configuration; mrsk status shows what runs"}

func openCommand(p *program) *cobra.Command {
	var onlyPrint bool
	c := &cobra.Command{
		Use: "open", Short: "Print the app's URL and open it in the browser", Args: noArgs,
		Long: `Print the URL of the app and open it in the browser. It is that of the primary role; --roles chooses
another one. No host is asked.`,
		Example: "  mrsk open\n  mrsk open --print\n  mrsk open --print --roles admin | xargs curl -f",
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.loader.config()
			if err != nil {
				return err
			}
			url := c.FirstURL()
			if url == "" {
				return errNoURL
			}
			if err := p.console.show(url + "\n"); err != nil || onlyPrint {
				return err
			}
			return local.OpenURL(cmd.Context(), url)
		},
	}
	c.Flags().BoolVar(&onlyPrint, "print", false, "do not open it")
	return c
}
