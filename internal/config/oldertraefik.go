package config

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// olderTraefik is the traefik section of MRSK and Kamal 1, converted to settings of mrsk's proxy.
type olderTraefik struct {
	run            ProxyRun
	entryPoints    map[string]string // name in the file → name in mrsk's proxy
	published      []value           // values of options/publish
	forwardHeaders *bool             // nil if the section does not set it
	trustedIPs     []string
	redirects      bool     // an entry point redirects HTTP to HTTPS
	secrets        []Secret // of env
	env            value
}

var olderTraefikSection = section[olderTraefik]{
	name: "traefik",
	doc: `Deprecated: the Traefik of MRSK and Kamal 1. Its keys mean the same as those of proxy/run, which wins if both are set.
Keys without a counterpart are ignored with a notice. Port 443 is published if options/publish names it, or if a role or an
accessory has ssl. If a role has no proxy section, its labels that begin with traefik. are read too: a rule of host names and path
prefixes, tls, and the port of a service.`,
	fields: []field[olderTraefik]{
		{"image", "string", DefaultProxyImage, "Use proxy/run/image. An image of Traefik 1 or 2 is replaced by the default.", readOlderImage},
		{"host_port", "integer or string", strconv.Itoa(defaultProxyRun().HTTPPort), "Use proxy/run/http_port.", readOlderPort},
		{"publish", "boolean", strconv.FormatBool(defaultProxyRun().Publish), "Use proxy/run/publish.", boolean(func(t *olderTraefik) *bool { return &t.run.Publish })},
		{"options", "hash", "", "Use proxy/run/options. A published port for 443 becomes proxy/run/https_port.", readOlderOptions},
		{"labels", "hash of strings", "", "Use proxy/run/options/label. Labels for Traefik have no effect, because routes are files.", readOlderLabels},
		{"env", "hash", "", "Use proxy/run/options/env. Secrets are for a DNS challenge: use proxy/run/acme/env.", readOlderEnv},
		{"args", "hash", "", "Use proxy/run/args, with the entry points and the certificate resolver of mrsk. A DNS or TLS challenge becomes proxy/run/acme.", readOlderArgs},
	},
}

// readOlderTraefik reads the section. A file of MRSK or Kamal 1 without it has its defaults. It returns nil if
// the file is a newer one, or if proxy/run replaces the section.
func (d *draft) readOlderTraefik() *olderTraefik {
	if !d.older {
		return nil
	}
	t := &olderTraefik{run: defaultProxyRun(), entryPoints: map[string]string{}}
	t.run.HTTPSPort = 0
	if !d.traefik.absent() {
		olderTraefikSection.read(d.traefik, t)
		t.publish()
		t.settleSecrets()
	}
	switch replaced := d.proxy.Get("run") != nil; {
	case replaced && !d.traefik.absent():
		d.traefik.lost("proxy/run replaces it")
		return nil
	case replaced:
		return nil
	case !d.traefik.absent():
		d.traefik.older("%s", d.newerTraefik(t))
	}
	d.ProxyRun = t.run
	return t
}

// applyTo applies the section to the proxy settings of a role. written is the role's section proxy,
// whose keys win. Without a section the Traefik of those versions trusts the headers of no client.
func (t *olderTraefik) applyTo(p *Proxy, written value) {
	if t != nil && written.Get("run") == nil {
		p.Run = t.run
	}
	if p.ForwardHeaders == nil {
		forward := t.forwards()
		p.ForwardHeaders, p.TrustedIPs = &forward, t.trusted()
	}
}

// forwards reports whether the headers of some clients are trusted.
func (t *olderTraefik) forwards() bool {
	return t != nil && (len(t.trustedIPs) > 0 || t.forwardHeaders != nil && *t.forwardHeaders)
}

// publishHTTPS publishes port 443 for all roles and accessories if one has ssl, because those of a host share
// one proxy.
func (d *draft) publishHTTPS() {
	all := d.proxies()
	needed := slices.ContainsFunc(all, func(p *Proxy) bool { return p.SSL.Enabled })
	if !needed || d.ProxyRun.HTTPSPort != 0 {
		return
	}
	d.ProxyRun.HTTPSPort = defaultProxyRun().HTTPSPort
	for _, p := range all {
		if p.Run.HTTPSPort == 0 {
			p.Run.HTTPSPort = d.ProxyRun.HTTPSPort
		}
	}
}

// proxies returns the proxy sections of all roles and accessories.
func (d *draft) proxies() []*Proxy {
	var all []*Proxy
	for _, r := range d.Roles {
		all = append(all, r.Proxy)
	}
	for _, a := range d.Accessories {
		all = append(all, a.Proxy)
	}
	return slices.DeleteFunc(all, func(p *Proxy) bool { return p == nil })
}

var olderImage = regexp.MustCompile(`:v?[12](\.[0-9.]+)?(-[^:/]*)?$`)

func readOlderImage(v value, t *olderTraefik) {
	image, ok := v.word()
	switch {
	case !ok:
	case olderImage.MatchString(image):
		v.lost("mrsk needs Traefik 3 and runs %s; to run another one, write proxy: {run: {image: …}}", DefaultProxyImage)
	default:
		t.run.Image = image
	}
}

// readOlderPort reads a port. As in docker, it may be in quotes and have an address before it.
func readOlderPort(v value, t *olderTraefik) {
	if address, number := cutLast(v.Text, ":"); v.Kind == yamltree.Scalar && isNumber(number) {
		plain := *v.Node
		plain.Text, plain.Quoted = number, false
		v.Node = &plain
		if address != "" {
			at := plain
			at.Text = address
			readBindIP(value{&at, v.path, v.log}, &t.run)
		}
	}
	port(func(t *olderTraefik) *int { return &t.run.HTTPPort })(v, t)
}

func readOlderOptions(v value, t *olderTraefik) {
	options, _ := readOptions(v, theProxy)
	checkAddresses(v, options, startedOn("", options))
	for _, o := range options {
		if o.Name != "publish" && o.Name != "p" {
			t.run.Options = append(t.run.Options, o)
			continue
		}
		for _, port := range o.Values {
			at := &yamltree.Node{Kind: yamltree.Scalar, Pos: o.Pos, Text: port}
			t.published = append(t.published, value{at, v.path + "/" + o.Name, v.log})
		}
	}
}

// publish converts options/publish: a port for 443 becomes the HTTPS port, other ports for 80 and 443
// stay options of docker run, and the rest has no effect.
func (t *olderTraefik) publish() {
	o := Option{Name: "publish"}
	for _, v := range t.published {
		host, inside := cutLast(strings.TrimSuffix(v.Text, "/tcp"), ":")
		switch {
		case inside == "443" && isNumber(host) && t.run.Publish && len(t.run.BindIPs) == 0:
			t.run.HTTPSPort, _ = strconv.Atoi(host)
		case inside == "80" || inside == "443":
			o.Values, o.Pos = append(o.Values, v.Text), v.Pos
		default:
			v.lost("%s: the proxy listens only on 80 and 443", v.Text)
		}
	}
	if len(o.Values) > 0 {
		t.run.Options = append(t.run.Options, o)
	}
}

func cutLast(s, sep string) (before, after string) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+len(sep):]
}

func readOlderLabels(v value, t *olderTraefik) {
	o := Option{Name: "label", Pos: v.Pos}
	for i, p := range v.pairs() {
		if strings.HasPrefix(p.Name, "traefik.") {
			v.child(p.Name, v.Entries[i].Value).lost("routes are files that mrsk writes; requests that no app serves get 502")
			continue
		}
		o.Values = append(o.Values, p.Name+"="+p.Value)
	}
	if len(o.Values) > 0 {
		t.run.Options = append(t.run.Options, o)
	}
}

func readOlderEnv(v value, t *olderTraefik) {
	env := readEnv(v, false)
	o := Option{Name: "env", Pos: v.Pos}
	for _, p := range env.Clear {
		o.Values = append(o.Values, p.Name+"="+p.Value)
	}
	if len(o.Values) > 0 {
		t.run.Options = append(t.run.Options, o)
	}
	t.secrets, t.env = env.Secret, v
}

// settleSecrets gives the proxy the secrets of env if a DNS challenge needs them.
func (t *olderTraefik) settleSecrets() {
	if t.run.ACME.Challenge == DNSChallenge {
		t.run.ACME.Env.Secret = t.secrets
		return
	}
	for _, s := range t.secrets {
		value{&yamltree.Node{Pos: s.Pos}, t.env.path + "/secret", t.env.log}.lost("%s: the proxy gets secrets only for a DNS challenge, see proxy/run/acme/env", s.Name)
	}
}

// olderArgs maps the beginning of the name of a Traefik option to the function that applies it. The
// first match counts.
var olderArgs = []struct {
	prefix string
	take   func(t *olderTraefik, v value, rest, text string)
}{
	{"log.level", func(t *olderTraefik, _ value, _, text string) { t.run.Debug = strings.EqualFold(text, "debug") }},
	{"log.", (*olderTraefik).pass},
	{"accesslog", (*olderTraefik).pass},
	{"metrics.", (*olderTraefik).pass},
	{"serverstransport.", (*olderTraefik).pass},
	{"entrypoints.", (*olderTraefik).entryPoint},
	{"certificatesresolvers.", (*olderTraefik).resolver},
	// mrsk sets these itself:
	{"providers.docker", (*olderTraefik).drop},
	{"api", (*olderTraefik).drop},
	{"ping", (*olderTraefik).drop},
	{"global.", (*olderTraefik).drop},
}

func (t *olderTraefik) drop(value, string, string) {}

func readOlderArgs(v value, t *olderTraefik) {
	entries, _ := v.hash()
	for _, e := range entries {
		name, isAddress := strings.CutSuffix(strings.ToLower(e.key), ".address")
		if name, isEntryPoint := strings.CutPrefix(name, "entrypoints."); isAddress && isEntryPoint && e.Kind == yamltree.Scalar {
			t.listen(name, e.Text)
		}
	}
	for _, e := range entries {
		t.arg(e)
	}
}

// listen records which entry point of mrsk's proxy corresponds to one of the file.
func (t *olderTraefik) listen(name, address string) {
	_, port := cutLast(strings.TrimSuffix(address, "/tcp"), ":")
	if entry := map[string]string{"80": "http", "443": "https"}[port]; entry != "" {
		t.entryPoints[name] = entry
	}
}

func (t *olderTraefik) arg(e named) {
	text, ok := e.argument()
	if !ok {
		return
	}
	for _, a := range olderArgs {
		if strings.HasPrefix(strings.ToLower(e.key), a.prefix) {
			a.take(t, e.value, e.key[len(a.prefix):], text)
			return
		}
	}
	if ownArgs.MatchString(e.key) {
		e.lost("mrsk sets %s itself", e.key)
		return
	}
	e.lost("mrsk does not know the Traefik option %s; to pass it unchanged, write it in proxy: {run: {args: …}}", e.key)
}

// argument returns the value of a Traefik option. Without a value it is true. Traefik joins the values of an
// option that is given several times.
func (e named) argument() (string, bool) {
	switch {
	case e.Kind == yamltree.List:
		all, ok := e.words()
		return strings.Join(all, ","), ok
	case e.Kind == yamltree.Scalar && e.Null:
		return "true", true
	}
	return e.text()
}

// pass passes an option to the proxy, with the proxy's name of the entry point.
func (t *olderTraefik) pass(v value, _, text string) {
	name := v.path[strings.LastIndexByte(v.path, '/')+1:]
	if strings.HasSuffix(strings.ToLower(name), ".entrypoint") {
		entry := t.known(text)
		if entry == "" {
			v.lost("the proxy has only the entry points http and https")
			return
		}
		text = entry
	}
	t.give(v, name, text)
}

func (t *olderTraefik) give(v value, name, text string) {
	t.run.Args = append(t.run.Args, Pair{Name: name, Value: text, Pos: v.Pos})
}

// known returns the proxy's name of an entry point, or "" if it has no such entry point.
func (t *olderTraefik) known(name string) string {
	usual := map[string]string{"http": "http", "https": "https", "web": "http", "websecure": "https", "traefik": "traefik"}
	name = strings.ToLower(name)
	return cmp.Or(t.entryPoints[name], usual[name])
}

// entryPoint converts an option of an entry point. It ignores redirections and certificates, which the
// roles set.
func (t *olderTraefik) entryPoint(v value, rest, text string) {
	name, key, _ := strings.Cut(rest, ".")
	lower := strings.ToLower(key)
	has := func(prefix string) bool { return strings.HasPrefix(lower, prefix) }
	entry := t.known(name)
	switch {
	case entry == "" || lower == "address" && t.entryPoints[strings.ToLower(name)] == "":
		v.lost("the proxy listens only on 80 and 443")
	case has("http.redirections"):
		t.redirects = true
	case lower == "address" || has("http.tls"):
	case has("forwardedheaders."):
		t.forwardedHeaders(v, strings.TrimPrefix(lower, "forwardedheaders."), text)
	case has("proxyprotocol.") || has("transport.") || has("http2."):
		t.give(v, "entrypoints."+entry+"."+key, text)
	default:
		v.lost("entry points have no settings of that name here")
	}
}

// forwardedHeaders reads whose X-Forwarded-* headers an entry point trusts. mrsk has one setting for all
// entry points, so the widest one counts: all clients, then a list of networks, then none.
func (t *olderTraefik) forwardedHeaders(v value, key, text string) {
	switch key {
	case "insecure":
		all := !strings.EqualFold(text, "false") || t.forwardHeaders != nil && *t.forwardHeaders
		t.forwardHeaders = &all
	case "trustedips":
		for ip := range strings.SplitSeq(text, ",") {
			t.trustedIPs = append(t.trustedIPs, network(v, ip)...)
		}
	default:
		v.lost("entry points have no settings of that name here")
	}
}

// trusted returns the trusted networks. It is empty if all clients are trusted.
func (t *olderTraefik) trusted() []string {
	if t == nil || t.forwardHeaders != nil && *t.forwardHeaders {
		return nil
	}
	return t.trustedIPs
}

func (t *olderTraefik) resolver(v value, rest, text string) {
	_, key, _ := strings.Cut(rest, ".")
	switch lower := strings.ToLower(key); {
	case lower == "acme.email" || lower == "acme.caserver" || lower == "acme.keytype":
		t.give(v, "certificatesresolvers."+ACMEResolver+"."+lower, text)
	case lower == "acme.storage" || strings.HasPrefix(lower, "acme.httpchallenge"):
	case lower == "acme.tlschallenge":
		if t.run.ACME.Challenge == HTTPChallenge && !strings.EqualFold(text, "false") {
			t.run.ACME.Challenge = TLSChallenge
		}
	case lower == "acme.dnschallenge":
	case lower == "acme.dnschallenge.provider":
		name := *v.Node
		name.Kind, name.Text = yamltree.Scalar, text
		readDNSProvider(value{&name, v.path, v.log}, &t.run.ACME)
		t.run.ACME.Challenge = DNSChallenge
	case strings.HasPrefix(lower, "acme.dnschallenge."):
		t.give(v, "certificatesresolvers."+ACMEResolver+"."+lower, text)
	default:
		v.lost("mrsk sets up certificates itself, see proxy/run/acme")
	}
}
