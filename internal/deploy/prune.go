package deploy

import (
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/prune"
	"mrsk/internal/server"
)

// What says what is pruned.
type What struct {
	Containers, Images bool
	Retain             int // versions kept per role, besides the current one
}

// Prune plans that stopped containers and images are removed which no version needs that is kept.
func Prune(s State, what What) *plan.Plan {
	hosts := s.Scope.Hosts() // one of accessories may have run a role before
	ofHost := func(h facts.Host) prune.Request {
		return prune.Request{Scope: s.Scope, Host: h, Retain: what.Retain, ImagesOnly: !what.Containers}
	}
	keep := lastOthers(hosts, s.Facts, ofHost)
	phase := phaseOn("prune", hosts, s.Facts, func(h facts.Host) []plan.Step {
		r := ofHost(h)
		r.Keep = keep
		var steps []plan.Step
		if what.Containers {
			steps = append(steps, prune.Containers(r)...)
		}
		if what.Images {
			steps = append(steps, prune.Images(r)...)
		}
		if len(steps) == 0 {
			return nil
		}
		return append(expect(s.Scope.Project, h, steps), server.Audit("", "Pruned"))
	})
	return &plan.Plan{
		Title:  fmt.Sprintf("prune %s on %s", named(s.Scope.Project), strings.Join(hosts, ", ")),
		Phases: []plan.Phase{phase},
	}
}

// lastOthers are the versions that the hosts would go back to. Each host keeps all of them, as a
// rollback needs one on all hosts.
func lastOthers(hosts []string, seen map[string]facts.Host, ofHost func(facts.Host) prune.Request) []string {
	var versions []string
	for _, host := range hosts {
		versions = append(versions, ofHost(seen[host]).LastOther()...)
	}
	slices.Sort(versions)
	return slices.Compact(versions)
}

// prune removes what no version needs that is kept, once the host's old containers have stopped.
func (r Request) prune(host string) []plan.Step {
	p := r.retention(r.Facts[host])
	p.Keep = append(lastOthers(r.Scope.AppHosts(), r.Facts, r.retention), r.Version)
	return slices.Concat(prune.Containers(p), r.sweepAssets(host), prune.Images(p))
}

// retention says what will be current on a host, and what will have stopped.
func (r Request) retention(h facts.Host) prune.Request {
	p := prune.Request{Scope: r.Scope, Host: h, Retain: r.Scope.Project.RetainContainers, Next: map[string]string{}}
	for _, b := range r.bootsOn(h.Name) {
		p.Next[b.boot.Role.Name] = r.Version
		if old, runs := b.boot.Old(); runs {
			p.Stopping = append(p.Stopping, old.ID)
		}
		for _, c := range b.boot.Stale() {
			p.Stopping = append(p.Stopping, c.ID)
		}
	}
	for _, role := range r.retired(h.Name) {
		for _, c := range app.Running(h, role.Name) {
			p.Stopping = append(p.Stopping, c.ID)
		}
	}
	return p
}
