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

// A host that receives its certificate from another has two more files: one routes ACME challenges to the
// issuer, the other has the certificate. They are separate from the route file, so a change or an undo of
// the route does not touch them. They end in .yaml; route files end in .yml.
const (
	passing  = "challenge.yaml"
	received = "received.yaml"
)

// passPriority is above the priority of challengeRouter.
const passPriority = 200_000

// sharedOn returns the content of one of these files on a host, and whether it exists.
func sharedOn(h facts.Host, name string) (string, bool) {
	for _, r := range h.Shared {
		if r.File == name {
			return r.Content, true
		}
	}
	return "", false
}

// Pass returns the step that makes the proxy pass HTTP challenges of ACME on to the issuer. So the ACME
// server may connect to any host. It returns no step if the proxy already does. The step has no undo,
// because passing challenges on does no harm.
func (r Route) Pass(h facts.Host) []plan.Step {
	name := r.object(passing)
	content := r.passContent()
	if there, _ := sharedOn(h, name); content == "" || there == content {
		return nil
	}
	object := r.object("challenge")
	return []plan.Step{{
		Name:  "pass challenges of ACME for " + r.String() + " on to " + r.Issuer,
		Cause: r.Issuer + " obtains the certificate for all hosts",
		Run:   setRoute.Call(name, object, object, content),
		Role:  r.role, Captured: true,
	}}
}

// passContent returns the text of Pass's file, or "" if the route needs none.
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

// Unshare returns the step that removes files which are no longer needed. A host that has become the
// issuer would not request a certificate while it has one from another host.
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
		Run:   dropFiles.Call(h.Proxy.Helper).Lits(names...),
		Role:  r.role, BestEffort: true, Captured: true,
	}}
}

// Receive returns the step that copies the issuer's certificates to a host. It returns no step if the host
// has the same ones.
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
		Cause: issuer + " obtained it by ACME",
		Run:   put.Pipe(inside(intoProxy, insideStore, "routes/"+o.object(received))),
		Role:  o.role, Captured: true,
	}}
}
