package vault

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// adapter fetches secrets from one kind of password manager.
type adapter struct {
	product string // name of the product
	program string // command line program; "" for none
	install string // where to get the program
	login   string // the hint when the login fails
	account bool   // an account is required
	wholes  bool   // a request without names fetches everything in From
	fetch   func(context.Context, *query) (Values, error)
}

// noNames is the error text for a request without names.
func (a adapter) noNames() string {
	if a.wholes {
		return "name the secrets to fetch, or with --from what to fetch all secrets of"
	}
	return "name the secrets to fetch"
}

// adapters are the adapters by their names in Kamal.
var adapters = map[string]adapter{
	"one_password": {
		product: "1Password", program: "op", account: true, wholes: true, fetch: onePassword,
		install: "install the 1Password CLI: https://developer.1password.com/docs/cli",
		login:   "check the account with op account list, and sign in with op signin",
	},
	"last_pass": {
		product: "LastPass", program: "lpass", account: true, fetch: lastPass,
		install: "install the LastPass CLI: https://github.com/lastpass/lastpass-cli",
		login:   "log in with lpass login",
	},
	"bitwarden": {
		product: "Bitwarden", program: "bw", account: true, fetch: bitwarden,
		install: "install the Bitwarden CLI: https://bitwarden.com/help/cli",
		login:   "log in with bw login; without a terminal, set BW_SESSION to what bw unlock --raw prints",
	},
	"bitwarden_secrets_manager": {
		product: "Bitwarden Secrets Manager", program: "bws", fetch: bitwardenSecretsManager,
		install: "install the Secrets Manager CLI: https://bitwarden.com/help/secrets-manager-cli",
		login:   "set BWS_ACCESS_TOKEN to the access token of a machine account",
	},
	"aws_secrets_manager": {
		product: "AWS Secrets Manager", program: "aws", fetch: awsSecretsManager,
		install: "install the AWS CLI, version 2: https://aws.amazon.com/cli",
	},
	"doppler": {
		product: "Doppler", program: "doppler", fetch: doppler,
		install: "install the Doppler CLI: https://docs.doppler.com/docs/install-cli",
		login:   "log in with doppler login, or set DOPPLER_TOKEN",
	},
	"enpass": {
		product: "Enpass", program: "enpass-cli", fetch: enpass,
		install: "install enpass-cli: https://github.com/hazcod/enpass-cli",
	},
	"gcp_secret_manager": {
		product: "GCP Secret Manager", program: "gcloud", account: true, fetch: gcpSecretManager,
		install: "install the gcloud CLI: https://cloud.google.com/sdk/docs/install",
		login:   "log in with gcloud auth login",
	},
	"passbolt": {
		product: "Passbolt", program: "passbolt", fetch: passbolt,
		install: "install the Passbolt CLI: https://github.com/passbolt/go-passbolt-cli",
		login:   "set the CLI up with passbolt configure",
	},
	"test": {product: "test", account: true, fetch: reversed},
}

// aliases are other, better known names of adapters.
var aliases = map[string]string{
	"1password":    "one_password",
	"lastpass":     "last_pass",
	"bitwarden-sm": "bitwarden_secrets_manager",
	"gcp":          "gcp_secret_manager",
}

// Names returns the sorted names of the adapters. For an adapter with an alias it returns the alias.
func Names() []string {
	short := map[string]string{}
	for name := range adapters {
		short[name] = name
	}
	for alias, name := range aliases {
		short[name] = alias
	}
	return slices.Sorted(maps.Values(short))
}

// find returns the adapter with the name or alias. It ignores case, and accepts dashes for underscores.
func find(name string) (adapter, error) {
	key := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	full, ok := aliases[key]
	if !ok {
		full = strings.ReplaceAll(key, "-", "_")
	}
	a, ok := adapters[full]
	if !ok {
		return adapter{}, &AdapterError{Adapter: name}
	}
	return a, nil
}
