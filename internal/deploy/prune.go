package deploy

import (
	"fmt"
	"strings"

	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/prune"
	"mrsk/internal/server"
)

// What says what is pruned.
type What struct {
	Containers, Images bool
	Retain             int // stopped containers kept per role
}

// Prune plans that stopped containers beyond those that are kept, and images that nothing
// needs, are removed.
func Prune(s State, what What) *plan.Plan {
	hosts := s.Config.Hosts() // one of accessories may have run a role before
	phase := phaseOn("prune", hosts, s.Facts, func(h facts.Host) []plan.Step {
		r := prune.Request{Config: s.Config, Host: h, Retain: what.Retain}
		var steps []plan.Step
		if what.Containers {
			steps = append(steps, prune.Containers(r)...)
		} else {
			r.Retain = len(h.Containers) // no container goes, so none frees its image
		}
		if what.Images {
			steps = append(steps, prune.Images(r)...)
		}
		if len(steps) == 0 {
			return nil
		}
		return append(expect(s.Config, h, steps), server.Audit("", "Pruned"))
	})
	return &plan.Plan{
		Title:  fmt.Sprintf("prune %s on %s", named(s.Config), strings.Join(hosts, ", ")),
		Phases: []plan.Phase{phase},
	}
}
