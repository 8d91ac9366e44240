package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/vault"
)

func secretsFetchCommand(p *program) *cobra.Command {
	var r vault.Request
	c := &cobra.Command{
		Use: "fetch [SECRET...]", Short: "Fetch secrets from a password manager, and print them as one JSON object",
		Long: `Fetch secrets from a password manager through the program of its vendor, which must be installed,
and print them as one JSON object. In a secrets file mrsk runs this once, before anything changes
on a host.

    adapter              secrets are named              --from           --account
    1password            vault/item[/section][/field]   vault[/item]     required
    lastpass             full name                      group            required
    bitwarden            item[/field]                   item             required
    bitwarden-sm         id, all, or project/all        project
    aws_secrets_manager  name or ARN                    prefix           profile
    gcp                  [project/]name[/version]       project          required, see below
    doppler              name                           project/config
    enpass               title[/label]                  path of the vault
    passbolt             [folder/...]name               folder
    test                 anything, for its reverse      prefix           required

--from is put before all names, except for enpass. With 1password, --from vault/item without names
fetches all fields of the item. An item without a field means its password. An AWS secret that is
a JSON object is fetched as one secret per key. The account of gcp is default or a user,
optionally followed by a vertical bar and the service accounts to impersonate. With a service
token, doppler needs no --from.`,
		Example: `  mrsk secrets fetch --adapter 1password --account my --from Prod/Shop DB_PASSWORD MAIL_PASSWORD
  mrsk secrets fetch -a aws_secrets_manager --account production shop/db`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, names []string) error {
			r.Names = names
			return fetchSecrets(p, cmd, r)
		},
	}
	c.Flags().StringVarP(&r.Adapter, "adapter", "a", "", "password manager to use")
	c.Flags().StringVar(&r.Account, "account", "", "account to log in with")
	c.Flags().StringVar(&r.From, "from", "", "vault, folder or project that the secrets are in")
	ignoreInline(c)
	_ = c.RegisterFlagCompletionFunc("adapter", cobra.FixedCompletions(vault.Names(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func fetchSecrets(p *program, cmd *cobra.Command, r vault.Request) error {
	if r.Adapter == "" {
		return usageError{err: errors.New("which password manager is not said"), hint: "add --adapter, such as --adapter 1password"}
	}
	r.Getenv = p.sys.Getenv
	got, err := vault.Fetch(cmd.Context(), p.secrets.runVault, r)
	if err != nil {
		return err
	}
	return p.console.write(got.Document().Reveal() + "\n")
}

// ignoreInline takes an option that the reference adds to commands in secrets files.
func ignoreInline(c *cobra.Command) {
	c.Flags().Bool("inline", false, "")
	_ = c.Flags().MarkHidden("inline")
}
