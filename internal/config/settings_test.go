package config

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// keySamples are files that have a key, where the key with the value of testdata/reference.keys alone
// would not load, or where mrsk alone has it.
var keySamples = map[string]string{
	"release":                          "release: bin/migrate",
	"boot/barrier":                     "boot: {barrier: before_start}",
	"boot/order":                       "boot: {order: stop_first}",
	"boot/watch":                       "boot: {watch: 5}",
	"servers/<role>/boot":              "servers: {web: {hosts: [h1], boot: {order: stop_first}}}",
	"servers/<role>/options/restart":   "servers: {web: {hosts: [h1], options: {restart: always}}}",
	"builder/local":                    "builder: {local: false, remote: 'ssh://b'}",
	"builder/remote":                   "builder: {remote: 'ssh://b'}",
	"builder/pack/buildpacks":          "builder: {pack: {builder: b, buildpacks: [x]}}",
	"builder/cache/options":            "builder: {cache: {type: gha, options: mode=max}}",
	"builder/cache/image":              "builder: {cache: {type: registry, image: x}}",
	"builder/args":                     "builder: {args: {A: sesame}}",
	"proxy/ssl":                        "proxy: {host: a.com, ssl: true}",
	"proxy/ssl/certificate_pem":        "proxy: {host: a.com, ssl: {certificate_pem: C, private_key_pem: K}}",
	"proxy/ssl/private_key_pem":        "proxy: {host: a.com, ssl: {certificate_pem: C, private_key_pem: K}}",
	"proxy/healthcheck":                "proxy: {healthcheck: {path: /a}}",
	"proxy/buffering":                  "proxy: {buffering: {memory: 1}}",
	"proxy/logging":                    "proxy: {logging: {request_headers: [A]}}",
	"proxy/run":                        "proxy: {run: {debug: true}}",
	"proxy/run/image":                  "proxy: {run: {image: 'traefik:v3.5'}}",
	"proxy/run/args":                   "proxy: {run: {args: {accesslog: true}}}",
	"proxy/run/acme":                   "proxy: {run: {acme: {email: a@b.c}}}",
	"proxy/run/acme/email":             "proxy: {run: {acme: {email: a@b.c}}}",
	"proxy/run/acme/server":            "proxy: {run: {acme: {server: 'https://a'}}}",
	"proxy/run/acme/challenge":         "proxy: {run: {acme: {challenge: tls}}}",
	"proxy/run/acme/dns":               "proxy: {run: {acme: {dns: route53}}}",
	"proxy/run/acme/env":               "proxy: {run: {acme: {dns: route53, env: {clear: {A: sesame}}}}}",
	"proxy/run/acme/ca_pem":            "proxy: {run: {acme: {ca_pem: CA}}}",
	"output":                           "output: {file: {path: x}}",
	"sshkit":                           "sshkit: {dns_retries: 1}",
	"env":                              "env: {A: sesame}",
	"env/clear":                        "env: {clear: {A: sesame}}",
	"servers/<role>/env":               "servers: {web: {hosts: [h1], env: {A: sesame}}}",
	"accessories/<name>/env":           "accessories: {db: {env: {A: sesame}}}",
	"accessories/<name>/files/local":   "accessories: {db: {files: [{local: a, remote: /b}]}}",
	"accessories/<name>/files/remote":  "accessories: {db: {files: [{local: a, remote: /b}]}}",
	"accessories/<name>/files/mode":    "accessories: {db: {files: [{local: a, remote: /b, mode: '0600'}]}}",
	"accessories/<name>/files/owner":   "accessories: {db: {files: [{local: a, remote: /b, owner: '1:1'}]}}",
	"accessories/<name>/files/options": "accessories: {db: {files: [{local: a, remote: /b, options: ro}]}}",
	"builder/local/arch":               "builder: {local: {arch: amd64}}",
	"builder/local/host":               "builder: {local: {arch: amd64, host: 'unix:///x'}}",
	"builder/remote/arch":              "builder: {remote: {arch: amd64, host: 'ssh://b'}}",
	"builder/remote/host":              "builder: {remote: {arch: amd64, host: 'ssh://b'}}",
	"healthcheck":                      "healthcheck: {path: /a}",
	"healthcheck/max_attempts":         "healthcheck: {max_attempts: 20}",
	"servers/<role>/healthcheck":       "servers: {web: {hosts: [h1], healthcheck: {path: /a}}}",
	"traefik":                          "traefik: {args: {accesslog: true}}",
	"boot":                             "boot: {limit: 1}",
	"hooks_output":                     "hooks_output: {pre-deploy: quiet}",
}

// shownAs are keys whose values are in force under other keys. What is in a section goes with it.
var shownAs = map[string]string{
	"accessories/<name>/files/local": "accessories/<name>/files", "accessories/<name>/files/remote": "accessories/<name>/files",
	"accessories/<name>/files/mode": "accessories/<name>/files", "accessories/<name>/files/owner": "accessories/<name>/files",
	"accessories/<name>/files/options": "accessories/<name>/files",
	"accessories/<name>/host":          "accessories/<name>/hosts",
	"accessories/<name>/role":          "accessories/<name>/hosts",
	"accessories/<name>/roles":         "accessories/<name>/hosts",
	"accessories/<name>/tag":           "accessories/<name>/hosts",
	"accessories/<name>/tags":          "accessories/<name>/hosts",
	"labels":                           "servers/<role>/labels",
	"env":                              "servers/<role>/env",
	"env/tags":                         "servers/<role>/hosts/h1/env",
	"logging":                          "servers/<role>/logging",
	"stop_timeout":                     "servers/<role>/stop_timeout",
	"asset_path":                       "servers/<role>/asset_path",
	"boot/order":                       "servers/<role>/boot/order",
	"proxy":                            "servers/<role>/proxy",
	"proxy/run":                        "proxy/run",
	"proxy/host":                       "servers/<role>/proxy/hosts",
	"proxy/path_prefix":                "servers/<role>/proxy/path_prefixes",
	"proxy/logging/request_headers":    "servers/<role>/proxy/logging/headers",
	"proxy/logging/response_headers":   "servers/<role>/proxy/logging/headers",

	"stop_wait_time":             "servers/<role>/stop_timeout",
	"primary_web_role":           "primary_role",
	"ssh_user":                   "ssh/user",
	"builder/multiarch":          "builder/arch",
	"builder/remote/arch":        "builder/arch",
	"builder/remote/host":        "builder/remote",
	"servers/<role>/traefik":     "servers/<role>/proxy",
	"servers/<role>/healthcheck": "servers/<role>/proxy/healthcheck",
	"healthcheck":                "servers/<role>/proxy/healthcheck",
	"healthcheck/port":           "servers/<role>/proxy/app_port",
	"healthcheck/cmd":            "servers/<role>/options/health-cmd",
	"healthcheck/max_attempts":   "deploy_timeout",
	"traefik":                    "proxy/run",
	"traefik/host_port":          "proxy/run/http_port",
	"traefik/labels":             "proxy/run/options/label",
	"traefik/env":                "proxy/run/options/env",
}

// withoutEffect are keys that are accepted, and never in force.
var withoutEffect = []string{
	"run_directory", "proxy/run/registry", "proxy/run/repository", "proxy/run/version", "healthcheck/cord", "healthcheck/log_lines",
	"healthcheck/exposed_port", "audit_broadcast_cmd",
}

// settingOf is the path under which a key is shown.
func settingOf(key string) string {
	for at := key; at != ""; at = at[:max(strings.LastIndexByte(at, '/'), 0)] {
		if as, found := shownAs[at]; found {
			return samplePath(as + strings.TrimPrefix(key, at))
		}
	}
	return samplePath(key)
}

func sampleOf(t *testing.T, key string) string {
	t.Helper()
	if text, found := keySamples[key]; found {
		return text
	}
	text, err := os.ReadFile("testdata/reference.keys")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if k, sample, found := strings.Cut(strings.TrimSpace(line), ": "); found && k == key {
			return sampleText(key, sample)
		}
	}
	t.Errorf("there is no sample of %s", key)
	return ""
}

const settled = `service: app
image: org/app
servers: {web: {hosts: [{h1: t}]}}
registry: {username: u, password: [P]}
accessories: {db: {image: i, host: h9}}
`

// A key that is read and is not shown is a setting that nobody can look up.
func TestSettings_show_every_key_of_the_schema_with_its_origin(t *testing.T) {
	t.Parallel()
	for _, section := range sections() {
		for _, key := range section.keys() {
			if slices.Contains(withoutEffect, key) {
				continue
			}
			files := map[string]string{"deploy.yml": settled, "deploy.prod.yml": sampleOf(t, key) + "\n"}
			c, err := Load(LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(files)})
			if err != nil {
				t.Errorf("%s: %v", key, err)
				continue
			}
			want := settingOf(key)
			if !slices.ContainsFunc(c.All().Settings(), func(s Setting) bool {
				return (s.Key == want || strings.HasPrefix(s.Key, want+"/")) && s.Origin == "deploy.prod.yml:1"
			}) {
				t.Errorf("%s is not shown as %s: %s\n%v", key, want, sampleOf(t, key), c.All().Settings())
			}
			for _, s := range c.All().Settings() {
				if s.Value == "sesame" {
					t.Errorf("%s shows a value of the environment", s.Key)
				}
			}
		}
	}
}
