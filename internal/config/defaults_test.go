package config

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
)

// The files whose defaults the table states: one without any section that can be left out, one with the
// sections in which further keys have a default, and one of MRSK or Kamal 1.
const (
	bareFile = `service: app
servers: {web: {hosts: [h1]}, worker: {hosts: [h2]}}
accessories: {db: {image: mysql, host: h1, files: [my.cnf:/etc/my.cnf], directories: [data:/data]}}
`
	sectionsFile = `service: app
image: org/app
servers: {web: {hosts: [h1]}, worker: {hosts: [h2]}}
registry: {username: u, password: [P]}
builder: {arch: amd64, pack: {builder: heroku}, cache: {type: registry}}
proxy: {host: h, ssl: true, buffering: {}, logging: {}, run: {acme: {email: me@example.com}}}
boot: {}
logging: {driver: local}
`
	olderFile = `service: app
image: org/app
servers: [h1]
registry: {username: u, password: [P]}
healthcheck: {}
traefik: {}
`
)

// defaultRow states the default of a key: what docs/config.md says of it, and what the loader returns
// for a file without the key, as fmt prints it. A default that depends on something has several rows.
type defaultRow struct {
	key, documented, want string
	loaded                any
}

// A default is written in one place of the code, so only a second statement of it shows a wrong one.
func TestDefault_of_every_key_is_what_the_table_states(t *testing.T) {
	t.Parallel()
	documented := map[string]string{}
	for _, s := range sections() {
		for key, words := range s.words() {
			documented[key] = cmp.Or(words, defaults()[key])
		}
	}
	stated := map[string]bool{}
	for _, row := range defaultRows(load(t, bareFile), load(t, sectionsFile), load(t, olderFile)) {
		stated[row.key] = true
		page, known := documented[row.key]
		if !known {
			t.Errorf("%s is no key", row.key)
		}
		if page != row.documented {
			t.Errorf("%s: the documentation has the default %q, the table %q", row.key, page, row.documented)
		}
		if got := fmt.Sprint(row.loaded); got != row.want {
			t.Errorf("%s: a file without it has %s, want %s", row.key, got, row.want)
		}
	}
	for key := range documented {
		if !stated[key] {
			t.Errorf("%s has no row: state its default, or that it has none", key)
		}
	}
}

func defaultRows(bare, full, older *Project) []defaultRow {
	return slices.Concat(
		rootDefaults(bare, older), roleDefaults(bare), imageDefaults(bare, full), proxyDefaults(bare, full), proxyRunDefaults(bare, full),
		connectionDefaults(bare), rolloutDefaults(bare, full), accessoryDefaults(bare), olderDefaults(older), withoutDefault(),
	)
}

func rootDefaults(bare, older *Project) []defaultRow {
	web, worker, file := bare.Roles[0], bare.Roles[1], bare.written
	return []defaultRow{
		{"image", "", "app", bare.Image},
		{"env", "", "{[] []}", web.Env},
		{"labels", "", "[]", web.Labels},
		{"volumes", "[]", "[]", web.Volumes},
		{"release", "", "", bare.Release},
		{"primary_role", "web", "web", bare.PrimaryRole},
		{"primary_web_role", "", "web", bare.PrimaryRole},
		{"allow_empty_roles", "false", "false", file.allowEmptyRoles},
		{"require_destination", "false", "false", file.requireDestination},
		{"minimum_version", "", "", file.minimumVersion},
		{"retain_containers", "5", "5", bare.RetainContainers},
		{"readiness_delay", "7", "7s", bare.ReadinessDelay},
		{"deploy_timeout", "30", "30s", bare.DeployTimeout},
		{"drain_timeout", "30", "30s", bare.DrainTimeout},
		{"stop_timeout", "10 with proxy, else drain_timeout", "10s", web.StopTimeout},
		{"stop_timeout", "10 with proxy, else drain_timeout", "30s", worker.StopTimeout},
		{"stop_wait_time", "", "10s", older.Roles[0].StopTimeout},
		{"hooks_path", ".mrsk/hooks", "", bare.HooksPath}, // package hook looks in the folders
		{"secrets_path", ".mrsk/secrets", "", bare.SecretsPath},
		{"aliases", "", "[]", bare.Aliases},
		{"hooks_output", "", "{ []}", bare.HooksOutput},
		{"output", "", "{ }", bare.Output},
		{"output/file", "", "", bare.Output.File},
		{"output/otel", "", "", bare.Output.OTel},
		{"asset_path", "", "{ }", web.Assets},
		{"error_pages_path", "", "", bare.ErrorPages.Path},
		{"ssh_user", "", "root", older.SSH.User},
	}
}

func roleDefaults(bare *Project) []defaultRow {
	web, worker := bare.Roles[0], bare.Roles[1]
	return []defaultRow{
		{"servers/<role>/cmd", "the image's", "", web.Cmd},
		{"servers/<role>/options", "", "[]", web.Options},
		{"servers/<role>/options", "", "unless-stopped", web.Restart},
		{"servers/<role>/labels", "", "[]", web.Labels},
		{"servers/<role>/env", "", "{[] []}", web.Env},
		{"servers/<role>/logging", "", "{ [{max-size 10m }]}", web.Logging},
		{"servers/<role>/proxy", "true for the primary role", "true", web.Proxy != nil},
		{"servers/<role>/proxy", "true for the primary role", "false", worker.Proxy != nil},
		{"servers/<role>/traefik", "true for the primary role", "true", web.Proxy != nil},
		{"servers/<role>/traefik", "true for the primary role", "false", worker.Proxy != nil},
		{"servers/<role>/stop_timeout", "the root's", "10s", web.StopTimeout},
		{"servers/<role>/boot", "the root's", "", web.Order},
		{"servers/<role>/asset_path", "the root's", "{ }", web.Assets},
		{"servers/<role>/healthcheck", "the root's", "false", web.Proxy.Healthcheck.Own},
		{"env/clear", "", "[]", web.Env.Clear},
		{"env/secret", "", "[]", web.Env.Secret},
		{"env/tags", "", "{[] []}", web.Hosts[0].Env},
	}
}

func imageDefaults(bare, full *Project) []defaultRow {
	b := bare.Builder
	return []defaultRow{
		{"registry", "", "localhost:5555", bare.Registry.Server},
		{"registry/server", "Docker Hub", "", full.Registry.Server},
		{"builder/arch", "that of the hosts", "[]", b.Arch},
		{"builder/remote", "", "", b.Remote},
		{"builder/local", "true", "true", b.Local},
		{"builder/multiarch", "", "[]", b.Arch},
		{"builder/driver", "docker-container", "docker-container", full.Builder.Driver},
		{"builder/driver", "docker-container", "docker", b.Driver}, // without a registry
		{"builder/context", "", "", b.Context},
		{"builder/dockerfile", "Dockerfile", "Dockerfile", b.Dockerfile},
		{"builder/target", "", "", b.Target},
		{"builder/args", "", "[]", b.Args},
		{"builder/secrets", "[]", "[]", b.Secrets},
		{"builder/ssh", "", "", b.SSH},
		{"builder/cache", "", "<nil>", b.Cache},
		{"builder/provenance", "", "", b.Provenance},
		{"builder/sbom", "", "", b.SBOM},
		{"builder/pack", "", "<nil>", b.Pack},
		{"builder/cache/options", "", "", full.Builder.Cache.Options},
		{"builder/cache/image", "<image>-build-cache", "org/app-build-cache", full.Builder.Cache.Image},
		{"builder/pack/buildpacks", "[]", "[]", full.Builder.Pack.Buildpacks},
	}
}

func proxyDefaults(bare, full *Project) []defaultRow {
	p, sections := bare.Roles[0].Proxy, full.Roles[0].Proxy
	buffering := sections.Buffering
	return []defaultRow{
		{"proxy/host", "every host name", "[]", p.Hosts},
		{"proxy/hosts", "every host name", "[]", p.Hosts},
		{"proxy/app_port", "80", "80", p.AppPort},
		{"proxy/path_prefix", "", "[]", p.PathPrefixes},
		{"proxy/path_prefixes", "", "[]", p.PathPrefixes},
		{"proxy/strip_path_prefix", "true", "true", p.StripPathPrefix},
		{"proxy/response_timeout", "30", "30s", p.ResponseTimeout},
		{"proxy/ssl", "false", "false", p.SSL.Enabled},
		{"proxy/ssl_redirect", "true", "true", p.SSL.Redirect},
		{"proxy/forward_headers", "false with ssl, else true", "true", p.forwards()},
		{"proxy/forward_headers", "false with ssl, else true", "false", sections.forwards()},
		{"proxy/logging", "", "true", p.LogHeaders == nil},
		{"proxy/buffering", "", "<nil>", p.Buffering},
		{"proxy/healthcheck", "", "{/up 1s 5s false}", p.Healthcheck},
		{"proxy/healthcheck/path", "/up", "/up", p.Healthcheck.Path},
		{"proxy/healthcheck/interval", "1", "1s", p.Healthcheck.Interval},
		{"proxy/healthcheck/timeout", "5", "5s", p.Healthcheck.Timeout},
		{"proxy/ssl/certificate_pem", "", "", sections.SSL.Certificate.Key},
		{"proxy/ssl/private_key_pem", "", "", sections.SSL.PrivateKey.Key},
		{"proxy/buffering/requests", "true", "true", buffering.requests},
		{"proxy/buffering/responses", "true", "true", buffering.responses},
		{"proxy/buffering/memory", "1048576", "1048576", buffering.Memory},
		{"proxy/buffering/max_request_body", "1073741824", "1073741824", buffering.MaxRequest},
		{"proxy/buffering/max_response_body", "0", "0", buffering.MaxResponse},
		{"proxy/logging/request_headers", "Cache-Control, Last-Modified, User-Agent", "[Cache-Control Last-Modified User-Agent]", sections.LogHeaders},
		{"proxy/logging/response_headers", "", "[Cache-Control Last-Modified User-Agent]", sections.LogHeaders},
	}
}

func proxyRunDefaults(bare, full *Project) []defaultRow {
	run, acme := bare.ProxyRun, full.ProxyRun.ACME
	return []defaultRow{
		{"proxy/run/image", "traefik:v3.7", "traefik:v3.7", run.Image},
		{"proxy/run/http_port", "80", "80", run.HTTPPort},
		{"proxy/run/https_port", "443", "443", run.HTTPSPort},
		{"proxy/run/publish", "true", "true", run.Publish},
		{"proxy/run/bind_ips", "all", "[]", run.BindIPs},
		{"proxy/run/options", "", "[]", run.Options},
		{"proxy/run/args", "", "[]", run.Args},
		{"proxy/run/log_max_size", "10m", "10m", run.LogSize},
		{"proxy/run/debug", "false", "false", run.Debug},
		{"proxy/run/acme", "Let's Encrypt", "", run.ACME.Server},
		{"proxy/run/metrics_port", "", "0", run.Metrics},
		{"proxy/run/acme/email", "", "", run.ACME.Email},
		{"proxy/run/acme/server", "Let's Encrypt", "", acme.Server},
		{"proxy/run/acme/challenge", "http", "", acme.Challenge},
		{"proxy/run/acme/dns", "", "", acme.Provider},
		{"proxy/run/acme/env", "", "{[] []}", acme.Env},
		{"proxy/run/acme/ca_pem", "", "", acme.CA.Key},
	}
}

func connectionDefaults(bare *Project) []defaultRow {
	ssh, kit := bare.SSH, bare.SSHKit
	return []defaultRow{
		{"ssh/user", "root", "root", ssh.User},
		{"ssh/port", "22", "0", ssh.Port}, // the SSH configuration comes first, see remote
		{"ssh/proxy", "", "", ssh.Proxy},
		{"ssh/proxy_command", "", "", ssh.ProxyCommand},
		{"ssh/keys", "[]", "[]", ssh.Keys},
		{"ssh/keys_only", "false", "false", ssh.KeysOnly},
		{"ssh/key_data", "[]", "[]", ssh.KeyData},
		{"ssh/config", "true", "false", ssh.NoConfig},
		{"ssh/forward_agent", "what the SSH configuration says, else false", "false", ssh.ForwardAgent || ssh.ForwardAgentSet},
		{"ssh/log_level", "fatal", "fatal", ssh.LogLevel},
		{"sshkit/max_concurrent_starts", "30", "30", kit.MaxConcurrentStarts},
		{"sshkit/pool_idle_timeout", "900", "15m0s", kit.PoolIdleTimeout},
		{"sshkit/dns_retries", "3", "3", kit.DNSRetries},
	}
}

func rolloutDefaults(bare, full *Project) []defaultRow {
	web, boot := bare.Roles[0], bare.Boot
	return []defaultRow{
		{"boot/limit", "all hosts at once", "{0 0}", boot.Limit},
		{"boot/wait", "0", "0s", boot.Wait},
		{"boot/watch", "0", "0s", boot.Watch},
		{"boot/parallel_roles", "false", "false", boot.ParallelRoles},
		{"boot/barrier", "before_stop", "before_stop", boot.Barrier},
		{"boot/order", "start_first, unless two cannot run at once", "", web.Order},
		{"logging", "", "{ [{max-size 10m }]}", web.Logging},
		{"logging/driver", "docker's", "", web.Logging.Driver},
		{"logging/options", "max-size: 10m", "[{max-size 10m }]", web.Logging.Options},
		{"logging/options", "max-size: 10m", "[]", full.Roles[0].Logging.Options}, // beside another key
	}
}

func accessoryDefaults(bare *Project) []defaultRow {
	db := bare.Accessories[0]
	file, dir := db.Files[0], db.Directories[0]
	return []defaultRow{
		{"accessories/<name>/service", "<service>-<name>", "app-db", db.Service},
		{"accessories/<name>/registry", "the root's", "true", db.Registry.None},
		{"accessories/<name>/cmd", "the image's", "", db.Cmd},
		{"accessories/<name>/port", "", "[]", db.Ports},
		{"accessories/<name>/labels", "", "[]", db.Labels},
		{"accessories/<name>/options", "", "[]", db.Options},
		{"accessories/<name>/options", "", "unless-stopped", db.Restart},
		{"accessories/<name>/env", "", "{[] []}", db.Env},
		{"accessories/<name>/volumes", "", "[]", db.Volumes},
		{"accessories/<name>/network", "mrsk", "mrsk", cmp.Or(db.Network, Network)},
		{"accessories/<name>/proxy", "false", "false", db.Proxy != nil},
		{"accessories/<name>/files/mode", "755 for files", "755", file.Mode},
		{"accessories/<name>/files/mode", "755 for files", "", dir.Mode},
		{"accessories/<name>/files/owner", "the SSH user", "", file.Owner + dir.Owner},
		{"accessories/<name>/files/options", "", "", file.Options + dir.Options},
	}
}

func olderDefaults(older *Project) []defaultRow {
	web, run := older.Roles[0], older.ProxyRun
	return []defaultRow{
		{"healthcheck", "", "{/up 1s 5s false}", web.Proxy.Healthcheck},
		{"healthcheck/path", "/up", "/up", web.Proxy.Healthcheck.Path},
		{"healthcheck/port", "3000", "3000", web.Proxy.AppPort},
		{"healthcheck/interval", "1s", "1s", web.Proxy.Healthcheck.Interval},
		{"healthcheck/cmd", "", "[]", web.Options},
		{"healthcheck/max_attempts", "as many as deploy_timeout allows", "30s", older.DeployTimeout},
		{"traefik", "", "0s", web.Proxy.ResponseTimeout}, // none, as in the Traefik of these versions
		{"traefik/image", "traefik:v3.7", "traefik:v3.7", run.Image},
		{"traefik/host_port", "80", "80", run.HTTPPort},
		{"traefik/publish", "true", "true", run.Publish},
		{"traefik/options", "", "[]", run.Options},
		{"traefik/options", "", "0", run.HTTPSPort}, // publish, without which 443 is not published
		{"traefik/labels", "", "[]", run.Options},
		{"traefik/env", "", "[]", run.Options},
		{"traefik/args", "", "[]", run.Args},
	}
}

// withoutDefault are keys that a file must have where it has their section, hashes whose own keys are in
// the table, and keys that are accepted and ignored.
func withoutDefault() []defaultRow {
	var rows []defaultRow
	for _, key := range []string{
		"service", "servers", "builder", "proxy", "ssh", "sshkit", "boot", "accessories", "run_directory", "audit_broadcast_cmd",
		"servers/<role>/hosts", "registry/username", "registry/password", "builder/cache/type", "builder/pack/builder", "proxy/run",
		"proxy/run/registry", "proxy/run/repository", "proxy/run/version", "output/file/path", "output/otel/endpoint",
		"accessories/<name>/image", "accessories/<name>/host", "accessories/<name>/hosts", "accessories/<name>/role",
		"accessories/<name>/roles", "accessories/<name>/tag", "accessories/<name>/tags", "accessories/<name>/files",
		"accessories/<name>/directories", "accessories/<name>/files/local", "accessories/<name>/files/remote",
		"healthcheck/cord", "healthcheck/log_lines", "healthcheck/exposed_port",
	} {
		rows = append(rows, defaultRow{key: key, loaded: ""})
	}
	return rows
}
