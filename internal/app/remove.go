package app

import (
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// Remove returns the step that removes a container.
func Remove(k facts.Container) plan.Step {
	return plan.Step{
		Name:  "remove container " + k.Name,
		Cause: "the app is removed",
		Run:   docker.Cmd("rm", "--force", k.ID),
		Role:  k.Role, Captured: true,
	}
}

// RemoveRest returns the steps that remove containers of release commands, and the app's images. Docker
// keeps an image that a container of another destination uses.
func RemoveRest(c *config.Project, h facts.Host) []plan.Step {
	steps := []plan.Step{{
		Name:     "remove what is left of release commands",
		Cause:    "the app is removed",
		Run:      docker.Discard.Call(labelRelease+"="+c.Name(), "0"),
		Captured: true,
	}}
	for _, i := range h.Images {
		names := i.Tags
		if len(names) == 0 {
			names = []string{i.ID}
		}
		steps = append(steps, plan.Step{
			Name:       "remove image " + names[0],
			Cause:      "the app is removed",
			Run:        docker.Cmd("image", "rm").Lits(names...),
			BestEffort: true, Captured: true,
		})
	}
	return append(steps, plan.Step{
		Name:       "remove untagged images of " + c.Service,
		Cause:      "the app is removed",
		Run:        docker.RemoveUntagged(c.Service),
		BestEffort: true, Captured: true,
	})
}
