package traefik

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
)

// Settings are the settings of the proxy of a host, with the values of its secrets.
type Settings struct {
	config.ProxyRun
	env config.Environment // of the container
}

// SettingsOn returns the settings of the proxy of a host. It panics if secrets lacks one of them.
func SettingsOn(p *config.Project, host string, secrets config.Secrets) Settings {
	return settings(p.ProxyRunOn(host), secrets)
}

func settings(run config.ProxyRun, secrets config.Secrets) Settings {
	return Settings{run, secrets.Env(acmeEnv(run.ACME))}
}

// CheckEnv returns an error for each secret whose value cannot be passed to the container unchanged.
func (s Settings) CheckEnv() []error { return docker.CheckEnv(s.env) }

// secrets returns the secrets of the container as NAME=value.
func (s Settings) secrets() []string {
	var all []string
	for _, v := range s.env.Secret {
		all = append(all, v.Name+"="+v.Value.Reveal())
	}
	return all
}
