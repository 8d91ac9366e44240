package traefik

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// A host that receives its certificate has two files beside the route, which so takes no part in
// them: one passes what the ACME server asks on to the issuer, the other is the certificate. They
// end in .yaml, as no route file does.
const (
	passing  = "challenge.yaml"
	received = "received.yaml"
)

// passPriority is above that of the proxy's own answer.
const passPriority = 200_000

// sharedOn is the content of one of the files on a host, and whether it is there.
func sharedOn(h facts.Host, name string) (string, bool) {
	for _, r := range h.Shared {
		if r.File == name {
			return r.Content, true
		}
	}
	return "", false
}

// Pass makes the proxy pass what an ACME server asks over HTTP on to the issuer, so that it
// does not matter which host the server asks. It is no step where it does so already, and has no
// undo: it does no harm.
func (r Route) Pass(h facts.Host) []plan.Step {
	name := r.object(passing)
	content := r.passContent()
	if there, _ := sharedOn(h, name); content == "" || there == content {
		return nil
	}
	object := r.object("challenge")
	return []plan.Step{{
		Name:  "pass challenges of ACME for " + r.String() + " on to " + r.Issuer,
		Cause: r.Issuer + " gets the certificate for all hosts",
		Run:   setRoute.Call(name, object, object, content),
		Role:  r.role, Captured: true,
	}}
}

// passContent is the file of Pass, "" where nothing is to be passed.
func (r Route) passContent() string {
	if r.Issuer == "" || r.Proxy.Run.ACME.Challenge != config.HTTPChallenge {
		return ""
	}
	object := r.object("challenge")
	return file{HTTP: httpSection{
		Routers: map[string]router{object: {
			EntryPoints: []string{"http"}, Rule: rule(r.Proxy.Hosts, challengePath), Priority: passPriority, Service: object,
		}},
		Services: map[string]service{object: {LoadBalancer: loadBalancer{
			Servers: []upstream{{URL: r.issuerURL()}}, PassHostHeader: true,
		}}},
	}}.encode()
}

func (r Route) issuerURL() string {
	host := r.Issuer
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("http://%s:%d", host, r.IssuerPort)
}

// Unshare removes the files that are no longer wanted: a host that has become the issuer would not
// get a certificate as long as it has one from elsewhere.
func (r Route) Unshare(h facts.Host) []plan.Step {
	wanted := map[string]bool{received: r.Issuer != "", passing: r.passContent() != ""}
	var names []string
	for _, kind := range []string{passing, received} {
		name := r.object(kind)
		if _, there := sharedOn(h, name); there && !wanted[kind] {
			names = append(names, "routes/"+name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []plan.Step{{
		Name:  "remove what " + r.String() + " received from another host",
		Cause: "its certificate no longer comes from there",
		Run:   dropFiles.Call().Lits(names...),
		Role:  r.role, BestEffort: true, Captured: true,
	}}
}

// Receive brings certificates that the issuer has got. It is no step where the host has the same.
func (o Owner) Receive(issuer string, certificates []Certificate, h facts.Host) []plan.Step {
	if slices.EqualFunc(o.Received(h), certificates, Certificate.same) {
		return nil
	}
	var content struct {
		TLS tlsSection `json:"tls"`
	}
	for _, k := range certificates {
		content.TLS.Certificates = append(content.TLS.Certificates, certificate{CertFile: k.PEM, KeyFile: k.Key.Reveal()})
	}
	put := shell.Cmd("printf", `%s\n`).Add(shell.Secret(redact.New(encode(content))))
	return []plan.Step{{
		Name:  "copy the certificate of " + o.String(),
		Cause: issuer + " has got it by ACME",
		Run:   put.Pipe(inside(intoProxy, insideStore, "routes/"+o.object(received))),
		Role:  o.role, Captured: true,
	}}
}
