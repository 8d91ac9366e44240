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

// An upgrade copies certificates that the former proxy obtained by ACME to the new proxy, which serves
// them at once and renews them later. Facts have only the certificates. mrsk decides which ones to copy,
// and a script copies them with their keys on the host, so no private key leaves the host.

const seeLeft = "look at the certificates of proxies of other tools"

// observeLeft returns the step that lists the certificates of former proxies for names.
func observeLeft(names []string) []plan.Step {
	if len(names) == 0 {
		return nil
	}
	return []plan.Step{{Name: seeLeft, Run: seeCertificates.Call().Lits(exact(names)...), Captured: true}}
}

// exact returns the names that are no wildcards. kamal-proxy has no certificates for wildcards.
func exact(names []string) []string { return slices.DeleteFunc(slices.Clone(names), isWildcard) }

// readLeft sets the certificates of formers from the output of observeLeft's step.
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

// letsEncrypt is the default ACME server of Traefik and kamal-proxy.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// servers returns the ACME servers other than letsEncrypt in the options of a Traefik.
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

// acmeServer returns the ACME server of the new proxy, or "" for Let's Encrypt.
func acmeServer(run config.ProxyRun) string {
	server := run.ACME.Server
	for _, a := range run.Args {
		if strings.EqualFold(a.Name, "certificatesresolvers."+config.ACMEResolver+".acme.caserver") {
			server = a.Value
		}
	}
	return strings.TrimSuffix(server, letsEncrypt)
}

// Left returns the certificates of former proxies that have not expired. It leaves out those of an ACME
// server other than that of the new proxy, which may be a staging server.
func Left(formers []facts.Former, run config.ProxyRun, now time.Time) []Certificate {
	var all []Certificate
	for _, f := range formers {
		if slices.ContainsFunc(f.Servers, func(s string) bool { return s != acmeServer(run) }) || len(f.Servers) == 0 && acmeServer(run) != "" {
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

// load is the set of certificates to write into one file of the new proxy's volume.
type load struct {
	file         string
	received     bool // write a file of the kind received instead of the proxy's ACME storage
	names        []string
	certificates []Certificate
}

// Carry returns the step that copies certificates of former proxies into the new proxy's volume before
// it starts: into its ACME storage or, for a route whose certificates come from another host, into the
// file for these.
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
		Cause:    "the former proxy obtained them by ACME",
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

// form returns the command that writes the file. Its arguments identify the certificates.
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

// mark returns the first line of a certificate, which identifies it: it contains the serial number.
func (c Certificate) mark() string { return strings.Split(c.PEM, "\n")[1] }

// domain returns the names of the certificate in the form of Traefik's ACME storage.
func (c Certificate) domain() string {
	var d struct {
		Main string   `json:"main"`
		SANs []string `json:"sans,omitempty"`
	}
	d.Main, d.SANs = c.Names[0], c.Names[1:]
	text, _ := json.Marshal(d) // strings always encode
	return string(text)
}

// Automatic returns the host names for which the proxy obtains certificates by ACME.
func (r Route) Automatic() []string {
	if !r.Proxy.SSL.Automatic() {
		return nil
	}
	return r.Proxy.Hosts
}

// Carried returns the step that removes the backups which Carry made for its undo.
func Carried() plan.Step {
	return plan.Step{
		Name:  "remove the backups of certificates",
		Cause: "the upgrade is complete, so no undo needs them",
		Run:   dropFiles.Call("", "*.before", "routes/*.before"), Captured: true, BestEffort: true,
	}
}
