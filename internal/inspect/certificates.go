package inspect

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
	"mrsk/internal/ui"
)

// Certificate is a certificate of ACME for a role on a host.
type Certificate struct {
	Host    string     `json:"host"`
	Role    string     `json:"role"`
	Names   []string   `json:"names"`
	Expires *time.Time `json:"expires"` // null where there is none yet
	From    string     `json:"from"`    // acme, or the host that it comes from
}

// own is where a certificate comes from that the host's proxy got itself.
const own = "acme"

// ReceivedBy are the certificates that a host has received from others, by the roles of c.
func ReceivedBy(c *config.Scope, h facts.Host) []Certificate {
	var all []Certificate
	for _, role := range c.RolesOn(h.Name) {
		if from := c.Project.IssuerFor(role.Name, h.Name); from != "" {
			all = append(all, listed(h.Name, role, from, traefik.OfRole(c.Project, role.Name).Received(h))...)
		}
	}
	return all
}

// Certificates are those that the roles of c need on a host; issued are those that its proxy has
// got itself.
func Certificates(c *config.Scope, h facts.Host, issued []traefik.Certificate) []Certificate {
	var all []Certificate
	for _, role := range c.RolesOn(h.Name) {
		if c.Project.Issuer(role.Name) == "" {
			continue
		}
		from, there := c.Project.IssuerFor(role.Name, h.Name), issued
		if from != "" {
			there = traefik.OfRole(c.Project, role.Name).Received(h)
		}
		found, missing := traefik.Covering(there, role.Proxy.Hosts)
		all = append(all, listed(h.Name, role, from, found)...)
		if len(missing) > 0 {
			all = append(all, Certificate{Host: h.Name, Role: role.Name, Names: missing, From: cmp.Or(from, own)})
		}
	}
	return all
}

func listed(host string, role config.Role, from string, found []traefik.Certificate) []Certificate {
	var all []Certificate
	for _, k := range found {
		all = append(all, Certificate{Host: host, Role: role.Name, Names: k.Names, Expires: &k.Expires, From: cmp.Or(from, own)})
	}
	return all
}

// CertificatesText returns a table of certificates.
func CertificatesText(all []Certificate, now time.Time) string {
	if len(all) == 0 {
		return "no role has certificates by ACME\n"
	}
	var rows [][]string
	for _, k := range all {
		rows = append(rows, []string{k.Host, k.Role, strings.Join(slices.Sorted(slices.Values(k.Names)), ", "), k.lasts(now), k.From})
	}
	return ui.Table([]string{"HOST", "ROLE", "NAMES", "EXPIRES", "FROM"}, rows)
}

func (k Certificate) lasts(now time.Time) string {
	switch {
	case k.Expires == nil:
		return "there is none"
	case k.Expires.Before(now):
		return "expired " + Age(now, *k.Expires) + " ago"
	}
	return "in " + Age(*k.Expires, now)
}
