package config

import (
	"cmp"
	"strings"
)

// proxy adds the section at a role or an accessory, whose keys may come from the root, or from what
// older versions have in their place.
func (s *settings) proxy(at, owner string, p Proxy) {
	isRole := strings.HasPrefix(owner, "servers/")
	add := func(key string, value any, older ...string) {
		from := []string{}
		if isRole {
			from = append(from, "proxy/"+key)
		}
		for _, o := range older {
			from = append(from, o, owner+"/"+o)
		}
		s.add(at+"/"+key, value, from...)
	}
	add("hosts", p.Hosts, "proxy/host", "labels")
	older := func() { // says of the last setting that its default is another than today's
		if last := &s.all[len(s.all)-1]; last.Origin == byDefault && s.Project.written.older {
			last.Origin = "default of MRSK and Kamal 1"
		}
	}
	add("app_port", p.AppPort, "healthcheck/port")
	older()
	add("path_prefixes", p.PathPrefixes, "proxy/path_prefix", "labels")
	add("strip_path_prefix", p.StripPathPrefix)
	add("response_timeout", p.ResponseTimeout)
	if p.ResponseTimeout == 0 {
		older()
	}
	add("ssl", p.SSL.Enabled, "labels")
	add("ssl/certificate_pem", p.SSL.Certificate.secret())
	add("ssl/private_key_pem", p.SSL.PrivateKey.secret())
	add("ssl_redirect", p.SSL.Redirect)
	add("forward_headers", p.forwards(), "traefik/args")
	if !p.Healthcheck.Own {
		add("healthcheck/path", p.Healthcheck.Path, "healthcheck/path")
		add("healthcheck/interval", p.Healthcheck.Interval, "healthcheck/interval")
		add("healthcheck/timeout", p.Healthcheck.Timeout)
	}
	if b := p.Buffering; b != nil {
		add("buffering/requests", b.requests)
		add("buffering/responses", b.responses)
		add("buffering/memory", b.Memory)
		add("buffering/max_request_body", b.MaxRequest)
		add("buffering/max_response_body", b.MaxResponse)
	}
	add("logging/headers", p.LogHeaders, "proxy/logging")
	if !p.Run.equal(s.Project.ProxyRun) {
		s.run(at+"/run", p.Run)
	}
}

func (p Proxy) forwards() bool {
	if p.ForwardHeaders != nil {
		return *p.ForwardHeaders
	}
	return !p.SSL.Enabled
}

// run adds how the proxy of a host is started.
func (s *settings) run(at string, r ProxyRun) {
	add := func(key string, value any, older ...string) { s.add(at+"/"+key, value, older...) }
	add("image", r.Image, "traefik/image")
	add("publish", r.Publish, "traefik/publish")
	if r.Publish {
		add("http_port", r.HTTPPort, "traefik/host_port")
		if r.HTTPSPort > 0 {
			add("https_port", r.HTTPSPort, "traefik/options/publish")
		}
		add("bind_ips", r.BindIPs, "traefik/host_port")
	}
	if r.Metrics > 0 {
		add("metrics_port", r.Metrics)
	}
	add("debug", r.Debug, "traefik/args/log.level")
	add("log_max_size", r.LogSize)
	s.options(at+"/options", r.Options)
	s.pairs(at+"/args", r.Args, shown)
	a := r.ACME
	add("acme/email", a.Email)
	add("acme/server", a.Server)
	add("acme/challenge", cmp.Or(string(a.Challenge), "http"))
	add("acme/dns", a.Provider)
	s.env(at+"/acme/env", a.Env)
	add("acme/ca_pem", a.CA.secret())
}
