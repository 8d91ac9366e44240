package deploy

import (
	"fmt"
	"slices"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// Share is a role whose first host gets a certificate by ACME for the others, too.
type Share struct {
	Role   string
	Names  []string // that the certificate is for
	Issuer string
	Hosts  []string // of the run, that receive it
}

// Shares are those of the roles of c that have hosts which receive their certificate.
func Shares(c *config.Scope) []Share {
	var all []Share
	for _, role := range c.Roles {
		var hosts []string
		for _, h := range role.Hosts {
			if c.Project.IssuerFor(role.Name, h.Name) != "" {
				hosts = append(hosts, h.Name)
			}
		}
		if len(hosts) > 0 {
			all = append(all, Share{Role: role.Name, Names: role.Proxy.Hosts, Issuer: c.Project.Issuer(role.Name), Hosts: hosts})
		}
	}
	return all
}

// ShareCertificates plans that hosts have the certificates that others have got, by role. Hosts
// without a proxy get theirs when they have one.
func ShareCertificates(s State, issued map[string][]traefik.Certificate) *plan.Plan {
	shares := Shares(s.Scope)
	return s.plan("bring certificates of", s.phase("certificates", func(h facts.Host) []plan.Step {
		var steps []plan.Step
		for _, share := range shares {
			certificates := issued[share.Role]
			if !slices.Contains(share.Hosts, h.Name) || len(certificates) == 0 || !h.Proxy.Running() {
				continue
			}
			receive := shared(traefik.OfRole(s.Scope.Project, share.Role).Receive(share.Issuer, certificates, h))
			if len(receive) > 0 {
				steps = append(append(steps, receive...), server.Audit(share.Role, fmt.Sprintf("Received the certificate from %s", share.Issuer)))
			}
		}
		return steps
	}))
}
