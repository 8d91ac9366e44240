package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mrsk/internal/yamltree"
)

// proxyFile is a proxy section while it is read.
type proxyFile struct {
	Proxy
	prefix []string // path_prefix, which path_prefixes overrides
}

var proxySection = section[proxyFile]{
	name: "proxy",
	doc:  "How requests reach the containers of a role. A role's section is merged over the root's: host in one replaces hosts in the other, and path_prefix replaces path_prefixes.",
	fields: []field[proxyFile]{
		{"host", "string", "every host name", "Host name to serve, or several separated by commas.", readProxyHost},
		{"hosts", "array of strings", "every host name", "Host names to serve. Cannot be combined with host.", readProxyHosts},
		{"app_port", "integer", "", "Port that the container listens on. In a file of MRSK or Kamal 1 without a port and without a proxy section the default is 3000.", port(func(p *proxyFile) *int { return &p.AppPort })},
		{"path_prefix", "string", "", "Path prefix to serve, or several separated by commas.", readPathPrefix},
		{"path_prefixes", "array of strings", "", "Path prefixes to serve. Overrides path_prefix.", readPathPrefixes},
		{"strip_path_prefix", "boolean", "", "Remove the prefix before the request reaches the container.", boolean(func(p *proxyFile) *bool { return &p.StripPathPrefix })},
		{"healthcheck", "hash", "", "Probe of a new container; see proxy/healthcheck.", func(v value, p *proxyFile) { healthcheckSection.read(v, &p.Healthcheck) }},
		{"response_timeout", "integer", "", "How long the container may take to answer a request. 0 means no limit.", seconds(0, func(p *proxyFile) *time.Duration { return &p.ResponseTimeout })},
		{"ssl", "boolean or hash", "", "HTTPS: true gets a certificate by ACME, a hash names your own; see proxy/ssl. Needs a host.", readSSL},
		{"ssl_redirect", "boolean", "", "Redirect HTTP to HTTPS if ssl is on.", boolean(func(p *proxyFile) *bool { return &p.SSL.Redirect })},
		{"forward_headers", "boolean or array of strings", "false with ssl, else true", "Whether to trust headers such as X-Forwarded-* of clients: true for all clients, or a list of trusted networks such as 192.0.2.0/24. For other clients the app gets what the proxy sees.", readForwardHeaders},
		{"run", "hash", "", "Options of the proxy container; see proxy/run.", func(v value, p *proxyFile) { p.Run = readProxyRun(v) }},
		{"logging", "hash", "", "The access log; see proxy/logging.", readProxyLogging},
		{"buffering", "hash", "", "Buffering of bodies and limits on their size; see proxy/buffering.", readBuffering},
	},
}

var healthcheckSection = section[Healthcheck]{
	name: "proxy/healthcheck",
	doc:  "The probe of a new container. It must answer with a 2xx status.",
	fields: []field[Healthcheck]{
		{"path", "string", "", "Path of the probe.", readHealthPath},
		{"interval", "integer", "", "Pause between probes.", seconds(1, func(h *Healthcheck) *time.Duration { return &h.Interval })},
		{"timeout", "integer", "", "How long a probe may take.", seconds(1, func(h *Healthcheck) *time.Duration { return &h.Timeout })},
	},
}

var sslSection = section[SSL]{
	name: "proxy/ssl",
	doc:  "Your own certificate. Set both keys.",
	fields: []field[SSL]{
		{"certificate_pem", "string", "", "Name of the secret with the certificate and its chain in PEM form.", secretName(func(s *SSL) *SecretRef { return &s.Certificate })},
		{"private_key_pem", "string", "", "Name of the secret with the private key in PEM form.", secretName(func(s *SSL) *SecretRef { return &s.PrivateKey })},
	},
}

func readRootProxy(v value, d *draft) {
	if is, ok := v.Bool(); ok {
		v.advise(fmt.Sprintf("write proxy: %t in the role: servers: {%s: {hosts: […], proxy: %t}}", is, d.PrimaryRole, is), "should be a hash, not a boolean")
		return
	}
	if v.Kind != yamltree.Map {
		v.shouldBe("a hash")
		return
	}
	d.proxy = v
	d.ProxyRun = readProxy(v).Run
}

// readProxy reads a proxy section and checks its keys against each other.
func readProxy(v value) *Proxy {
	p := proxyFile{Proxy: defaultProxy()}
	p.Pos = v.Pos
	if !proxySection.read(v, &p) {
		return &p.Proxy
	}
	if p.PathPrefixes == nil {
		p.PathPrefixes = p.prefix
	}
	if both := v.Get("hosts"); both != nil && v.Get("host") != nil {
		value{both, v.path, v.log}.problem("host and hosts cannot be used together")
	}
	checkPair(v, p.SSL)
	return &p.Proxy
}

func defaultProxy() Proxy {
	return Proxy{
		AppPort:         80,
		StripPathPrefix: true,
		Healthcheck:     Healthcheck{Path: "/up", Interval: time.Second, Timeout: 5 * time.Second},
		ResponseTimeout: 30 * time.Second,
		SSL:             SSL{Redirect: true},
		Run:             defaultProxyRun(),
	}
}

func checkPair(v value, s SSL) {
	at := value{v.Get("ssl"), v.path, v.log}
	switch {
	case s.Certificate.Key != "" && s.PrivateKey.Key == "":
		at.problem("ssl has a certificate_pem, but no private_key_pem")
	case s.Certificate.Key == "" && s.PrivateKey.Key != "":
		at.problem("ssl has a private_key_pem, but no certificate_pem")
	}
}

// checkNamed reports ssl without a host name. If the host names could not be read, that is reported
// already.
func checkNamed(v value, p *Proxy) {
	hosts := v.Get("hosts")
	none := hosts == nil || hosts.Kind == yamltree.List && len(hosts.Items) == 0
	if p.SSL.Enabled && v.Get("host") == nil && none {
		advice := "add host; or leave ssl out if a load balancer ends TLS"
		if hosts != nil {
			advice = v.at("hosts").hint(advice)
		}
		v.log.add(yamltree.Problem{Pos: v.Get("ssl").Pos, Path: clip(v.path), Text: "ssl needs a host, the name for the certificate", Advice: advice})
	}
}

// mergeProxy returns the section of a role merged over that of the root. host in one replaces hosts in
// the other, and path_prefix replaces path_prefixes.
func mergeProxy(root, role value) value {
	if role.absent() || role.Kind != yamltree.Map {
		return root
	}
	merged := *mergeOver(root.Node, role.Node, "proxy")
	merged.Pos = role.Pos
	role.Node = &merged
	return role
}

func readProxyHost(v value, p *proxyFile) {
	if v.Kind == yamltree.List {
		v.advise("write hosts for several", "should be a string, not an array")
		return
	}
	list, ok := v.word()
	if !ok {
		return
	}
	for host := range strings.SplitSeq(list, ",") {
		addProxyHost(v, strings.TrimSpace(host), p)
	}
}

func readProxyHosts(v value, p *proxyFile) {
	if v.isOne() {
		v.advise("write host for one", "should be an array, not %s", v.found())
		return
	}
	items, _ := v.array()
	for _, item := range items {
		if host, ok := item.word(); ok {
			addProxyHost(item, host, p)
		}
	}
}

// proxyHost matches host names without scheme, port and path, and with no character that is special in a
// Traefik rule.
var proxyHost = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

// portOfName matches a host name with a port.
var portOfName = regexp.MustCompile(`^([^:/]+):[0-9]+$`)

// IsProxyHost reports whether name is a host name that the proxy can serve: without scheme, port and path.
func IsProxyHost(name string) bool { return proxyHost.MatchString(name) }

func addProxyHost(v value, host string, p *proxyFile) {
	if m := portOfName.FindStringSubmatch(host); m != nil {
		v.lost("the port of %s: the proxy serves names on its own ports, see proxy/run", host)
		host = m[1]
	}
	if !IsProxyHost(host) {
		advice := "write the name only, without scheme, port and path"
		if strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
			advice = "write the name as the DNS has it: xn--bcher-kva.de for bücher.de"
		}
		v.advise(advice, "%q is not a host name", host)
	}
	if host = NormalHost(host); !slices.Contains(p.Hosts, host) {
		p.Hosts = append(p.Hosts, host)
	}
}

func readPathPrefix(v value, p *proxyFile) {
	if v.Kind == yamltree.List {
		v.advise("write path_prefixes for several", "should be a string, not an array")
		return
	}
	list, ok := v.word()
	if !ok {
		return
	}
	for prefix := range strings.SplitSeq(list, ",") {
		p.prefix = addPrefix(v, prefix, p.prefix)
	}
}

func readPathPrefixes(v value, p *proxyFile) {
	if v.isOne() {
		v.advise("write path_prefix for one", "should be an array, not %s", v.found())
		return
	}
	items, _ := v.array()
	p.PathPrefixes = []string{}
	for _, item := range items {
		if prefix, ok := item.word(); ok {
			p.PathPrefixes = addPrefix(item, prefix, p.PathPrefixes)
		}
	}
}

// addPrefix adds a prefix in the form /a/b, unless it is there in another spelling.
func addPrefix(v value, prefix string, all []string) []string {
	checkURLPath(v, prefix)
	prefix = NormalPrefix(prefix)
	if encoded := neverMatched(prefix); encoded != "" {
		v.problem("%q would match no request: the proxy decodes %s before it compares", prefix, encoded)
	}
	if slices.Contains(all, prefix) {
		return all
	}
	return append(all, prefix)
}

// checkURLPath reports characters that a Traefik rule cannot have: white space, unprintable characters,
// the quote of rules, and the separator of Traefik's lists.
func checkURLPath(v value, path string) {
	wrong := func(r rune) bool {
		return r == ' ' || r == '`' || r == '║' || r == utf8.RuneError || !unicode.IsPrint(r)
	}
	if strings.ContainsFunc(strings.TrimSpace(path), wrong) {
		v.problem("%q is not a path of a URL", path)
	}
}

func readHealthPath(v value, h *Healthcheck) {
	if path, ok := v.word(); ok {
		checkURLPath(v, path)
		h.Path = "/" + strings.TrimPrefix(strings.TrimSpace(path), "/")
	}
}

func readSSL(v value, p *proxyFile) {
	is, ok := v.Bool()
	switch {
	case ok:
		p.SSL.Enabled = is
	case v.Kind == yamltree.Map:
		p.SSL.Enabled = true
		sslSection.read(v, &p.SSL)
	default:
		v.shouldBe("a boolean or a hash")
	}
}

// readForwardHeaders reads a boolean, or the networks whose headers are trusted.
func readForwardHeaders(v value, p *proxyFile) {
	p.TrustedIPs = nil
	if v.Kind != yamltree.List {
		if is, ok := v.boolean(); ok {
			p.ForwardHeaders = &is
		}
		return
	}
	items, _ := v.array()
	for _, item := range items {
		if text, ok := item.word(); ok {
			p.TrustedIPs = append(p.TrustedIPs, network(item, text)...)
		}
	}
	some := len(items) > 0
	p.ForwardHeaders = &some
}

// network returns an address or a network as a network whose host bits are zero. It returns none if text
// is neither.
func network(v value, text string) []string {
	text = strings.TrimSpace(text)
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" {
		return []string{netip.PrefixFrom(ip, ip.BitLen()).String()}
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		v.problem("%q is neither an IP address nor a network such as 192.0.2.0/24", text)
		return nil
	}
	return []string{p.Masked().String()}
}
