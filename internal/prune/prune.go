// Package prune decides which stopped containers and unused images of an app are removed. It counts versions
// and not containers, so deploying one version repeatedly removes no other version.
package prune

import (
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// Request says what to keep on a host.
type Request struct {
	Scope  *config.Scope
	Host   facts.Host
	Retain int // versions kept per role, besides the current one
	// Next has the version that a role will run after the plan, by role, if that is not the current
	// one.
	Next map[string]string
	// Stopping are the IDs of running containers that stop before the prune. They count as stopped;
	// the first one counts as the newest.
	Stopping []string
	// Keep are versions that are always kept.
	Keep []string
	// ImagesOnly tells that the plan removes no containers.
	ImagesOnly bool
}

// Containers returns the steps that remove stopped containers which are not kept. It counts versions per role,
// so a role with many containers removes no versions of another role.
func Containers(r Request) []plan.Step {
	var steps []plan.Step
	for _, role := range roles(r.Host) {
		for _, c := range r.surplus(role) {
			steps = append(steps, plan.Step{
				Name:       "remove container " + c.Name,
				Cause:      r.whyGone(c),
				Run:        docker.Cmd("rm", c.ID),
				Role:       role,
				BestEffort: true,
				Captured:   true,
			})
		}
	}
	return steps
}

func (r Request) whyGone(c facts.Container) string {
	same := func(k facts.Container) bool { return k.Version == c.Version }
	switch {
	case !WasHealthy(r.Scope.Project, c):
		return "it was never healthy"
	case c.Version == r.current(c.Role) || slices.ContainsFunc(r.retained(c.Role), same):
		return "there is a newer container of version " + c.Version
	}
	return "newer versions are kept"
}

// Images returns the steps that remove the app's images which no kept version needs, after the steps of
// Containers. If no container shows that another version was healthy, all tagged images stay: the stopped
// containers may have been removed by hand.
func Images(r Request) []plan.Step {
	staying := r.staying()
	var steps []plan.Step
	for _, i := range r.Host.Images {
		if !r.needed(i, staying) && (len(i.Tags) == 0 || len(r.LastOther()) > 0) {
			steps = append(steps, r.removeImage(i))
		}
	}
	return append(steps, r.removeUntagged())
}

func (r Request) removeUntagged() plan.Step {
	return plan.Step{
		Name:       "remove untagged images of " + r.Scope.Project.Service,
		Cause:      "a newer image took their tag",
		Run:        docker.RemoveUntagged(r.Scope.Project.Service),
		BestEffort: true,
		Captured:   true,
	}
}

// staying returns the app's containers that Containers does not remove.
func (r Request) staying() []facts.Container {
	if r.ImagesOnly {
		return r.Host.Containers
	}
	var gone []string
	for _, role := range roles(r.Host) {
		for _, c := range r.surplus(role) {
			gone = append(gone, c.ID)
		}
	}
	return slices.DeleteFunc(slices.Clone(r.Host.Containers), func(c facts.Container) bool { return slices.Contains(gone, c.ID) })
}

// needed reports whether a container that stays, a kept version, or another destination needs the image.
func (r Request) needed(i facts.Image, staying []facts.Container) bool {
	tagged := func(version string) bool { return slices.Contains(i.Tags, r.Scope.Project.AbsoluteImage(version)) }
	if slices.ContainsFunc(staying, func(c facts.Container) bool { return c.Image == i.ID || tagged(c.Version) }) {
		return true
	}
	for _, next := range r.Next {
		if tagged(next) {
			return true
		}
	}
	latest := func(tag string) bool { return strings.HasPrefix(tag, r.Scope.Project.AbsoluteImage("latest")) }
	return slices.ContainsFunc(r.Keep, tagged) || slices.ContainsFunc(i.Tags, latest) || r.usedByOthers(i)
}

// usedByOthers reports whether a container that is not the app's, such as one of another destination, uses the
// image.
func (r Request) usedByOthers(i facts.Image) bool {
	for _, seen := range r.Host.Seen {
		own := func(c facts.Container) bool { return c.ID == seen.ID }
		if !slices.ContainsFunc(r.Host.Containers, own) && (seen.Image == i.ID || slices.Contains(i.Tags, seen.Reference)) {
			return true
		}
	}
	return false
}

func (r Request) removeImage(i facts.Image) plan.Step {
	names := i.Tags
	if len(names) == 0 {
		names = []string{i.ID}
	}
	return plan.Step{
		Name:       "remove image " + names[0],
		Cause:      "no version that is kept needs it",
		Run:        docker.Cmd("image", "rm").Lits(names...),
		BestEffort: true,
		Captured:   true,
	}
}
