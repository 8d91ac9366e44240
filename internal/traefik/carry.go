package traefik

import (
	"encoding/json"
	"encoding/pem"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// What a former proxy got by ACME comes along: the new one serves it from its first moment on, and
// renews it as its own. Of the facts are the certificates alone. Which of them are carried is
// decided here, and the host takes their keys, too, out of the one proxy into the volume of the
// other; so no key ever leaves it.

const seeLeft = "look at the certificates of proxies of other tools"

// observeLeft is the step that looks for those that names may need.
func observeLeft(names []string) []plan.Step {
	if len(names) == 0 {
		return nil
	}
	return []plan.Step{{Name: seeLeft, Run: seeCertificates.Call().Lits(exact(names)...), Captured: true}}
}

// exact are the names without wildcards, for which kamal-proxy gets none.
func exact(names []string) []string { return slices.DeleteFunc(slices.Clone(names), isWildcard) }

// readLeft fills in what that step printed.
func readLeft(out []byte, formers []facts.Former) {
	for part := range strings.SplitSeq(string(out), "\x1e") {
		name, text, _ := strings.Cut(part, "\x1f")
		for i := range formers {
			if formers[i].Name == name {
				formers[i].Certificates = text
			}
		}
	}
}

// letsEncrypt is the server of ACME that both kinds of proxy ask unless they are told otherwise.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// servers are the ACME servers that options of a Traefik name.
func servers(options []string) []string {
	var all []string
	for _, o := range options {
		name, value, _ := strings.Cut(strings.TrimLeft(o, "-"), "=")
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "certificatesresolvers.") && strings.HasSuffix(name, ".acme.caserver") && value != letsEncrypt {
			all = append(all, value)
		}
	}
	return all
}

// asks is the ACME server that the new proxy asks, "" for Let's Encrypt.
func asks(run config.ProxyRun) string {
	server := run.ACME.Server
	for _, a := range run.Args {
		if strings.EqualFold(a.Name, "certificatesresolvers."+config.ACMEResolver+".acme.caserver") {
			server = a.Value
		}
	}
	return strings.TrimSuffix(server, letsEncrypt)
}

// Left are the certificates that former proxies leave and that have not expired. Those
// of another ACME server than the new proxy asks are none: it may be one to try things out with.
func Left(formers []facts.Former, run config.ProxyRun, now time.Time) []Certificate {
	var all []Certificate
	for _, f := range formers {
		if slices.ContainsFunc(f.Servers, func(s string) bool { return s != asks(run) }) || len(f.Servers) == 0 && asks(run) != "" {
			continue
		}
		for block, rest := pem.Decode([]byte(f.Certificates)); block != nil; block, rest = pem.Decode(rest) {
			c, err := parse(string(pem.EncodeToMemory(block)), redact.String{})
			if err == nil && len(c.Names) > 0 && c.Expires.After(now) {
				all = append(all, c)
			}
		}
	}
	return all
}

// load is what goes into one file of the new proxy's volume.
type load struct {
	file         string
	received     bool // in the form of what comes from another host, else in that of the proxy's own
	names        []string
	certificates []Certificate
}

// Carry brings certificates that former proxies left to the new one, before it starts: to those
// that it gets itself or, where a route gets them from another host, to those from there.
func Carry(h facts.Host, run config.ProxyRun, routes []Route, left []Certificate) []plan.Step {
	if Established(h) {
		return nil
	}
	var lines shell.Line
	var files, names []string
	for _, l := range loads(run, routes, left) {
		lines = lines.And(carry.Call(run.Image, l.file, strings.Join(exact(l.names), " ")).Add(l.form().Inline()))
		files, names = append(files, l.file), append(names, l.names...)
	}
	if len(files) == 0 {
		return nil
	}
	return []plan.Step{{
		Name:     "carry over the certificates for " + strings.Join(names, ", "),
		Cause:    "the former proxy got them by ACME",
		Run:      lines,
		Undo:     uncarry.Call(run.Image).Lits(files...),
		UndoName: "put back what was there",
		Captured: true,
	}}
}

func loads(run config.ProxyRun, routes []Route, left []Certificate) []load {
	var all []load
	for _, r := range routes {
		l := load{file: Storage(run.ACME)}
		if r.Issuer != "" {
			l = load{file: "routes/" + r.object(received), received: true}
		}
		for _, name := range r.Automatic() {
			if c, _ := Covering(left, []string{name}); len(c) > 0 {
				l.names, l.certificates = append(l.names, name), append(l.certificates, c...)
			}
		}
		at := slices.IndexFunc(all, func(other load) bool { return other.file == l.file })
		switch {
		case len(l.names) == 0:
		case at < 0:
			all = append(all, l)
		default:
			all[at].names, all[at].certificates = append(all[at].names, l.names...), append(all[at].certificates, l.certificates...)
		}
	}
	return all
}

// form is the command that writes the file, with what it needs to know of each certificate.
func (l load) form() shell.Line {
	line := asStorage.Call(config.ACMEResolver)
	if l.received {
		line = asReceived.Call()
	}
	var done []Certificate
	for _, c := range l.certificates {
		if slices.ContainsFunc(done, c.same) {
			continue
		}
		done, line = append(done, c), line.Lits(c.mark())
		if !l.received {
			line = line.Lits(c.domain())
		}
	}
	return line
}

// mark is the first line of a certificate: its serial number is in it.
func (c Certificate) mark() string { return strings.Split(c.PEM, "\n")[1] }

// domain are the names of the certificate as the proxy keeps them.
func (c Certificate) domain() string {
	var d struct {
		Main string   `json:"main"`
		SANs []string `json:"sans,omitempty"`
	}
	d.Main, d.SANs = c.Names[0], c.Names[1:]
	text, _ := json.Marshal(d) // strings always encode
	return string(text)
}

// Automatic are the names that the proxies get certificates for by themselves.
func (r Route) Automatic() []string {
	if !r.Proxy.SSL.Automatic() {
		return nil
	}
	return r.Proxy.Hosts
}

// Carried drops what Carry keeps for the way back, which is no longer needed.
func Carried() plan.Step {
	return plan.Step{
		Name:  "forget the certificates of before",
		Cause: "nothing leads back to them",
		Run:   dropFiles.Call("*.before", "routes/*.before"), Captured: true, BestEffort: true,
	}
}
