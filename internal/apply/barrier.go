package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/plan"
	"mrsk/internal/script"
)

// noteBarrier says what the failure of the primary role means for the other roles: the deployment
// barrier stays closed, so their old containers stay and their new ones are removed.
func (r *rolloutRun) noteBarrier(batch plan.Phase, err error) {
	var failed *fleet.Error
	others := otherRoles(batch, r.w.Primary)
	if !errors.As(err, &failed) || len(others) == 0 {
		return
	}
	for _, h := range failed.Hosts {
		if roleOf(h) == r.w.Primary {
			r.w.Sink(event.Note{Host: h.Host, Text: fmt.Sprintf("role %s failed: the barrier stays closed, %s not booted", r.w.Primary, strings.Join(others, ", "))})
		}
	}
}

// roleOf is the role of the step that failed on a host.
func roleOf(h fleet.HostError) string {
	var failed *script.StepError
	if !errors.As(h.Err, &failed) {
		return ""
	}
	return failed.Step.Role
}

func otherRoles(batch plan.Phase, primary string) []string {
	var roles []string
	for _, s := range allSteps(batch) {
		if s.Role != "" && s.Role != primary {
			roles = append(roles, s.Role)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

func allSteps(batch plan.Phase) []plan.Step {
	var all []plan.Step
	for _, h := range batch.Hosts {
		for _, stage := range h.Stages {
			all = append(all, stage.Steps...)
		}
	}
	return all
}
