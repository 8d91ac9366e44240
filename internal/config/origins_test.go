package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

// withOrigins are files in which a key can be set in several places.
var withOrigins = map[string]string{
	"hosts of a role":       "proxy:\n  hosts: [a.com, b.com]\n  path_prefixes: [/a]\nservers:\n  web:\n    hosts: [h1]\n    proxy:\n      host: d.com\n      path_prefix: /d",
	"plain labels":          "labels:\n  team: x\nproxy:\n  host: a.com\naccessories:\n  db:\n    image: i\n    host: h9\n    proxy:\n      host: c.com",
	"an accessory":          "healthcheck:\n  path: /health\n  port: 4000\ntraefik:\n  args:\n    accesslog: true\naccessories:\n  db:\n    image: i\n    host: h9\n    proxy:\n      host: c.com",
	"a label with a port":   "labels:\n  team: x\n  traefik.http.services.a.loadbalancer.server.port: 8080\n  traefik.http.routers.a.rule: Host(`r.com`)\n  traefik.http.routers.a.tls: true",
	"arguments":             "traefik:\n  args:\n    accesslog: true",
	"forwarded headers":     "traefik:\n  args:\n    accesslog: true\n    entryPoints.http.forwardedHeaders.trustedIPs: 192.0.2.0/24",
	"drain and stop":        "drain_timeout: 60\nproxy:\n  host: a.com",
	"drain of workers":      "drain_timeout: 60\nproxy: {}\nservers:\n  web: [h1]\n  jobs: [h2]",
	"the proxy of a role":   "proxy:\n  run:\n    http_port: 8080\nservers:\n  web:\n    hosts: [h1]\n    proxy:\n      run:\n        debug: true",
	"a DNS challenge":       "proxy:\n  run:\n    acme:\n      dns: route53",
	"few attempts":          "healthcheck:\n  max_attempts: 3",
	"many attempts":         "healthcheck:\n  max_attempts: 20",
	"lists of lines":        "servers:\n  web:\n    hosts:\n      - h1\n      - <%= ENV[\"NAME\"] %>\nvolumes:\n  - a:/b\n  - <%= ENV[\"NAME\"] %>:/c",
	"trusted networks":      "proxy:\n  forward_headers: [192.0.2.0/24]",
	"the SSH configuration": "ssh:\n  keys: [k]",
}

// derived are keys whose value is not the text of the line that sets it.
var derived = map[string]string{
	"many attempts/deploy_timeout":                         "deploy.prod.yml:2",
	"a DNS challenge/proxy/run/acme/challenge":             "deploy.prod.yml:4",
	"a DNS challenge/servers/web/proxy/run/acme/challenge": "deploy.prod.yml:4",
}

// The origin of a value is a line that has it, or a default that is that value.
func TestSettings_name_the_line_that_has_the_value(t *testing.T) {
	t.Parallel()
	usual := defaults()
	for name, text := range withOrigins {
		files := map[string]string{"deploy.yml": minimal, "deploy.prod.yml": text}
		world := sampleWorld()
		world.Environ = func() []string { return []string{"NAME=named"} }
		c, err := Load(LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(files), World: world})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, s := range c.All().Settings() {
			if want, found := derived[name+"/"+s.Key]; found {
				if s.Origin != want {
					t.Errorf("%s: %s has the origin %s, want %s", name, s.Key, s.Origin, want)
				}
				continue
			}
			if why := wrongOrigin(s, files, usual); why != "" {
				t.Errorf("%s: %s: %v is from %s: %s", name, s.Key, s.Value, s.Origin, why)
			}
		}
	}
}

// wrongOrigin returns why the origin cannot be that of the value, or "".
func wrongOrigin(s Setting, files map[string]string, usual map[string]string) string {
	origin, variables, _ := strings.Cut(s.Origin, ", from the environment: ")
	file, number, isLine := strings.Cut(origin, ":")
	if !isLine {
		return wrongDefault(s, usual)
	}
	n, err := strconv.Atoi(number)
	lines := strings.Split(files[file], "\n")
	if err != nil || n > len(lines) {
		return "there is no such line"
	}
	line := strings.Join(lines[n-1:], "\n")
	if _, isList := s.Value.([]string); !isList {
		line = lines[n-1]
	}
	if strings.Contains(lines[n-1], s.Key[strings.LastIndexByte(s.Key, '/')+1:]+": {") || s.Value == redact.Mark {
		return ""
	}
	words := []string{fmt.Sprint(s.Value)}
	if all, isList := s.Value.([]string); isList {
		words = all
	}
	for _, word := range words {
		plain := strings.Contains(line, strings.Trim(word, "/"))
		if !plain && !(strings.Contains(word, "named") && variables == "NAME") && !(word == "true" && strings.HasSuffix(s.Key, "/proxy")) {
			return "the line has no " + word
		}
	}
	return ""
}

// wrongDefault returns whether a default has another value than the documented one.
func wrongDefault(s Setting, usual map[string]string) string {
	key := strings.NewReplacer("servers/jobs/", "servers/web/").Replace(s.Key)
	want, known := usual[schemaKeys.Replace(key)]
	own := map[string]bool{"servers/jobs/proxy": true, "servers/jobs/stop_timeout": true, "image": true, "service": true}
	switch {
	case !known || own[s.Key] || want == fmt.Sprint(s.Value):
		return ""
	case s.Origin == olderDefault:
		return ""
	}
	return "the default is " + want
}

func TestSettings_say_which_defaults_the_SSH_configuration_can_set(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ssh: {keys: [k]}":           "default, unless the SSH configuration has it",
		"ssh: {config: false}":       "default",
		"ssh: {user: u, port: 2222}": "deploy.prod.yml:1",
	} {
		c, err := Load(LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(map[string]string{"deploy.yml": minimal, "deploy.prod.yml": text})})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.All().Settings() {
			if (s.Key == "ssh/user" || s.Key == "ssh/port") && s.Origin != want {
				t.Errorf("%s: %s has the origin %s, want %s", text, s.Key, s.Origin, want)
			}
		}
	}
}

func TestSettings_of_a_file_named_default_are_no_defaults(t *testing.T) {
	t.Parallel()
	text := "service: app\nimage: org/app\nservers: {web: {hosts: [h1], cmd: serve, stop_timeout: 7}}\nregistry: {username: u, password: [P]}\n" +
		"builder: {arch: amd64}\nproxy: {host: a.example.com}\n"
	c, err := Load(LoadOptions{File: "default.yml", ReadFile: fakeFiles(map[string]string{"default.yml": text})})
	if err != nil {
		t.Fatal(err)
	}
	scope := c.All()
	var keys []string
	for _, s := range scope.RoleSettings(scope.Roles[0]) {
		keys = append(keys, s.Key)
	}
	if want := []string{"cmd", "stop_timeout", "proxy/hosts"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
	for _, s := range scope.Settings() {
		if written := strings.HasPrefix(s.Origin, "default.yml:"); s.Default == written {
			t.Errorf("%s from %s is a default: %t", s.Key, s.Origin, s.Default)
		}
	}
}
