package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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

// valued is a store that has every secret.
func valued(key string) (redact.String, error) { return redact.New("value of " + key), nil }

func TestSecrets_have_every_value_that_a_run_needs(t *testing.T) {
	t.Parallel()
	c := load(t, strings.Replace(secretive, "env: {secret: [S", "env: {clear: {C: clear}, secret: [S", 1))
	all, err := c.All().Secrets(valued, Needs{App: true})
	if err != nil {
		t.Fatal(err)
	}
	web, jobs := c.Roles[0], c.Roles[1]
	got := []string{}
	for _, ref := range []SecretRef{c.Registry.Username, c.Registry.Password, c.SSH.KeyData[0], jobs.Proxy.SSL.Certificate, jobs.Proxy.SSL.PrivateKey, {}} {
		got = append(got, strings.TrimPrefix(all.Of(ref).Reveal(), "value of "))
	}
	env := all.Env(web.EnvOn("h1"))
	for _, v := range append(env.Secret, all.Variables(c.Builder.Secrets)...) {
		got = append(got, v.Name+"="+strings.TrimPrefix(v.Value.Reveal(), "value of "))
	}
	want := []string{"plain", "PASSWORD", "SSH", "CERT", "KEY", "", "S=S", "N=ALIAS", "W=W", "T=T", "TOKEN=TOKEN"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if env.Secret[1].Pos.Line != 7 || len(env.Clear) != 1 || env.Clear[0].Value != "clear" {
		t.Errorf("the environment is %+v", env)
	}
}

// Each command looks up what it needs and nothing else: a deploy must not need the secrets of a database
// that it does not touch, and one that only looks at hosts needs nothing but the keys to log in.
func TestSecrets_looks_up_what_a_run_needs(t *testing.T) {
	t.Parallel()
	const proxies = "service: app\nservers: {web: [h1], jobs: [h2]}\nproxy: {host: a.com, ssl: true, run: {acme: {dns: x, env: {secret: [TOKEN:DNS]}, ca_pem: CA}}}\n"
	const behind = "service: app\nservers: [h1]\naccessories: {ui: {image: i, host: h2, proxy: {host: b.com, run: {acme: {dns: x, env: {secret: [UI]}}}}}}\n"
	const bare = "service: app\nservers: {web: {hosts: [h1], proxy: false}}\nproxy: {run: {acme: {dns: x, env: {secret: [DNS]}}}}\n"
	for _, tt := range []struct{ text, want, need string }{
		{secretive, "SSH", ""},
		{secretive, "ALIAS CERT KEY PASSWORD S SSH T TOKEN W", "app"},
		{secretive, "SSH", "accessories"},
		{secretive, "SSH", "proxies"},
		{helped, "APP BUILD PASSWORD", "app"},
		{helped, "CERT DB KEY OWN PASSWORD", "accessories"},
		{helped, "APP BUILD CERT DB KEY OWN PASSWORD", "app accessories"},
		{proxies, "CA DNS", "app"},
		{proxies, "CA DNS", "proxies"},
		{proxies, "", "accessories"},
		{behind, "UI", "app"},
		{behind, "UI", "accessories"},
		{bare, "", "app proxies"},
		{bare, "DNS", "all proxies"},
	} {
		asked := map[string]bool{}
		_, err := load(t, tt.text).All().Secrets(func(key string) (redact.String, error) {
			asked[key] = true
			return valued(key)
		}, Needs{
			App: strings.Contains(tt.need, "app"), Accessories: strings.Contains(tt.need, "accessories"),
			Proxies: strings.Contains(tt.need, "proxies"), AllProxies: strings.Contains(tt.need, "all proxies"),
		})
		if got := strings.Join(slices.Sorted(maps.Keys(asked)), " "); err != nil || got != tt.want {
			t.Errorf("%s for %q\nis %s, want %s, error %v", tt.text, tt.need, got, tt.want, err)
		}
	}
}

// Of an accessory on other hosts no container is made.
func TestSecrets_of_accessories_are_those_of_the_chosen_hosts(t *testing.T) {
	t.Parallel()
	const text = minimal + `accessories:
  db: {image: i, host: h1, env: {secret: [DB]}}
  own: {image: i, host: h2, env: {secret: [OWN]}, registry: {username: u, password: [LOGIN]}, proxy: {host: a.com, ssl: {certificate_pem: CERT, private_key_pem: KEY}}}
  bare: {host: h3, env: {secret: [BARE]}}
`
	for host, want := range map[string]string{"h1": "DB P", "h2": "CERT KEY LOGIN OWN", "h[12]": "CERT DB KEY LOGIN OWN P"} {
		narrow, err := load(t, text).Select(Selection{Hosts: []string{host}})
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]bool{}
		_, err = narrow.Secrets(func(key string) (redact.String, error) {
			asked[key] = true
			return valued(key)
		}, Needs{Accessories: true})
		if got := strings.Join(slices.Sorted(maps.Keys(asked)), " "); err != nil || got != want {
			t.Errorf("%s: asked for %s, want %s, error %v", host, got, want, err)
		}
		if err := narrow.CheckImages(); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if err := load(t, text).All().CheckImages(); err == nil {
		t.Error("no word of the accessory without an image")
	}
}

func TestSecrets_of_a_scope_are_those_of_its_hosts(t *testing.T) {
	t.Parallel()
	c := load(t, secretive)
	narrow, err := c.Select(Selection{Roles: []string{"jobs"}})
	if err != nil {
		t.Fatal(err)
	}
	few, err := narrow.Secrets(valued, Needs{App: true})
	if err != nil {
		t.Fatal(err)
	}
	few.Env(narrow.Roles[0].Env)
	defer func() {
		if got := recover(); got != "config: secret W was not looked up" {
			t.Errorf("got %v", got)
		}
	}()
	few.Env(c.Roles[0].Env)
}

func TestSecrets_tells_all_missing_secrets_where_they_are_asked_for(t *testing.T) {
	t.Parallel()
	_, err := load(t, secretive).All().Secrets(func(key string) (redact.String, error) {
		if key == "ALIAS" || key == "CERT" || key == "PASSWORD" {
			return redact.String{}, fmt.Errorf("look: %w", missing(key))
		}
		return redact.New("x"), nil
	}, Needs{App: true})
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

func TestSecrets_stops_when_the_secrets_cannot_be_read(t *testing.T) {
	t.Parallel()
	broken, asked := errors.New("the vault is locked"), 0
	_, err := load(t, secretive).All().Secrets(func(string) (redact.String, error) {
		asked++
		return redact.String{}, broken
	}, Needs{App: true})
	if !errors.Is(err, broken) || asked != 1 {
		t.Errorf("error %v after %d questions", err, asked)
	}
}

func TestSecrets_refuses_what_no_program_can_be_given(t *testing.T) {
	t.Parallel()
	_, err := load(t, secretive).All().Secrets(func(key string) (redact.String, error) {
		return map[string]redact.String{
			"S": redact.New("sesame\x00"),
			"W": redact.New(strings.Repeat("x", maxArgument-2)),
			"T": redact.New(strings.Repeat("x", maxArgument-3)),
		}[key], nil
	}, Needs{App: true})
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

const proxied = `
service: app
image: app
servers: {web: [h1, h2], jobs: {hosts: [h3], proxy: {host: b.com}}}
proxy:
  host: a.com
  ssl: true
  run: {acme: {dns: route53, env: {secret: [TOKEN:KEY]}, ca_pem: CA}}
`

func TestSecrets_tells_what_a_proxy_misses_where_it_is_asked_for(t *testing.T) {
	t.Parallel()
	_, err := load(t, proxied).All().Secrets(func(key string) (redact.String, error) { return redact.String{}, missing(key) }, Needs{Proxies: true})
	want := `deploy.yml:8:45: proxy/run/acme/env/secret: there is no secret KEY
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

func TestSecrets_refuses_empty_secrets_of_a_DNS_provider(t *testing.T) {
	t.Parallel()
	c := load(t, "service: shop\nimage: shop\nservers: [vm1]\nproxy:\n  host: \"*.example.com\"\n  ssl: true\n  run: {acme: {email: ops@example.com, dns: cloudflare, env: {secret: [TOKEN]}}}\n")
	_, err := c.All().Secrets(func(key string) (redact.String, error) { return redact.String{}, empty(key) }, Needs{AllProxies: true})
	if text := problemText(t, err); !strings.Contains(text, "proxy/run/acme/env/secret: .mrsk/secrets:1: the secret TOKEN is empty") {
		t.Errorf("%s", text)
	}
}

func TestSecrets_refuses_empty_secrets_that_a_login_needs(t *testing.T) {
	t.Parallel()
	_, err := load(t, secretive).All().Secrets(func(key string) (redact.String, error) { return redact.String{}, empty(key) }, Needs{App: true})
	want := `deploy.yml:5:67: proxy/ssl/certificate_pem: .mrsk/secrets:1: the secret CERT is empty
deploy.yml:5:90: proxy/ssl/private_key_pem: .mrsk/secrets:1: the secret KEY is empty
deploy.yml:6:70: registry/password: .mrsk/secrets:1: the secret PASSWORD is empty
deploy.yml:9:18: ssh/key_data: .mrsk/secrets:1: the secret SSH is empty
`
	if diff := cmp.Diff(want, problemText(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// MRSK and Kamal 1 take secrets from .env.
func TestSecrets_of_an_older_file_are_told_to_move_from_env(t *testing.T) {
	t.Parallel()
	lookup := func(key string) (redact.String, error) { return redact.String{}, missing(key) }
	for builder, want := range map[string]bool{"": true, "builder: {arch: amd64}\n": false} {
		c := load(t, minimal+builder+"env: {secret: [X]}\n")
		_, err := c.All().Secrets(lookup, Needs{App: true})
		var problems Problems
		if !errors.As(err, &problems) || strings.Contains(problems[0].Hint(), "mrsk does not read .env: move ") != want {
			t.Errorf("%q: %v, %v", builder, err, problems)
		}
	}
}
