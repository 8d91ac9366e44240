package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"mrsk/internal/redact"
	"mrsk/internal/vault"
)

func secretsExtractCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use: "extract SECRET JSON", Short: "Print one of the secrets that were fetched",
		Long: `Print one secret of the output of secrets fetch: the one with this name, or the first one whose
name ends with a slash and this name. With - the JSON is read from stdin.

In a secrets file the JSON can be a variable, which others cannot see. On a command line, all
users of the machine can see it while the command runs.`,
		Example: "  mrsk secrets fetch -a enpass --from vaults/primary Shop/DB | mrsk secrets extract DB -",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{err: fmt.Errorf("%s takes two arguments, the name of a secret and what secrets fetch has printed; found %d", c.CommandPath(), len(args))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			document, err := readDocument(p.sys.In, args[1])
			if err != nil {
				return err
			}
			value, err := vault.Extract(document, args[0])
			if err != nil {
				return err
			}
			return p.console.write(value.Reveal() + "\n")
		},
	}
	ignoreInline(c)
	return c
}

// readDocument returns the argument itself, or what stdin has where that is a dash.
func readDocument(stdin io.Reader, arg string) (redact.String, error) {
	if arg != "-" {
		return redact.New(arg), nil
	}
	text, err := io.ReadAll(stdin)
	if err != nil {
		return redact.String{}, fmt.Errorf("read stdin: %w", err)
	}
	return redact.New(string(text)), nil
}
