package config

import (
	"cmp"
	"slices"
	"strings"
)

// olderDefault is the origin of a default that only files of MRSK and Kamal 1 have.
const olderDefault = "default of MRSK and Kamal 1"

// proxySettings are those of a role or an accessory behind the proxy. What it does not set itself, a role has from the
// root's section or from deprecated keys.
type proxySettings struct {
	*settings
	at     string // path of its proxy section
	role   string // path of the role, "" for an accessory
	labels []Pair // those of the role, if they are its route
}

// add adds a setting. keys are those that set it, in the section of the role and in the root's.
func (p proxySettings) add(value any, key string, keys ...string) {
	keys = append([]string{key}, keys...)
	p.settings.add(p.at+"/"+key, value, p.sources(keys)...)
}

func (p proxySettings) sources(keys []string) []string {
	var from []string
	for _, key := range keys {
		from = append(from, p.at+"/"+key)
	}
	if p.role != "" {
		for _, key := range keys {
			from = append(from, "proxy/"+key)
		}
	}
	return from
}

// older adds a setting that deprecated keys can set, too.
func (p proxySettings) older(value any, key, deprecated string) {
	from := p.sources([]string{key})
	if p.role != "" {
		from = append(from, p.role+"/"+deprecated, deprecated)
	}
	p.settings.add(p.at+"/"+key, value, from...)
}

// fromLabel replaces a default as the origin of the last setting by the label that ends in one of these.
func (p proxySettings) fromLabel(suffixes ...string) {
	last := p.lastDefault()
	if last == nil {
		return
	}
	for _, l := range p.labels {
		name := strings.ToLower(l.Name)
		isOne := slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
		if strings.HasPrefix(name, "traefik.http.") && isOne {
			last.Origin, last.Default = p.place(l.Pos)
			return
		}
	}
}

// ofOlder marks the last setting, if it is a default, as one of MRSK and Kamal 1.
func (p proxySettings) ofOlder() {
	if last := p.lastDefault(); last != nil && p.role != "" && p.Project.written.older {
		last.Origin = olderDefault
	}
}

// routing returns the labels of a role if they are its route.
func (s *settings) routing(r Role) []Pair {
	if s.has("proxy") || s.has("servers/"+r.Name+"/proxy") || !s.Project.written.older {
		return nil
	}
	return r.Labels
}

// proxy adds the proxy section of a role or an accessory.
func (p proxySettings) proxy(of Proxy) {
	if len(of.Hosts) > 0 {
		p.add(of.Hosts, "hosts", "host")
		p.fromLabel(".rule")
	}
	p.older(of.AppPort, "app_port", "healthcheck/port")
	p.fromLabel(".loadbalancer.server.port")
	if of.AppPort == olderPort {
		p.ofOlder()
	}
	if len(of.PathPrefixes) > 0 {
		p.add(of.PathPrefixes, "path_prefixes", "path_prefix")
		p.fromLabel(".rule")
	}
	p.add(of.StripPathPrefix, "strip_path_prefix")
	p.add(of.ResponseTimeout, "response_timeout")
	if of.ResponseTimeout == 0 {
		p.ofOlder()
	}
	p.certificates(of.SSL)
	p.forwarding(of)
	if !of.Healthcheck.Own {
		p.older(of.Healthcheck.Path, "healthcheck/path", "healthcheck/path")
		p.older(of.Healthcheck.Interval, "healthcheck/interval", "healthcheck/interval")
		p.add(of.Healthcheck.Timeout, "healthcheck/timeout")
	}
	p.buffering(of.Buffering)
	p.add(of.LogHeaders, "logging/headers", "logging")
	if !of.Run.equal(p.Project.ProxyRun) {
		p.run(p.at+"/run", of.Run)
	}
}

func (p proxySettings) certificates(ssl SSL) {
	p.add(ssl.Enabled, "ssl")
	if ssl.Enabled {
		p.fromLabel(".tls", ".tls.certresolver")
	}
	p.add(ssl.Certificate.secret(), "ssl/certificate_pem")
	p.add(ssl.PrivateKey.secret(), "ssl/private_key_pem")
	p.add(ssl.Redirect, "ssl_redirect")
	if !ssl.Redirect {
		p.ofOlder()
	}
}

// forwarding adds whose headers are trusted: a boolean, or a list of networks.
func (p proxySettings) forwarding(of Proxy) {
	var value any = of.forwards()
	if of.forwards() && len(of.TrustedIPs) > 0 {
		value = of.TrustedIPs
	}
	p.add(value, "forward_headers")
	if last := p.lastDefault(); last != nil && p.role != "" {
		last.Origin, last.Default = p.origin(p.Project.written.below("traefik/args", "forwardedheaders."))
	}
	if !of.forwards() {
		p.ofOlder()
	}
}

// below returns the paths of the keys of a section whose names have a part, in the order of the file.
func (w *written) below(section, part string) []string {
	var all []string
	for path := range w.places {
		if name, is := strings.CutPrefix(path, section+"/"); is && strings.Contains(strings.ToLower(name), part) {
			all = append(all, path)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(w.places[a].Line, w.places[b].Line), strings.Compare(a, b))
	})
	return all
}

func (p proxySettings) buffering(b *Buffering) {
	if b == nil {
		return
	}
	p.add(b.requests, "buffering/requests")
	p.add(b.responses, "buffering/responses")
	p.add(b.Memory, "buffering/memory")
	p.add(b.MaxRequest, "buffering/max_request_body")
	p.add(b.MaxResponse, "buffering/max_response_body")
}

func (p Proxy) forwards() bool {
	if p.ForwardHeaders != nil {
		return *p.ForwardHeaders
	}
	return !p.SSL.Enabled
}

// rootRun is the section of the root with the settings of the proxy container.
const rootRun = "proxy/run"

// run adds the settings of the proxy container. A role has from the root what it does not set itself.
func (s *settings) run(at string, r ProxyRun) {
	add := func(key string, value any, others ...string) {
		if strings.HasPrefix(at, "servers/") {
			others = append([]string{rootRun + "/" + key}, others...)
		}
		s.add(at+"/"+key, value, others...)
	}
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
	s.acme(add, at, r.ACME)
}

func (s *settings) acme(add func(key string, value any, others ...string), at string, a ACME) {
	add("acme/email", a.Email)
	add("acme/server", a.Server)
	add("acme/challenge", cmp.Or(string(a.Challenge), "http"), at+"/acme/dns", rootRun+"/acme/dns")
	add("acme/dns", a.Provider)
	s.env(at+"/acme/env", a.Env)
	add("acme/ca_pem", a.CA.secret())
}
