package rollout

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

// tellBarrier says what the failure of the primary role means for the others: the deployment
// barrier stays closed for them, their old containers are not touched and their new ones go.
func (u *unit) tellBarrier(batch plan.Phase, err error) {
	var failed *fleet.Error
	others := otherRoles(batch, u.w.Primary)
	if !errors.As(err, &failed) || len(others) == 0 {
		return
	}
	for _, h := range failed.Hosts {
		if roleOf(h) == u.w.Primary {
			u.w.Sink(event.Note{Host: h.Host, Text: fmt.Sprintf("role %s failed: the barrier stays closed, %s not booted", u.w.Primary, strings.Join(others, ", "))})
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
