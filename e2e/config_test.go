//go:build e2e

package e2e

import (
	"io/fs"
	"strings"

	"mrsk/lab"
)

// host is a part of the lab.
type host = lab.Host

func fileMode(m int) fs.FileMode { return fs.FileMode(m) }

// config is a deploy.yml for the lab, with more keys behind it. A key that is given in more
// replaces that of the lab.
func config(service string, more ...string) string {
	sections := []string{
		"service: " + service,
		"image: " + service,
		"servers:\n  web:\n    hosts: [vm1, vm2, vm3]",
		"registry:\n  server: registry:5000\n  username: user\n  password: [REGISTRY_PASSWORD]",
		"builder:\n  arch: amd64\n  driver: docker",
		"proxy:\n  host: " + service + ".example.com\n  healthcheck:\n    interval: 1\n  run:\n    image: registry:5000/traefik:v3.7",
		"readiness_delay: 1",
		"deploy_timeout: 20",
		"drain_timeout: 10",
		"stop_timeout: 5",
	}
	var out []string
	for _, s := range sections {
		if !replaced(s, more) {
			out = append(out, s)
		}
	}
	return strings.Join(append(out, more...), "\n") + "\n"
}

func replaced(section string, by []string) bool {
	key, _, _ := strings.Cut(section, ":")
	for _, s := range by {
		if strings.HasPrefix(s, key+":") {
			return true
		}
	}
	return false
}

// proxyRun is the proxy.run section for tests that bring a proxy section of their own.
const proxyRun = "\n  run:\n    image: registry:5000/traefik:v3.7"
