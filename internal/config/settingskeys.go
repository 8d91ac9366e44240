package config

import (
	"cmp"
	"fmt"

	"mrsk/internal/redact"
)

func (s *settings) root() {
	p := s.Project
	folder := ".mrsk"
	if p.OfKamal {
		folder = ".kamal"
	}
	s.add("service", p.Service)
	s.add("image", p.Image)
	s.add("release", p.Release)
	s.add("volumes", p.written.volumes)
	s.add("primary_role", s.PrimaryRole, "primary_web_role")
	s.add("allow_empty_roles", p.written.allowEmptyRoles)
	s.add("require_destination", p.written.requireDestination)
	s.add("minimum_version", p.written.minimumVersion)
	s.add("retain_containers", p.RetainContainers)
	s.add("readiness_delay", p.ReadinessDelay)
	var attempts []string
	if p.DeployTimeout > defaultDeployTimeout { // fewer attempts than that change nothing
		attempts = []string{"servers/" + s.PrimaryRole + "/healthcheck/max_attempts", "healthcheck/max_attempts"}
	}
	s.add("deploy_timeout", p.DeployTimeout, attempts...)
	s.add("drain_timeout", p.DrainTimeout)
	s.add("hooks_path", cmp.Or(p.HooksPath, folder+"/hooks"))
	s.add("secrets_path", cmp.Or(p.SecretsPath, folder+"/secrets"))
	s.add("hooks_output", p.HooksOutput.All)
	s.pairs("hooks_output", p.HooksOutput.Own, shown)
	s.add("error_pages_path", p.ErrorPages.Path)
	s.add("output/file/path", p.Output.File)
	s.add("output/otel/endpoint", p.Output.OTel)
}

func (s *settings) role(r Role) {
	at := "servers/" + r.Name
	var hosts []string
	for _, h := range r.Hosts {
		name := h.Name
		if len(h.Tags) > 0 {
			name += fmt.Sprintf(": %v", h.Tags)
		}
		hosts = append(hosts, name)
	}
	s.add(at+"/hosts", hosts, at, "servers")
	s.add(at+"/cmd", r.Cmd)
	s.options(at+"/options", r.Options)
	s.add(at+"/options/restart", r.Restart)
	s.pairs(at+"/labels", r.Labels, shown)
	s.env(at+"/env", r.Env)
	for _, h := range r.Hosts {
		s.env(at+"/hosts/"+h.Name+"/env", h.Env)
	}
	s.logging(at+"/logging", r.Logging)
	stop := []string{"stop_timeout", "stop_wait_time"}
	if r.Proxy == nil && !s.Project.written.older {
		stop = append(stop, "drain_timeout")
	}
	s.add(at+"/stop_timeout", r.StopTimeout, stop...)
	s.add(at+"/asset_path", r.Assets.text(), "asset_path")
	s.add(at+"/boot/order", cmp.Or(string(r.Order), "auto"), "boot/order")
	if s.add(at+"/proxy", r.Proxy != nil, at+"/traefik"); r.Proxy != nil {
		proxySettings{s, at + "/proxy", at, s.routing(r)}.proxy(*r.Proxy)
	}
}

func (a Assets) text() string {
	if a.Options == "" {
		return a.Path
	}
	return a.Path + ":" + a.Options
}

// env adds variables with hidden values. People who see the screen may not be allowed to see them, even
// if the file has them in clear text.
func (s *settings) env(at string, e Env) {
	s.pairs(at+"/clear", e.Clear, func(Pair) any { return redact.Mark })
	s.secrets(at+"/secret", e.Secret)
}

func (s *settings) secrets(at string, all []Secret) {
	for _, one := range all {
		s.at(at+"/"+one.Name, one.Key, one.Pos)
	}
}

func (s *settings) logging(at string, l Logging) {
	s.add(at+"/driver", l.Driver, "logging/driver")
	s.pairs(at+"/options", l.Options, shown)
}

// secret returns the name of a secret, or a mark for a value in clear text.
func (r SecretRef) secret() string {
	if !r.Text.Empty() {
		return redact.Mark
	}
	return r.Key
}

func (s *settings) registry(at string, r Registry) {
	s.add(at+"/server", cmp.Or(r.Server, "docker.io"))
	s.add(at+"/username", r.Username.secret())
	s.add(at+"/password", r.Password.secret())
}

func (s *settings) builder(b Builder) {
	s.add("builder/arch", b.Arch, "builder/multiarch", "builder/local", "builder/remote")
	s.add("builder/driver", b.Driver, "builder/multiarch")
	s.add("builder/local", b.Local)
	s.add("builder/local/arch", b.LocalArch)
	s.add("builder/local/host", b.LocalHost)
	s.add("builder/remote", b.Remote)
	s.add("builder/context", b.Context)
	s.add("builder/dockerfile", b.Dockerfile)
	s.add("builder/target", b.Target)
	s.pairs("builder/args", b.Args, func(Pair) any { return redact.Mark })
	s.secrets("builder/secrets", b.Secrets)
	s.add("builder/ssh", b.SSH)
	s.add("builder/provenance", b.Provenance)
	s.add("builder/sbom", b.SBOM)
	if c := b.Cache; c != nil {
		s.add("builder/cache/type", c.Type)
		s.add("builder/cache/options", c.Options)
		s.add("builder/cache/image", c.Image)
	}
	if p := b.Pack; p != nil {
		s.add("builder/pack/builder", p.Builder)
		s.add("builder/pack/buildpacks", p.Buildpacks)
	}
}

func (s *settings) accessory(a Accessory) {
	at := "accessories/" + a.Name
	s.add(at+"/service", a.Service)
	s.add(at+"/image", a.Image)
	if !a.Registry.None {
		s.registry(at+"/registry", a.Registry)
	}
	s.add(at+"/hosts", a.Hosts, at+"/host", at+"/role", at+"/roles", at+"/tag", at+"/tags")
	s.add(at+"/cmd", a.Cmd)
	s.add(at+"/port", a.Ports)
	s.pairs(at+"/labels", a.Labels, shown)
	s.options(at+"/options", a.Options)
	s.add(at+"/options/restart", a.Restart)
	s.env(at+"/env", a.Env)
	s.mounts(at+"/files", a.Files)
	s.mounts(at+"/directories", a.Directories)
	s.add(at+"/volumes", a.Volumes)
	s.add(at+"/network", cmp.Or(a.Network, Network))
	s.logging(at+"/logging", a.Logging)
	if s.add(at+"/proxy", a.Proxy != nil); a.Proxy != nil {
		proxySettings{s, at + "/proxy", "", nil}.proxy(*a.Proxy)
	}
}

func (s *settings) mounts(at string, all []Mount) {
	for _, m := range all {
		text := m.Local + ":" + m.Remote
		for _, more := range []string{m.Options, m.Mode, m.Owner} {
			if more != "" {
				text += " " + more
			}
		}
		s.at(at+m.Remote, text, m.Pos)
	}
}

func (s *settings) login(l SSH) {
	s.add("ssh/user", l.User, "ssh_user")
	s.unlessSSH(l)
	s.add("ssh/port", cmp.Or(l.Port, 22))
	s.unlessSSH(l)
	s.add("ssh/proxy", l.Proxy)
	s.add("ssh/proxy_command", l.ProxyCommand)
	s.add("ssh/keys", l.Keys)
	s.add("ssh/keys_only", l.KeysOnly)
	var data []string
	for _, key := range l.KeyData {
		data = append(data, key.secret())
	}
	s.add("ssh/key_data", data)
	if s.add("ssh/config", l.Config); l.Config == nil {
		s.add("ssh/config", !l.NoConfig)
	}
	s.add("ssh/forward_agent", l.ForwardAgent)
	s.unlessSSH(l)
	s.add("ssh/log_level", l.LogLevel)
	s.add("sshkit/max_concurrent_starts", s.Project.SSHKit.MaxConcurrentStarts)
	s.add("sshkit/pool_idle_timeout", s.Project.SSHKit.PoolIdleTimeout)
	s.add("sshkit/dns_retries", s.Project.SSHKit.DNSRetries)
}

// unlessSSH marks the last setting, if it is a default, as one that the SSH configuration can set.
func (s *settings) unlessSSH(l SSH) {
	if last := s.lastDefault(); last != nil && !l.NoConfig {
		last.Origin = byDefault + ", unless the SSH configuration has it"
	}
}

func (s *settings) rollout() {
	s.add("boot/limit", s.Project.Boot.Limit.text())
	s.add("boot/wait", s.Project.Boot.Wait)
	s.add("boot/watch", s.Project.Boot.Watch)
	s.add("boot/parallel_roles", s.Project.Boot.ParallelRoles)
	s.add("boot/barrier", string(s.Project.Boot.Barrier))
}

func (l Limit) text() any {
	switch {
	case l.Percent > 0:
		return fmt.Sprintf("%d%%", l.Percent)
	case l.Count > 0:
		return l.Count
	}
	return nil
}
