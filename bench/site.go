package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"mrsk/lab"
)

// hosts are those of the lab.
var hosts = []string{"vm1", "vm2", "vm3"}

//go:embed hand/run.sh
var handRun []byte

//go:embed hand/host.sh
var handHost []byte

const deployYML = `service: tool
image: tool
servers: [vm1, vm2, vm3]
registry:
  server: registry:5000
  username: bench
  password: [REGISTRY_PASSWORD]
builder:
  arch: amd64
  driver: docker
proxy:
  host: tool.example.com
  healthcheck:
    interval: 1
  run:
    image: registry:5000/traefik:v3.7
env:
  clear:
    GREETING: hello
stop_timeout: 5
`

const dockerfile = `FROM registry:5000/sample
COPY version /etc/app-version
`

// site is the lab with an app that mrsk deploys and one that the script deploys.
type site struct {
	lab      *lab.Lab
	versions int // made so far
	commits  map[string]string
}

// prepare makes both apps and brings a first version of each up, with the proxy.
func (s *site) prepare(ctx context.Context, self string) error {
	s.commits = map[string]string{}
	program, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"/usr/local/bin/bench":    program,
		"/usr/local/bin/by-hand":  handRun,
		"/hand.sh":                handHost,
		"/hand/Dockerfile":        []byte(dockerfile),
		"/tool/Dockerfile":        []byte(dockerfile),
		"/tool/config/deploy.yml": []byte(deployYML),
		"/tool/.mrsk/secrets":     []byte("REGISTRY_PASSWORD=bench\n"),
		"/tool/.gitignore":        []byte("/.mrsk/secrets\n/.mrsk/logs/\n"),
	} {
		if err := s.lab.Deployer.Write(ctx, name, 0o755, content); err != nil {
			return err
		}
	}
	if _, err := s.sh(ctx, "git init -q /tool"); err != nil {
		return err
	}
	for _, t := range tools {
		if _, _, err := s.deploy(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) sh(ctx context.Context, script string) (string, error) {
	return s.lab.Deployer.Exec(ctx, "sh", "-c", script)
}

// tool is one of the two that are compared.
type tool struct {
	name                      string
	deploy, rollback, details string // command lines; %s is the version
	host                      string // of its app
}

var tools = []tool{
	{"mrsk", "cd /tool && exec mrsk deploy", "cd /tool && exec mrsk rollback %s", "cd /tool && exec mrsk details", "tool.example.com"},
	{"script", "exec by-hand deploy %s", "exec by-hand rollback %s", "exec by-hand details", "hand.example.com"},
}

// newVersion writes a version into both checkouts, and commits it where that is needed.
func (s *site) newVersion(ctx context.Context, t tool) (string, error) {
	s.versions++
	v := fmt.Sprintf("v%d", s.versions)
	commit, err := s.sh(ctx, fmt.Sprintf("echo %[1]s >/tool/version && echo %[1]s >/hand/version && cd /tool && git add -A && git commit -qm %[1]s && git rev-parse HEAD", v))
	s.commits[v] = v
	if t.name == "mrsk" {
		s.commits[v] = commit
	}
	return v, err
}

// deploy measures a deploy of a new version.
func (s *site) deploy(ctx context.Context, t tool) (string, sample, error) {
	v, err := s.newVersion(ctx, t)
	if err != nil {
		return "", sample{}, err
	}
	taken, err := s.take(ctx, t, t.deploy, v)
	return v, taken, err
}

// take runs a command line in the deployer, through the bench's other half. v is the version
// that it brings up, "" for none.
func (s *site) take(ctx context.Context, t tool, line, v string) (sample, error) {
	if strings.Contains(line, "%s") {
		line = fmt.Sprintf(line, s.commits[v])
	}
	return s.inside(ctx, "--want", v, "--host", t.host, "sh", "-c", line)
}

func (s *site) inside(ctx context.Context, args ...string) (sample, error) {
	var taken sample
	out, err := s.lab.Deployer.Exec(ctx, append([]string{"bench", insideCommand}, args...)...)
	if err != nil {
		return taken, err
	}
	return taken, json.Unmarshal([]byte(out), &taken)
}

// execs is how many commands each host has been sent over SSH so far, the most of all hosts.
func (s *site) execs(ctx context.Context) (int, error) {
	most := 0
	for _, h := range s.lab.Hosts {
		log, err := h.Logs(ctx)
		if err != nil {
			return 0, err
		}
		most = max(most, strings.Count(log, "Starting session: "))
	}
	return most, nil
}
