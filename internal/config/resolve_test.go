package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/redact"
)

// load is Load of a file that must be right.
func load(t *testing.T, text string) *Project {
	t.Helper()
	c, err := Load(LoadOptions{File: "deploy.yml", ReadFile: fakeFiles(map[string]string{"deploy.yml": text})})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const secretive = `service: app
image: org/app
servers:
  web: {hosts: [{h1: x}], env: {secret: [W]}}
  jobs: {hosts: [h2], proxy: {host: a.com, ssl: {certificate_pem: CERT, private_key_pem: KEY}}}
registry: {server: registry.example.com, username: plain, password: [PASSWORD]}
env: {secret: [S, "N:ALIAS"], tags: {x: {secret: [T]}}}
builder: {secrets: [TOKEN]}
ssh: {key_data: [SSH]}
`

// missing is the error of a store without a secret.
type missing string

func (m missing) Error() string         { return "no " + string(m) }
func (m missing) MissingSecret() string { return string(m) }
func (missing) Hint() string            { return "set it in .mrsk/secrets" }

func TestResolve_fills_in_every_secret_of_a_copy(t *testing.T) {
	t.Parallel()
	c := load(t, secretive)
	full, err := c.All().Resolve(func(key string) (redact.String, error) { return redact.New("value of " + key), nil })
	if err != nil {
		t.Fatal(err)
	}
	web, jobs := full.Roles[0], full.Roles[1]
	var got []string
	for _, s := range []redact.String{
		full.Project.Registry.Username.Value, full.Project.Registry.Password.Value, full.Project.Builder.Secrets[0].Value, full.Project.SSH.KeyData[0].Value,
		web.Env.Secret[0].Value, web.Env.Secret[1].Value, web.Env.Secret[2].Value, web.Hosts[0].Env.Secret[0].Value,
		jobs.Env.Secret[1].Value, jobs.Proxy.SSL.Certificate.Value, jobs.Proxy.SSL.PrivateKey.Value,
	} {
		got = append(got, strings.TrimPrefix(s.Reveal(), "value of "))
	}
	want := []string{"plain", "PASSWORD", "TOKEN", "SSH", "S", "ALIAS", "W", "T", "ALIAS", "CERT", "KEY"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, s := range []redact.String{c.Registry.Password.Value, c.Roles[0].Env.Secret[0].Value, c.Roles[0].Hosts[0].Env.Secret[0].Value, c.Roles[1].Proxy.SSL.PrivateKey.Value} {
		if !s.Empty() {
			t.Error("the original was changed")
		}
	}
}

func TestResolve_tells_all_missing_secrets_where_they_are_asked_for(t *testing.T) {
	t.Parallel()
	_, err := load(t, secretive).All().Resolve(func(key string) (redact.String, error) {
		if key == "ALIAS" || key == "CERT" || key == "PASSWORD" {
			return redact.String{}, fmt.Errorf("look: %w", missing(key))
		}
		return redact.New("x"), nil
	})
	want := `deploy.yml:5:67: proxy/ssl/certificate_pem: there is no secret CERT
  hint: set it in .mrsk/secrets
deploy.yml:6:70: registry/password: there is no secret PASSWORD
  hint: set it in .mrsk/secrets
deploy.yml:7:19: env/secret: there is no secret ALIAS
  hint: set it in .mrsk/secrets
`
	if diff := cmp.Diff(want, problemText(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResolve_stops_when_the_secrets_cannot_be_read(t *testing.T) {
	t.Parallel()
	broken, asked := errors.New("the vault is locked"), 0
	_, err := load(t, secretive).All().Resolve(func(string) (redact.String, error) {
		asked++
		return redact.String{}, broken
	})
	if !errors.Is(err, broken) || asked != 1 {
		t.Errorf("error %v after %d questions", err, asked)
	}
}

func TestResolve_refuses_what_no_program_can_be_given(t *testing.T) {
	t.Parallel()
	_, err := load(t, secretive).All().Resolve(func(key string) (redact.String, error) {
		return map[string]redact.String{
			"S": redact.New("sesame\x00"),
			"W": redact.New(strings.Repeat("x", maxArgument-2)),
			"T": redact.New(strings.Repeat("x", maxArgument-3)),
		}[key], nil
	})
	want := `deploy.yml:4:42: env/secret: the value of W is larger than the 131072 bytes that a program can be given
deploy.yml:7:16: env/secret: the value of S holds a NUL byte
`
	if diff := cmp.Diff(want, problemText(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoad_refuses_a_clear_value_that_no_program_can_be_given(t *testing.T) {
	t.Parallel()
	for size, fits := range map[int]bool{maxArgument - 3: true, maxArgument - 2: false} {
		text := "service: app\nservers: [h]\nenv: {A: " + strings.Repeat("x", size) + "}\n"
		_, err := Load(LoadOptions{File: "deploy.yml", ReadFile: fakeFiles(map[string]string{"deploy.yml": text})})
		if (err == nil) != fits {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// Commands that only look at hosts work without the secrets of the app.
func TestResolveLogin_asks_for_the_keys_of_SSH_alone(t *testing.T) {
	t.Parallel()
	var asked []string
	full, err := load(t, secretive).All().ResolveLogin(func(key string) (redact.String, error) {
		asked = append(asked, key)
		return redact.New("value of " + key), nil
	})
	if err != nil || strings.Join(asked, " ") != "SSH" || full.Project.SSH.KeyData[0].Value.Reveal() != "value of SSH" {
		t.Errorf("asked for %v, error %v", asked, err)
	}
}

const proxied = `
service: app
image: app
servers: {web: [h1, h2], jobs: {hosts: [h3], proxy: {host: b.com}}}
proxy:
  host: a.com
  ssl: true
  run: {acme: {dns: route53, env: {secret: [TOKEN:KEY]}, ca_pem: CA}}
`

func TestResolve_fills_in_what_the_proxy_of_a_host_needs(t *testing.T) {
	t.Parallel()
	narrow, err := load(t, proxied).Select(Selection{Hosts: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, resolve := range map[string]func(func(string) (redact.String, error)) (*Scope, error){
		"all": narrow.Resolve, "the proxies": narrow.ResolveProxies,
	} {
		full, err := resolve(func(key string) (redact.String, error) { return redact.New("value of " + key), nil })
		if err != nil {
			t.Fatal(err)
		}
		acme := full.Project.ProxyRunOn("h2").ACME
		if token, ca := acme.Env.Secret[0].Value.Reveal(), acme.CA.Value.Reveal(); token != "value of KEY" || ca != "value of CA" {
			t.Errorf("%s: got %q and %q", name, token, ca)
		}
		if got := narrow.Project.ProxyRunOn("h2").ACME.CA.Value; !got.Empty() {
			t.Errorf("%s: the original has %q", name, got.Reveal())
		}
	}
}

func TestResolveProxies_tells_what_is_missing_where_it_is_asked_for(t *testing.T) {
	t.Parallel()
	_, err := load(t, proxied).All().ResolveProxies(func(key string) (redact.String, error) { return redact.String{}, missing(key) })
	want := `deploy.yml:8:45: env/secret: there is no secret KEY
  hint: set it in .mrsk/secrets
deploy.yml:8:66: proxy/run/acme/ca_pem: there is no secret CA
  hint: set it in .mrsk/secrets
`
	if diff := cmp.Diff(want, problemText(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIssuer_is_the_first_host_of_the_role(t *testing.T) {
	t.Parallel()
	narrow, err := load(t, proxied).Select(Selection{Hosts: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ role, host, want string }{
		{"web", "h2", "h1"}, {"web", "h1", ""}, {"jobs", "h3", ""}, {"none", "h1", ""},
	} {
		if got := narrow.Project.IssuerFor(tt.role, tt.host); got != tt.want {
			t.Errorf("%s on %s: got %q, want %q", tt.role, tt.host, got, tt.want)
		}
	}
}

// empty is the error of a store whose secret has no value.
type empty string

func (e empty) Error() string       { return ".mrsk/secrets:1: the secret " + string(e) + " is empty" }
func (e empty) EmptySecret() string { return string(e) }

func TestResolve_refuses_empty_secrets_that_a_login_needs(t *testing.T) {
	t.Parallel()
	_, err := load(t, secretive).All().Resolve(func(key string) (redact.String, error) { return redact.String{}, empty(key) })
	want := `deploy.yml:5:67: proxy/ssl/certificate_pem: .mrsk/secrets:1: the secret CERT is empty
deploy.yml:5:90: proxy/ssl/private_key_pem: .mrsk/secrets:1: the secret KEY is empty
deploy.yml:6:70: registry/password: .mrsk/secrets:1: the secret PASSWORD is empty
deploy.yml:9:18: ssh/key_data: .mrsk/secrets:1: the secret SSH is empty
`
	if diff := cmp.Diff(want, problemText(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
