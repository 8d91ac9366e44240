package vault

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/local"
	"mrsk/internal/shell"
)

// call is a command that a test expects, and how its program answers.
type call struct {
	line   string // with its variables before, and after a # what a person may have to do with it
	out    string
	status int
	stderr string
}

// program answers calls, and fails the test loudly for every other command.
type program struct {
	t     *testing.T
	calls []call
}

func (p *program) run(_ context.Context, c Command) (string, error) {
	p.t.Helper()
	got := line(c)
	if len(p.calls) == 0 || p.calls[0].line != got {
		p.t.Errorf("unexpected: %s\nexpected: %+v", got, p.calls)
		return "", &local.ExitError{Program: c.Argv[0], Status: 125}
	}
	next := p.calls[0]
	p.calls = p.calls[1:]
	if next.status == 127 {
		return "", &local.MissingError{Program: c.Argv[0]}
	}
	if next.status != 0 {
		return "", &local.ExitError{Program: c.Argv[0], Status: next.status, Stderr: next.stderr}
	}
	return next.out, nil
}

func line(c Command) string {
	var words []string
	for _, word := range c.Argv {
		words = append(words, shell.Quote(word))
	}
	text := strings.Join(append(c.Env, words...), " ")
	switch {
	case c.ShowStdout:
		text += " # told"
	case c.Dialog:
		text += " # dialog"
	}
	return text
}

// fetch runs a request against a program that answers these calls, all of which must come.
func fetch(t *testing.T, r Request, calls ...call) (Values, error) {
	t.Helper()
	p := &program{t: t, calls: calls}
	if r.Getenv == nil {
		r.Getenv = func(string) string { return "" }
	}
	got, err := Fetch(t.Context(), p.run, r)
	if len(p.calls) > 0 {
		t.Errorf("these calls did not come: %+v", p.calls)
	}
	return got, err
}

// fetched fails the test unless the request has this document as its result.
func fetched(t *testing.T, want string, r Request, calls ...call) {
	t.Helper()
	got, err := fetch(t, r, calls...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Document().Reveal()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// refused fails the test unless the request fails with this text and hint, and shows no secret.
func refused(t *testing.T, want, hint string, r Request, calls ...call) {
	t.Helper()
	_, err := fetch(t, r, calls...)
	if err == nil || err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || hinted.Hint() != hint {
		t.Errorf("hint %q, want %q", hinted.Hint(), hint)
	}
	if strings.Contains(err.Error(), "sentinel") {
		t.Error("the error shows a secret")
	}
}

func TestFetch_reverses_names_to_try_things_out(t *testing.T) {
	t.Parallel()
	fetched(t, `{"A1B2":"2B1A","密码":"码密","fooLPARENbarRPAREN":")rab(oof"}`,
		Request{Adapter: "test", Account: "x", Names: []string{"A1B2", "密码", "fooLPARENbarRPAREN"}})
	fetched(t, `{"in/A":"A/ni"}`, Request{Adapter: "test", Account: "x", From: "in", Names: []string{"A"}})
}

func TestFetch_refuses_what_it_cannot_ask_for(t *testing.T) {
	t.Parallel()
	all := "the adapters are 1password, aws_secrets_manager, bitwarden, bitwarden-sm, doppler, enpass, gcp, lastpass, passbolt, test"
	for _, test := range []struct {
		r          Request
		want, hint string
	}{
		{Request{Adapter: "keychain"}, `unknown adapter "keychain"`, all},
		{Request{Adapter: "1password", Names: []string{"a/b"}}, "the adapter 1password needs an account", "add --account NAME"},
		{Request{Adapter: "lastpass", Names: []string{"a"}}, "the adapter lastpass needs an account", "add --account NAME"},
		{Request{Adapter: "bitwarden", Names: []string{"a"}}, "the adapter bitwarden needs an account", "add --account NAME"},
		{Request{Adapter: "gcp", Names: []string{"a"}}, "the adapter gcp needs an account", "add --account NAME"},
		{Request{Adapter: "test", Names: []string{"a"}}, "the adapter test needs an account", "add --account NAME"},
		{Request{Adapter: "doppler"}, "Doppler: name the secrets to fetch", ""},
		{Request{Adapter: "bitwarden-sm"}, "Bitwarden Secrets Manager: name the secrets to fetch", ""},
		{Request{Adapter: "1password", Account: "a"}, "1Password: name the secrets to fetch, or with --from what to fetch all secrets of", ""},
		{Request{Adapter: "1password", Account: "a", Names: []string{"vault"}}, "1Password: vault is not of the form vault/item[/section][/field]", ""},
		{Request{Adapter: "enpass", Names: []string{"a"}}, "Enpass: the vault is not named", "add --from with the path of the vault"},
		{Request{Adapter: "doppler", Names: []string{"A"}}, "Doppler: A does not say project and config", "add --from project/config"},
		{Request{Adapter: "doppler", From: "shop", Names: []string{"A"}}, "Doppler: shop/A does not say project and config", "add --from project/config"},
		{Request{Adapter: "doppler", Names: []string{"a/b/C", "a/c/D"}}, "Doppler: a/c/D is not in a/b: fetch them one by one", ""},
	} {
		refused(t, test.want, test.hint, test.r)
	}
}

func TestFetch_knows_adapters_by_all_their_names(t *testing.T) {
	t.Parallel()
	for name, product := range map[string]string{
		"1password": "1Password", "one_password": "1Password", "1Password": "1Password",
		"lastpass": "LastPass", "last_pass": "LastPass", "LastPass": "LastPass", "last-pass": "LastPass",
		"bitwarden": "Bitwarden", "bitwarden-sm": "Bitwarden Secrets Manager", "bitwarden_sm": "Bitwarden Secrets Manager",
		"bitwarden_secrets_manager": "Bitwarden Secrets Manager", "aws_secrets_manager": "AWS Secrets Manager",
		"gcp": "GCP Secret Manager", "gcp_secret_manager": "GCP Secret Manager", "doppler": "Doppler",
		"enpass": "Enpass", "passbolt": "Passbolt", "test": "test",
	} {
		if a, err := find(name); err != nil || a.product != product {
			t.Errorf("%s is %q, %v", name, a.product, err)
		}
	}
}

func TestFetch_says_where_to_get_a_program_that_is_not_there(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{
		"1password": "op account get --account a", "lastpass": "lpass status --color never", "bitwarden": "bw status",
		"bitwarden-sm": "bws project list", "aws_secrets_manager": "aws secretsmanager batch-get-secret-value --secret-id-list a/b/c --profile a --output json",
		"doppler": "doppler me --json", "enpass": "enpass-cli -json -vault a/b show c # dialog", "gcp": "gcloud auth list --format=json", "passbolt": "passbolt verify # dialog",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Request{Adapter: name, Account: "a", From: "a/b", Names: []string{"c"}}
			_, err := fetch(t, r, call{line: first, status: 127})
			var failure *Error
			if !errors.As(err, &failure) || !strings.HasSuffix(err.Error(), " is not installed") {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(failure.Hint(), "install ") || !strings.Contains(failure.Hint(), "https://") {
				t.Errorf("hint %q", failure.Hint())
			}
			var missing *local.MissingError
			if !errors.As(err, &missing) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestFetch_ends_with_the_cause_of_its_context(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	run := func(context.Context, Command) (string, error) { return "", interrupted }
	for name := range adapters {
		if name == "test" {
			continue
		}
		_, err := Fetch(t.Context(), run, Request{Adapter: name, Account: "a", From: "a/b", Names: []string{"c"}, Getenv: func(string) string { return "" }})
		if !errors.Is(err, interrupted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Programs that print something unexpected may print secrets: it must not get into an error.
func TestFetch_shows_nothing_of_what_it_cannot_read(t *testing.T) {
	t.Parallel()
	for name := range adapters {
		if name == "test" {
			continue
		}
		for _, printed := range []string{"sentinel", `"sentinel"`, `{"a": "sentinel"`, `["sentinel"]`, `[{"value": 4711.5, "name": 4711.5, "password": 4711.5}]`, `{"fields": 4711.5, "status": 4711.5, "SecretValues": 4711.5, "A": 4711.5, "c": 4711.5, "payload": 4711.5}`} {
			run := func(context.Context, Command) (string, error) { return printed, nil }
			_, err := Fetch(t.Context(), run, Request{Adapter: name, Account: "a", From: "a/b", Names: []string{"c"}, Getenv: func(string) string { return "" }})
			if err == nil || strings.Contains(err.Error(), "sentinel") || strings.Contains(err.Error(), "4711") {
				t.Errorf("%s: after %s: %v", name, printed, err)
			}
		}
	}
}
