package config

import (
	"regexp"
	"slices"
	"strings"
)

// ACMEResolver is the name of the certificate resolver that mrsk sets up in the proxy.
const ACMEResolver = "mrsk"

// Challenge is how a proxy proves to an ACME server that a name is its own.
type Challenge string

// The challenges: an answer over HTTP or in a TLS handshake, or a record in the DNS.
const (
	HTTPChallenge Challenge = "" // the default
	TLSChallenge  Challenge = "tls"
	DNSChallenge  Challenge = "dns"
)

// ACME says where the proxy gets certificates from, and how.
type ACME struct {
	Email     string
	Server    string // URL of the directory, "" is that of Let's Encrypt
	Challenge Challenge
	Provider  string // of the DNS, as lego names it; with DNSChallenge alone
	Env       Env    // of the proxy's container, for the provider
	CA        SecretRef
}

var acmeSection = section[ACME]{
	name: "proxy/run/acme",
	doc: `The ACME server for the certificates of roles with ssl: true. The default is Let's Encrypt with the HTTP challenge on
port 80. If a role has several hosts, its first host gets the certificate and the others receive it; see mrsk proxy
certificates. The others pass challenges on to the first host, so a container there must be able to reach it under the name or
address in this file.`,
	fields: []field[ACME]{
		{"email", "string", "", "Email address of the account at the ACME server.", word(func(a *ACME) *string { return &a.Email })},
		{"server", "string", "Let's Encrypt", "URL of the ACME server's directory. Certificates of different servers are stored separately.", readACMEServer},
		{"challenge", "string", "", "How to prove control of a name: http on port 80, or tls on port 443, which only works for roles with one host.", readChallenge},
		{"dns", "string", "", "Use the DNS challenge, which wildcards need: the name of the DNS provider in lego, such as route53.", readDNSProvider},
		{"env", "hash", "", "Environment of the proxy's container with the credentials for dns; see env.", func(v value, a *ACME) { a.Env = readEnv(v, false).Env }},
		{"ca_pem", "string", "", "Name of the secret with the CA certificate, in PEM form, of a private ACME server.", secretName(func(a *ACME) *SecretRef { return &a.CA })},
	},
}

func readACME(v value, r *ProxyRun) {
	acmeSection.read(v, &r.ACME)
	if r.ACME.Provider == "" {
		return
	}
	if at := v.at("challenge"); !at.absent() {
		at.problem("challenge and dns cannot be used together")
	}
	r.ACME.Challenge = DNSChallenge
}

func readChallenge(v value, a *ACME) {
	oneOf(func(a *ACME) *Challenge { return &a.Challenge }, "http", TLSChallenge)(v, a)
	if a.Challenge == "http" {
		a.Challenge = HTTPChallenge
	}
}

func readACMEServer(v value, a *ACME) {
	url, ok := v.word()
	if ok && (!strings.HasPrefix(url, "https://") || strings.ContainsFunc(url, func(c rune) bool { return c <= ' ' })) {
		v.problem("%q is no URL that begins with https://", url)
	}
	a.Server = url
}

var providerName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func readDNSProvider(v value, a *ACME) {
	name, ok := v.word()
	if ok && !providerName.MatchString(name) {
		v.problem("%q is no name of a DNS provider such as route53", name)
	}
	a.Provider = name
}

func (a ACME) equal(other ACME) bool {
	sameSecret := func(a, b Secret) bool { return a.Name == b.Name && a.Key == b.Key }
	return a.Email == other.Email && a.Server == other.Server && a.Challenge == other.Challenge && a.Provider == other.Provider &&
		a.CA.Key == other.CA.Key && slices.EqualFunc(a.Env.Clear, other.Env.Clear, samePair) &&
		slices.EqualFunc(a.Env.Secret, other.Env.Secret, sameSecret)
}

// Secret reports whether the proxy's container needs secrets.
func (a ACME) Secret() bool { return len(a.Env.Secret) > 0 || a.CA.Key != "" }

// Automatic reports whether the certificate is made by ACME.
func (s SSL) Automatic() bool { return s.Enabled && !s.Custom() }

// AutomaticNames are the host names that roles and accessories have certificates of ACME for.
func (p *Placement) AutomaticNames() []string {
	var all []string
	add := func(p *Proxy) {
		if p != nil && p.SSL.Automatic() {
			all = append(all, p.Hosts...)
		}
	}
	for _, r := range p.Roles {
		add(r.Proxy)
	}
	for _, a := range p.Accessories {
		add(a.Proxy)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Issuer is the host whose proxy gets the certificate of a role by ACME, for all hosts of the
// role: the first one. It is "" where no proxy does.
func (p *Project) Issuer(role string) string {
	r, found := p.Role(role)
	if !found || r.Proxy == nil || !r.Proxy.SSL.Automatic() || len(r.Hosts) == 0 {
		return ""
	}
	return r.Hosts[0].Name
}

// Issues reports whether the proxy of the host gets a certificate by ACME for a role.
func (p *Project) Issues(host string) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return p.Issuer(r.Name) == host })
}

// IssuerFor is the host that a host of a role receives its certificate from, "" where it receives
// none.
func (p *Project) IssuerFor(role, host string) string {
	if issuer := p.Issuer(role); issuer != host {
		return issuer
	}
	return ""
}

// checkIssued reports settings of a role that make automatic certificates impossible.
func (d *draft) checkIssued(r Role, at value) {
	acme := r.Proxy.Run.ACME
	if acme.Challenge == TLSChallenge && len(r.Hosts) > 1 {
		at.advise("leave proxy: {run: {acme: {challenge: …}}} out, or set dns there",
			"role %s has %d hosts, but the challenge tls works on a single one", r.Name, len(r.Hosts))
	}
	for _, host := range r.Proxy.Hosts {
		if strings.HasPrefix(host, "*.") && acme.Challenge != DNSChallenge {
			at.advise("set proxy: {run: {acme: {dns: PROVIDER}}}, or give a certificate of your own (ssl: {certificate_pem: …, private_key_pem: …})",
				"an automatic certificate for %s needs a proof in the DNS", host)
		}
	}
}
