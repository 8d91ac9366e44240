package config

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// olderTraefik is the traefik section of MRSK and Kamal 1, turned into what it is for a proxy
// that mrsk runs itself.
type olderTraefik struct {
	run            ProxyRun
	entryPoints    map[string]string // their names in the file → in the proxy
	published      []value           // ports that the options publish
	forwardHeaders *bool             // nil: nothing is said of it
	trustedIPs     []string
}

var olderTraefikSection = section[olderTraefik]{
	name: "traefik",
	doc: `Deprecated: the Traefik of MRSK and Kamal 1. Its keys mean the same as those of proxy/run, which wins if both are set.
Keys without a counterpart are ignored with a notice. Port 443 is published if options/publish names it or a role has ssl. If a
role has no proxy section, its labels that begin with traefik. are read too: a rule of host names and path prefixes, tls, and the
port of a service.`,
	fields: []field[olderTraefik]{
		{"image", "string", DefaultProxyImage, "Use proxy/run/image. An image of Traefik 1 or 2 is replaced by the default.", readOlderImage},
		{"host_port", "integer or string", strconv.Itoa(defaultProxyRun().HTTPPort), "Use proxy/run/http_port.", readOlderPort},
		{"publish", "boolean", strconv.FormatBool(defaultProxyRun().Publish), "Use proxy/run/publish.", boolean(func(t *olderTraefik) *bool { return &t.run.Publish })},
		{"options", "hash", "", "Use proxy/run/options. A published port for 443 becomes proxy/run/https_port.", readOlderOptions},
		{"labels", "hash of strings", "", "Use proxy/run/options/label. Labels for Traefik have no effect, because routes are files.", readOlderLabels},
		{"env", "hash", "", "Use proxy/run/options/env. Secrets are not supported.", readOlderEnv},
		{"args", "hash", "", "Use proxy/run/args, with the entry points and the certificate resolver of mrsk.", readOlderArgs},
	},
}

// readOlderTraefik returns what the section says, nil where a newer one stands beside it.
func (d *draft) readOlderTraefik() *olderTraefik {
	if d.traefik.absent() {
		return nil
	}
	t := &olderTraefik{run: defaultProxyRun(), entryPoints: map[string]string{}}
	t.run.HTTPSPort = 0
	olderTraefikSection.read(d.traefik, t)
	t.publish()
	if d.proxy.Get("run") != nil {
		d.traefik.lost("proxy/run is there, and says it all")
		return nil
	}
	d.traefik.older("%s", t.newer(d.health.absent()))
	d.ProxyRun = t.run
	return t
}

// newer is what to write in the place of the section. portless is a file that names no port of
// the app.
func (t *olderTraefik) newer(portless bool) string {
	var proxy, run flow
	usual := defaultProxyRun()
	if t.run.Image != usual.Image {
		run.add("image", t.run.Image)
	}
	if t.run.HTTPPort != usual.HTTPPort {
		run.add("http_port", t.run.HTTPPort)
	}
	if len(t.run.BindIPs) > 0 {
		run.add("bind_ips", fmt.Sprintf("[%s]", strings.Join(t.run.BindIPs, ", ")))
	}
	if !t.run.Publish {
		run.add("publish", false)
	}
	if len(t.run.Options) > 0 {
		run.add("options", "…")
	}
	var args flow
	for _, a := range t.run.Args {
		args.add(a.Name, "…")
	}
	if len(args) > 0 {
		run.add("args", args)
	}
	if portless {
		proxy.add("app_port", olderPort)
	}
	switch {
	case len(t.trusted()) > 0:
		proxy.add("forward_headers", fmt.Sprintf("[%s]", strings.Join(t.trusted(), ", ")))
	case t.forwardHeaders != nil:
		proxy.add("forward_headers", *t.forwardHeaders)
	}
	if len(run) > 0 {
		proxy.add("run", run)
	}
	if len(proxy) == 0 {
		return fmt.Sprintf("leave it out: mrsk runs %s by itself", usual.Image)
	}
	return fmt.Sprintf("write proxy: %v", proxy)
}

// applyTo gives a role's proxy what the section says of the container. 443 must be reachable
// where a role has ssl.
func (t *olderTraefik) applyTo(p *Proxy, written value) {
	if t == nil {
		return
	}
	if written.Get("run") == nil {
		p.Run = t.run
	}
	if p.ForwardHeaders == nil && (t.forwardHeaders != nil || len(t.trustedIPs) > 0) {
		forward := len(t.trustedIPs) > 0 || *t.forwardHeaders
		p.ForwardHeaders, p.TrustedIPs = &forward, t.trusted()
	}
}

// publishHTTPS publishes 443 for all where a role has ssl: the roles of a host share one proxy.
func (d *draft) publishHTTPS() {
	needed := false
	for _, r := range d.Roles {
		needed = needed || r.Proxy != nil && r.Proxy.SSL.Enabled
	}
	if !needed || d.ProxyRun.HTTPSPort != 0 {
		return
	}
	d.ProxyRun.HTTPSPort = defaultProxyRun().HTTPSPort
	for _, r := range d.Roles {
		if r.Proxy != nil && r.Proxy.Run.HTTPSPort == 0 {
			r.Proxy.Run.HTTPSPort = d.ProxyRun.HTTPSPort
		}
	}
}

var olderImage = regexp.MustCompile(`:v?[12](\.[0-9.]+)?(-[^:/]*)?$`)

func readOlderImage(v value, t *olderTraefik) {
	image, ok := v.word()
	switch {
	case !ok:
	case olderImage.MatchString(image):
		v.lost("mrsk needs Traefik 3, and runs %s; another one is proxy: {run: {image: …}}", DefaultProxyImage)
	default:
		t.run.Image = image
	}
}

// readOlderPort takes a number in quotes, and an address before it, as docker does.
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
	options, _ := readOptions(v)
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

// publish takes the port for 443 as the one for HTTPS. Others are docker's business, where the
// proxy listens at all.
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
			v.lost("%s: the proxy listens on 80 and 443 alone", v.Text)
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
	for _, s := range env.Secret {
		value{&yamltree.Node{Pos: s.Pos}, v.path + "/secret", v.log}.lost("%s: the proxy is given no secrets", s.Name)
	}
}

// olderArgs says what becomes of Traefik's own options, by how their names begin. The first one
// that fits counts.
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
	// What mrsk sees to by itself:
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

// listen notes which of the proxy's entry points one of the file is.
func (t *olderTraefik) listen(name, address string) {
	_, port := cutLast(strings.TrimSuffix(address, "/tcp"), ":")
	if entry := map[string]string{"80": "http", "443": "https"}[port]; entry != "" {
		t.entryPoints[name] = entry
	}
}

func (t *olderTraefik) arg(e named) {
	text := "true"
	if e.Kind != yamltree.Scalar || !e.Null {
		s, ok := e.text()
		if !ok {
			return
		}
		text = s
	}
	for _, a := range olderArgs {
		if strings.HasPrefix(strings.ToLower(e.key), a.prefix) {
			a.take(t, e.value, e.key[len(a.prefix):], text)
			return
		}
	}
	e.lost("what Traefik option %s does is not known here; what the proxy is to be given as it is goes into proxy: {run: {args: …}}", e.key)
}

// pass gives an option to the proxy as it is, with the proxy's name for the entry point.
func (t *olderTraefik) pass(v value, _, text string) {
	name := v.path[strings.LastIndexByte(v.path, '/')+1:]
	if strings.HasSuffix(strings.ToLower(name), ".entrypoint") {
		entry := t.known(text)
		if entry == "" {
			v.lost("the proxy has the entry points http and https alone")
			return
		}
		text = entry
	}
	t.give(v, name, text)
}

func (t *olderTraefik) give(v value, name, text string) {
	t.run.Args = append(t.run.Args, Pair{Name: name, Value: text, Pos: v.Pos})
}

// known is the proxy's name for an entry point, "" where it has none.
func (t *olderTraefik) known(name string) string {
	usual := map[string]string{"http": "http", "https": "https", "web": "http", "websecure": "https", "traefik": "traefik"}
	name = strings.ToLower(name)
	return cmp.Or(t.entryPoints[name], usual[name])
}

// entryPoint keeps what is set for the entry points. Redirections and certificates are up to the
// roles.
func (t *olderTraefik) entryPoint(v value, rest, text string) {
	name, key, _ := strings.Cut(rest, ".")
	lower := strings.ToLower(key)
	has := func(prefix string) bool { return strings.HasPrefix(lower, prefix) }
	entry := t.known(name)
	switch {
	case entry == "" || lower == "address" && t.entryPoints[strings.ToLower(name)] == "":
		v.lost("the proxy listens on 80 and 443 alone")
	case lower == "address" || has("http.redirections") || has("http.tls"):
	case has("forwardedheaders."):
		t.forwardedHeaders(v, strings.TrimPrefix(lower, "forwardedheaders."), text)
	case has("proxyprotocol.") || has("transport.") || has("http2."):
		t.give(v, "entrypoints."+entry+"."+key, text)
	default:
		v.lost("entry points have no settings of that name here")
	}
}

// forwardedHeaders reads whom an entry point believes. The roles of all entry points believe the
// same, so everybody wins over networks, and these over nobody.
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

// trusted are the networks of those that are believed, none where all are.
func (t *olderTraefik) trusted() []string {
	if t.forwardHeaders != nil && *t.forwardHeaders {
		return nil
	}
	return t.trustedIPs
}

func (t *olderTraefik) resolver(v value, rest, text string) {
	_, key, _ := strings.Cut(rest, ".")
	switch lower := strings.ToLower(key); {
	case lower == "acme.email" || lower == "acme.caserver" || lower == "acme.keytype":
		t.give(v, "certificatesresolvers."+ACMEResolver+"."+lower, text)
	case lower == "acme.storage" || strings.HasPrefix(lower, "acme.httpchallenge") || strings.HasPrefix(lower, "acme.tlschallenge"):
	default:
		v.lost("certificates come by the HTTP challenge")
	}
}
