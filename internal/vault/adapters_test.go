package vault

import (
	"fmt"
	"strings"
	"testing"
)

func TestOnePassword(t *testing.T) {
	t.Parallel()
	loggedIn := call{line: "op account get --account my"}
	loggedOut := call{line: "op account get --account my", status: 1, stderr: "not signed in"}
	one := `{"id": "password", "label": "password", "value": "sentinel-1", "reference": "op://Prod/DB/password"}`
	two := `[{"label": "host", "value": "sentinel-2", "reference": "op://Prod/DB/net work/host"}, ` + one + `]`
	r := Request{Adapter: "1password", Account: "my", From: "op://Prod/DB"}

	r.Names = []string{"password"}
	fetched(t, `{"Prod/DB":"sentinel-1"}`, r, loggedIn,
		call{line: "op item get DB --vault Prod --format json --account my --fields label=password", out: one})
	r.Names = []string{"net work/host", "password", "password"}
	fetched(t, `{"Prod/DB/net work/host":"sentinel-2","Prod/DB":"sentinel-1"}`, r, loggedIn,
		call{line: "op item get DB --vault Prod --format json --account my --fields 'label=net work.host,label=password'", out: two})

	// Items are fetched once each, and a name without a field is the password.
	several := Request{Adapter: "one_password", Account: "my", Names: []string{"op://Prod/DB", "Prod/Mail item/key", "op://Prod/DB/net work/host"}}
	fetched(t, `{"Prod/DB/net work/host":"sentinel-2","Prod/DB":"sentinel-1","Prod/Mail item/key":"k"}`, several, loggedIn,
		call{line: "op item get DB --vault Prod --format json --account my --fields 'label=password,label=net work.host'", out: two},
		call{line: "op item get 'Mail item' --vault Prod --format json --account my --fields label=key", out: `{"value": "k", "reference": "op://Prod/Mail item/key"}`})

	// Without names it is the whole item: the fields that have a value.
	r.Names = nil
	fetched(t, `{"Prod/DB":"sentinel-1","Prod/DB/user":"u"}`, r, loggedIn,
		call{line: "op item get DB --vault Prod --format json --account my", out: `{"title": "DB", "fields": [` + one + `, {"label": "user", "value": "u", "reference": "op://Prod/DB/user"}, {"label": "notes", "reference": "op://Prod/DB/notes"}]}`})

	// The session goes into the variable that op reads, not into an argument.
	r.Names = []string{"password"}
	signIn := call{line: "op signin --account my --force --raw # dialog", out: "sentinel-session\n"}
	list := "op account list --format json"
	fetched(t, `{"Prod/DB":"sentinel-1"}`, r, loggedOut, signIn,
		call{line: list, out: `[{"url": "other.1password.com", "user_uuid": "U1"}, {"url": "my.1password.com", "email": "a@b.c", "user_uuid": "U2"}]`},
		call{line: "OP_SESSION_U2=sentinel-session op item get DB --vault Prod --format json --account my --fields label=password", out: one})
	// The desktop app keeps the session itself.
	fetched(t, `{"Prod/DB":"sentinel-1"}`, r, loggedOut, call{line: signIn.line, out: "\n"},
		call{line: "op item get DB --vault Prod --format json --account my --fields label=password", out: one})
	// An op that does not name the user leaves no other way than the option.
	fetched(t, `{"Prod/DB":"sentinel-1"}`, r, loggedOut, signIn, call{line: list, status: 1},
		call{line: "op item get DB --vault Prod --format json --account my --session sentinel-session --fields label=password", out: one})

	login := adapters["one_password"].login
	refused(t, "1Password: sign in as my: op: exit status 6: account is not known", login, r, loggedOut,
		call{line: signIn.line, status: 6, stderr: "account is not known"})
	refused(t, "1Password: read password of item DB of vault Prod: op: exit status 1: [ERROR] the session [REDACTED] is no good", "", r, loggedOut, signIn, call{line: list, status: 1},
		call{line: "op item get DB --vault Prod --format json --account my --session sentinel-session --fields label=password", status: 1, stderr: "[ERROR] the session sentinel-session is no good"})
	r.Names = []string{"password", "host"}
	refused(t, "1Password: read password, host of item DB of vault Prod: there are values for 1 of them only", "", r, loggedIn,
		call{line: "op item get DB --vault Prod --format json --account my --fields label=password,label=host", out: "[" + one + `, {"reference": "op://Prod/DB/host"}]`})
}

func TestLastPass(t *testing.T) {
	t.Parallel()
	status := "lpass status --color never"
	loggedIn := call{line: status, out: "Logged in as me@example.com.\n"}
	r := Request{Adapter: "lastpass", Account: "me@example.com", Names: []string{"DB", "it's mail"}}
	items := `[{"id": "1", "fullname": "DB", "password": "sentinel-1"}, {"fullname": "it's mail", "password": "sentinel-2"}]`
	fetched(t, `{"DB":"sentinel-1","it's mail":"sentinel-2"}`, r, loggedIn, call{line: `lpass show DB 'it'\''s mail' --json`, out: items})
	for _, out := range []call{{line: status, status: 1}, {line: status, out: "Logged in as other@example.com.\n"}} {
		fetched(t, `{"DB":"sentinel-1","it's mail":"sentinel-2"}`, r, out,
			call{line: "lpass login me@example.com # told"}, call{line: `lpass show DB 'it'\''s mail' --json`, out: items})
	}
	r.From, r.Names = "shop", []string{"DB"}
	fetched(t, `{"shop/DB":"sentinel-1"}`, r, loggedIn, call{line: "lpass show shop/DB --json", out: `[{"fullname": "shop/DB", "password": "sentinel-1"}]`})

	refused(t, "LastPass: there is no shop/DB", "", r, loggedIn, call{line: "lpass show shop/DB --json", out: items})
	refused(t, "LastPass: read shop/DB: lpass: exit status 1: Could not find specified account(s).", "", r, loggedIn,
		call{line: "lpass show shop/DB --json", status: 1, stderr: "Could not find specified account(s)."})
	refused(t, "LastPass: log in as me@example.com: lpass: exit status 1: wrong password", "log in with lpass login", r,
		call{line: status, status: 1}, call{line: "lpass login me@example.com # told", status: 1, stderr: "wrong password"})
}

func TestBitwarden(t *testing.T) {
	t.Parallel()
	state := func(env, state string) call {
		return call{line: env + "bw status", out: fmt.Sprintf(`{"serverUrl": null, "status": %q}`, state)}
	}
	unlocked, sync := state("", "unlocked"), call{line: "bw sync", out: "Syncing complete."}
	login := `{"name": "DB", "login": {"username": "u", "password": "sentinel-1"}, "fields": [{"name": "host", "value": "sentinel-2"}, {"name": "port", "value": null}]}`
	note := `{"name": "note", "login": null, "fields": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}, {"name": "C", "value": null}]}`
	r := Request{Adapter: "bitwarden", Account: "me@example.com", Names: []string{"DB", "my note", "DB/host"}}
	fetched(t, `{"DB":"sentinel-1","DB/host":"sentinel-2","my note/A":"1","my note/B":"2"}`, r, unlocked, sync,
		call{line: "bw get item DB", out: login}, call{line: "bw get item 'my note'", out: note})
	r.From, r.Names = "DB", []string{"host"}
	fetched(t, `{"DB/host":"sentinel-2"}`, r, unlocked, sync, call{line: "bw get item DB", out: login})

	// The session goes into the environment.
	const env = "BW_SESSION=sentinel-session "
	unlock := call{line: "bw unlock --raw # dialog", out: "sentinel-session\n"}
	fetched(t, `{"DB/host":"sentinel-2"}`, r, state("", "unauthenticated"), call{line: "bw login me@example.com # dialog", out: "sentinel-session"},
		state("", "locked"), unlock, state(env, "unlocked"), call{line: env + "bw sync"}, call{line: env + "bw get item DB", out: login})

	refused(t, "Bitwarden: unlock the vault: it is still locked", adapters["bitwarden"].login, r, state("", "locked"), call{line: unlock.line}, state("", "locked"))

	hint := adapters["bitwarden"].login
	refused(t, "Bitwarden: unlock the vault: it is still locked", hint, r, state("", "locked"), unlock, state(env, "locked"))
	refused(t, "Bitwarden: unlock the vault: bw: exit status 1: Invalid master password.", hint, r, state("", "locked"),
		call{line: unlock.line, status: 1, stderr: "Invalid master password."})
	refused(t, "Bitwarden: log in as me@example.com: bw: exit status 1", hint, r, state("", "unauthenticated"),
		call{line: "bw login me@example.com # dialog", status: 1})
	refused(t, "Bitwarden: bring the vault up to date: bw: exit status 1", "", r, unlocked, call{line: "bw sync", status: 1})
	refused(t, "Bitwarden: read item DB: bw: exit status 1: Not found in [REDACTED].", "", r, state("", "locked"), unlock, state(env, "unlocked"), call{line: env + "bw sync"},
		call{line: env + "bw get item DB", status: 1, stderr: "Not found in sentinel-session."})
	for _, field := range []string{"port", "nothing"} {
		r.Names = []string{field}
		refused(t, "Bitwarden: item DB has no field "+field+" with a value", "", r, unlocked, sync, call{line: "bw get item DB", out: login})
	}
	r.From, r.Names = "", []string{"card"}
	refused(t, "Bitwarden: item card has neither a password nor fields", "", r, unlocked, sync, call{line: "bw get item card", out: `{"card": {"number": "sentinel"}}`})
}

func TestBitwardenSecretsManager(t *testing.T) {
	t.Parallel()
	loggedIn := call{line: "bws project list", out: "[]"}
	all := `[{"id": "1", "key": "A", "value": "sentinel-1"}, {"id": "2", "key": "B", "value": "sentinel-2"}]`
	r := Request{Adapter: "bitwarden-sm", Names: []string{"all"}}
	fetched(t, `{"A":"sentinel-1","B":"sentinel-2"}`, r, loggedIn, call{line: "bws secret list", out: all})
	r.Names = []string{"6ca5/all"}
	fetched(t, `{"A":"sentinel-1","B":"sentinel-2"}`, r, loggedIn, call{line: "bws secret list 6ca5", out: all})
	r.From, r.Names = "6ca5", []string{"all"}
	fetched(t, `{"A":"sentinel-1","B":"sentinel-2"}`, r, loggedIn, call{line: "bws secret list 6ca5", out: all})
	r.Names = []string{"1", "2"}
	fetched(t, `{"A":"sentinel-1","B":"sentinel-2"}`, r, loggedIn,
		call{line: "bws secret get 1", out: `{"key": "A", "value": "sentinel-1"}`}, call{line: "bws secret get 2", out: `{"key": "B", "value": "sentinel-2"}`})

	refused(t, "Bitwarden Secrets Manager: log in: bws: exit status 1: Missing access token", "set BWS_ACCESS_TOKEN to the access token of a machine account", r,
		call{line: loggedIn.line, status: 1, stderr: "Missing access token"})
	refused(t, "Bitwarden Secrets Manager: read secret 1: bws: exit status 1: 404 Not Found", "", r, loggedIn,
		call{line: "bws secret get 1", status: 1, stderr: "404 Not Found"})
	r.Names = []string{"all"}
	refused(t, "Bitwarden Secrets Manager: read all secrets: bws: exit status 1", "", r, loggedIn, call{line: "bws secret list 6ca5", status: 1})
}

func TestAWSSecretsManager(t *testing.T) {
	t.Parallel()
	got := `{"SecretValues": [
		{"Name": "shop/db", "SecretString": "{\"USER\": \"u\", \"PASSWORD\": \"sentinel-1\", \"PORT\": 5432, \"ON\": true, \"NONE\": null}"},
		{"Name": "token", "SecretString": "sentinel-2"}, {"Name": "list", "SecretString": "[1]"}], "Errors": []}`
	r := Request{Adapter: "aws_secrets_manager", Names: []string{"shop/db", "token", "list"}}
	want := `{"shop/db/USER":"u","shop/db/PASSWORD":"sentinel-1","shop/db/PORT":"5432","shop/db/ON":"true","token":"sentinel-2","list":"[1]"}`
	fetched(t, want, r, call{line: "aws secretsmanager batch-get-secret-value --secret-id-list shop/db token list --output json", out: got})
	r.Account, r.From = "prod", "eu"
	command := "aws secretsmanager batch-get-secret-value --secret-id-list eu/shop/db eu/token eu/list --profile prod --output json"
	fetched(t, want, r, call{line: command, out: got})

	refused(t, "AWS Secrets Manager: read eu/shop/db, eu/token, eu/list: aws: exit status 255: Unable to locate credentials", "", r,
		call{line: command, status: 255, stderr: "Unable to locate credentials"})
	refused(t, "AWS Secrets Manager: read eu/token: not found; eu/list: not allowed", "", r,
		call{line: command, out: `{"SecretValues": [], "Errors": [{"SecretId": "eu/token", "Message": "not found"}, {"SecretId": "eu/list", "Message": "not allowed"}]}`})
	refused(t, "AWS Secrets Manager: secret eu/token is binary", "", r,
		call{line: command, out: `{"SecretValues": [{"Name": "eu/token", "SecretBinary": "c2VudGluZWw="}]}`})

	// AWS gives 20 at a time.
	r = Request{Adapter: "aws_secrets_manager"}
	for i := range 21 {
		r.Names = append(r.Names, fmt.Sprint("s", i))
	}
	fetched(t, `{"s0":"a","s20":"b"}`, r,
		call{line: "aws secretsmanager batch-get-secret-value --secret-id-list " + strings.Join(r.Names[:20], " ") + " --output json", out: `{"SecretValues": [{"Name": "s0", "SecretString": "a"}]}`},
		call{line: "aws secretsmanager batch-get-secret-value --secret-id-list s20 --output json", out: `{"SecretValues": [{"Name": "s20", "SecretString": "b"}]}`})
}

func TestDoppler(t *testing.T) {
	t.Parallel()
	loggedIn := call{line: "doppler me --json", out: "{}"}
	got := `{"B": {"computed": "sentinel-2", "raw": "x"}, "A": {"computed": "sentinel-1"}}`
	want := `{"A":"sentinel-1","B":"sentinel-2"}`
	command := "doppler secrets get A B --json -p shop -c prd"
	for _, r := range []Request{
		{Adapter: "doppler", From: "shop/prd", Names: []string{"A", "B"}},
		{Adapter: "doppler", Names: []string{"shop/prd/A", "shop/prd/B"}},
	} {
		fetched(t, want, r, loggedIn, call{line: command, out: got})
	}
	r := Request{Adapter: "doppler", From: "shop/prd", Names: []string{"A", "B"}}
	fetched(t, want, r, call{line: loggedIn.line, status: 1}, call{line: "doppler login -y # told"}, call{line: command, out: got})

	token := r
	token.From = ""
	token.Getenv = func(name string) string { return map[string]string{"DOPPLER_TOKEN": "dp.st.prd.sentinel"}[name] }
	fetched(t, want, token, loggedIn, call{line: "doppler secrets get A B --json", out: got})

	refused(t, "Doppler: log in: doppler: exit status 1", "log in with doppler login, or set DOPPLER_TOKEN", r,
		call{line: loggedIn.line, status: 1}, call{line: "doppler login -y # told", status: 1})
	refused(t, "Doppler: read A, B: doppler: exit status 1: Could not find requested secret", "", r, loggedIn,
		call{line: command, status: 1, stderr: "Could not find requested secret"})
	refused(t, "Doppler: there is no B", "", r, loggedIn, call{line: command, out: `{"A": {"computed": "sentinel"}, "B": {"computed": null}}`})
}

func TestEnpass(t *testing.T) {
	t.Parallel()
	cards := `[{"title": "Shop", "label": "DB", "login": "u", "password": "sentinel-1"}, {"title": "Shop", "label": "", "password": "sentinel-2"},
		{"title": "Shop", "label": "empty", "password": ""}, {"title": "Shop two", "label": "DB", "password": "sentinel-3"}]`
	r := Request{Adapter: "enpass", From: "/my vaults/primary", Names: []string{"Shop"}}
	const command = "enpass-cli -json -vault '/my vaults/primary' show Shop # dialog"
	fetched(t, `{"Shop/DB":"sentinel-1","Shop":"sentinel-2"}`, r, call{line: command, out: cards})
	r.Names = []string{"Shop/DB", "Shop/DB", "Shop two/DB"}
	fetched(t, `{"Shop/DB":"sentinel-1","Shop two/DB":"sentinel-3"}`, r,
		call{line: "enpass-cli -json -vault '/my vaults/primary' show Shop 'Shop two' # dialog", out: cards})

	r.Names = []string{"Shop/Mail", "Shop/DB"}
	refused(t, "Enpass: there is no Shop/Mail", "", r, call{line: command, out: cards})
	refused(t, "Enpass: read Shop: enpass-cli: exit status 2: could not open vault", "", r, call{line: command, status: 2, stderr: "could not open vault"})
	refused(t, "Enpass: there is more than one Shop/DB", "", r,
		call{line: command, out: `[{"title": "Shop", "label": "DB", "password": "sentinel"}, {"title": "Shop", "label": "DB", "password": "sentinel"}]`})
}

func TestGCPSecretManager(t *testing.T) {
	t.Parallel()
	loggedIn := call{line: "gcloud auth list --format=json", out: `[{"account": "me@example.com"}]`}
	nobody := call{line: loggedIn.line, out: "[]"}
	answer := func(data string) string { return fmt.Sprintf(`{"name": "x", "payload": {"data": %q}}`, data) }
	r := Request{Adapter: "gcp", Account: "default", Names: []string{"db", "shop/mail", "shop/key/12"}}
	fetched(t, `{"default/db":"sentinel-1","shop/mail":"?>~é","shop/key":"??"}`, r, loggedIn,
		call{line: "gcloud secrets versions access latest --secret=db --format=json", out: answer("c2VudGluZWwtMQ==")},
		call{line: "gcloud secrets versions access latest --secret=mail --project=shop --format=json", out: answer("Pz5-w6k=")},
		call{line: "gcloud secrets versions access 12 --secret=key --project=shop --format=json", out: answer("Pz8=")})
	r = Request{Adapter: "gcp", Account: "me@example.com|a@example.com,b@example.com", From: "shop", Names: []string{"db/3"}}
	command := "gcloud secrets versions access 3 --secret=db --project=shop --account=me@example.com --impersonate-service-account=a@example.com,b@example.com --format=json"
	fetched(t, `{"shop/db":""}`, r, nobody, call{line: "gcloud auth login # told"}, loggedIn, call{line: command, out: answer("")})

	refused(t, "GCP Secret Manager: nobody is logged in", "log in with gcloud auth login", r, nobody, call{line: "gcloud auth login # told"}, nobody)
	refused(t, "GCP Secret Manager: log in: gcloud: exit status 1", "log in with gcloud auth login", r, nobody, call{line: "gcloud auth login # told", status: 1})
	refused(t, "GCP Secret Manager: read shop/db: gcloud: exit status 1: NOT_FOUND", "", r, loggedIn, call{line: command, status: 1, stderr: "NOT_FOUND"})
	refused(t, "GCP Secret Manager: read shop/db: gcloud printed something else than base64", "", r, loggedIn, call{line: command, out: answer("sentinel!")})
	r.Names = []string{"a/b/c"}
	refused(t, "GCP Secret Manager: shop/a/b/c is not of the form [project/]name[/version]", "", r, loggedIn)
}

func TestPassbolt(t *testing.T) {
	t.Parallel()
	verify := call{line: "passbolt verify # dialog"}
	const columns = "--column name --column password --json # dialog"
	r := Request{Adapter: "passbolt", Names: []string{"DB", "it's"}}
	fetched(t, `{"DB":"sentinel-1","it's":"sentinel-2"}`, r, verify,
		call{line: `passbolt list resources --filter 'Name == "DB" || Name == "it'\''s"' ` + columns, out: `[{"name": "DB", "password": "sentinel-1"}, {"name": "it's", "password": "sentinel-2"}]`})

	tops := call{line: `passbolt list folders --filter 'Name == "shop" || Name == "mail"' --json # dialog`, out: `[{"id": "f0", "folder_parent_id": "f9", "name": "shop"}, {"id": "f1", "folder_parent_id": "", "name": "shop"}, {"id": "f2", "folder_parent_id": "f8", "name": "mail"}]`}
	nested := call{line: `passbolt list folders --filter 'Name == "prod" && FolderParentID == "f1"' --json # dialog`, out: `[{"id": "f3", "folder_parent_id": "f1", "name": "prod"}]`}
	found := `[{"name": "A", "password": "sentinel-1"}, {"name": "B", "password": "sentinel-2"}, {"name": "C", "password": "sentinel-3"}]`
	r.Names = []string{"shop/A", "mail/B", "shop/prod/C"}
	fetched(t, `{"A":"sentinel-1","B":"sentinel-2","C":"sentinel-3"}`, r, verify, tops, nested,
		call{line: `passbolt list resources --filter '(Name == "A" && FolderParentID == "f1") || (Name == "B" && FolderParentID == "f2") || (Name == "C" && FolderParentID == "f3")' --folder f1 --folder f2 --folder f3 ` + columns, out: found})
	// What is in no folder would be left out by --folder.
	r.Names = []string{"shop/A", "mail/B", "C"}
	fetched(t, `{"A":"sentinel-1","B":"sentinel-2","C":"sentinel-3"}`, r, verify, tops,
		call{line: `passbolt list resources --filter '(Name == "A" && FolderParentID == "f1") || (Name == "B" && FolderParentID == "f2") || Name == "C"' ` + columns, out: found})

	r.From, r.Names = "shop/prod", []string{"C", "D"}
	top := call{line: `passbolt list folders --filter 'Name == "shop"' --json # dialog`, out: tops.out}
	resources := `passbolt list resources --filter '(Name == "C" && FolderParentID == "f3") || (Name == "D" && FolderParentID == "f3")' --folder f1 --folder f3 ` + columns
	refused(t, "Passbolt: there is no D", "", r, verify, top, nested, call{line: resources, out: found})
	refused(t, "Passbolt: read shop/prod/C, shop/prod/D: passbolt: exit status 1", "", r, verify, top, nested, call{line: resources, status: 1})
	refused(t, "Passbolt: there is no folder shop/prod", "", r, verify, top, call{line: nested.line, out: "[]"})
	refused(t, "Passbolt: there is no folder shop/prod", "", r, verify, call{line: top.line, out: "[]"})
	refused(t, "Passbolt: list folders: passbolt: exit status 1: no server", "", r, verify, call{line: top.line, status: 1, stderr: "no server"})
	refused(t, "Passbolt: log in: passbolt: exit status 1", "set the CLI up with passbolt configure", r, call{line: verify.line, status: 1})
}
