package deploy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/prune"
	"mrsk/internal/traefik"
)

// Departed is a host on which the app was deployed, and where the configuration has no role any more.
type Departed struct {
	Host    string
	Roles   []string
	Version string // that was deployed there last
}

// DepartedHosts returns the hosts on which the app was to run, as containers say that were healthy, and
// where the configuration has no role any more. Those hosts are not asked. Only the newest version of each
// role and the one before it count, so that a host is no longer named once the app was deployed twice
// without it: nothing tells whether it was cleaned up or is gone.
func DepartedHosts(c *config.Scope, all map[string]facts.Host) []Departed {
	var containers []facts.Container
	for _, host := range c.AppHosts() {
		containers = append(containers, all[host].Containers...)
	}
	slices.SortStableFunc(containers, func(a, b facts.Container) int { return b.Created.Compare(a.Created) })
	var out []Departed
	for _, k := range recent(c.Project, containers) {
		for _, d := range departedBy(k) {
			named := func(o Departed) bool { return c.Project.SameHost(o.Host, d.Host) }
			if !c.Project.HasRole(d.Host) && config.IsHostName(d.Host) && !slices.ContainsFunc(out, named) {
				out = append(out, d)
			}
		}
	}
	return out
}

// recent returns the containers that were healthy of the last two versions of each role. containers are
// sorted, the newest first.
func recent(c *config.Project, containers []facts.Container) []facts.Container {
	versions := map[string][]string{}
	return slices.DeleteFunc(containers, func(k facts.Container) bool {
		if !prune.WasHealthy(c, k) {
			return true
		}
		known := slices.Contains(versions[k.Role], k.Version)
		if !known {
			versions[k.Role] = append(versions[k.Role], k.Version)
		}
		return slices.Index(versions[k.Role], k.Version) > 1
	})
}

// departedBy are all hosts of a container's placement.
func departedBy(k facts.Container) []Departed {
	roles := map[string][]string{}
	for role, hosts := range k.Placement {
		for _, host := range hosts {
			roles[host] = append(roles[host], role)
		}
	}
	var out []Departed
	for host, of := range roles {
		slices.Sort(of)
		out = append(out, Departed{Host: host, Roles: of, Version: k.Version})
	}
	slices.SortFunc(out, func(a, b Departed) int { return cmp.Compare(a.Host, b.Host) })
	return out
}

func (d Departed) note(c *config.Project) string {
	left := "is no longer in the configuration"
	if c.Has(d.Host) {
		left = "has no role in the configuration any more"
	}
	return fmt.Sprintf("%s %s and may still run %s with %s; `mrsk app remove --departed %[1]s` removes it",
		d.Host, left, d.Version, roleList(d.Roles))
}

func roleList(roles []string) string {
	if len(roles) == 1 {
		return "role " + roles[0]
	}
	return "roles " + strings.Join(roles, ", ")
}

// departed returns notes about hosts that left the configuration.
func (r Request) departed() []string {
	var notes []string
	for _, d := range DepartedHosts(r.Scope, r.Facts) {
		notes = append(notes, d.note(r.Scope.Project))
	}
	return notes
}

// unserved describes what hosts serve now and no longer serve after the rollout: clients that come there
// for it get 502.
func (r Request) unserved() []string {
	var questions []string
	for _, host := range r.Scope.AppHosts() {
		kept := r.claimsAfter(host)
		for _, role := range r.leaving(host) {
			what, clients := "requests", "to "+host
			if len(kept) > 0 {
				lost := config.Uncovered(traefik.OfRole(r.Scope.Project, role).Claims(r.Facts[host]), kept)
				if len(lost) == 0 {
					continue
				}
				what, clients = config.Few(lost), "for it"
			}
			questions = append(questions, fmt.Sprintf("%s no longer serves %s: role %s %s; clients that come %s get 502",
				host, what, role, r.whyLeaves(host, role), clients))
		}
	}
	return questions
}

// claimsAfter returns what the roles claim that the host has behind the proxy after the rollout.
func (r Request) claimsAfter(host string) []config.Claim {
	var claims []config.Claim
	for _, role := range r.Scope.Project.RolesOn(host) {
		if role.Proxy != nil {
			claims = append(claims, role.Proxy.Claims()...)
		}
	}
	return claims
}

// leaving are the roles that the host serves requests with now, and not after the rollout. A role that
// stays behind the proxy is none, whatever its new route is: that is what somebody wrote there.
func (r Request) leaving(host string) []string {
	var roles []string
	for _, b := range r.bootsOn(host) {
		if b.route == nil {
			roles = append(roles, b.boot.Role.Name)
		}
	}
	for _, role := range r.retired(host) {
		roles = append(roles, role.Name)
	}
	return slices.DeleteFunc(roles, func(role string) bool {
		return traefik.OfRole(r.Scope.Project, role).Serving(r.Facts[host]) == "" || len(app.Running(r.Facts[host], role)) == 0
	})
}

func (r Request) whyLeaves(host, role string) string {
	names := func(kept config.Role) bool { return kept.Name == role }
	if slices.ContainsFunc(r.Scope.RolesOn(host), names) {
		return "is no longer behind the proxy"
	}
	var others []string
	for _, kept := range r.Scope.RolesOn(host) {
		others = append(others, kept.Name)
	}
	return "leaves it, which now has " + roleList(others)
}
