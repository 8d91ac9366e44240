package deploy

import (
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/plan"
	"mrsk/internal/server"
)

// Freeze plans the step that locks an app on all its hosts.
func Freeze(c *config.Scope, freeze plan.Step) *plan.Plan {
	phase := plan.Phase{Name: "lock"}
	for _, host := range c.Hosts() {
		stage := plan.Stage{Name: "lock", Steps: []plan.Step{freeze, server.Audit("", "Locked")}}
		phase.Hosts = append(phase.Hosts, plan.Host{Name: host, Stages: []plan.Stage{stage}})
	}
	return &plan.Plan{Title: "lock " + named(c.Project) + " on " + strings.Join(c.Hosts(), ", "), Phases: []plan.Phase{phase}}
}
