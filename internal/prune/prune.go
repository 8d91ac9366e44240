// Package prune decides which stopped containers and unused images of an app are removed.
package prune

import (
	"cmp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Request is what to keep on a host.
type Request struct {
	Config *config.Config
	Host   facts.Host
	Retain int // stopped containers kept per role
	// Stopping are the ids of containers that run now and will have stopped when the steps are
	// run: they count among the stopped ones, as the newest, the first of them before the others.
	Stopping []string
	// Keep are versions whose images stay, whatever containers there are.
	Keep []string
}

// Containers removes the stopped containers of each role but the newest. It counts per role: a
// role with many short-lived containers does not push out another role's way back.
func Containers(r Request) []plan.Step {
	var steps []plan.Step
	for _, role := range roles(r.Host) {
		for _, c := range r.surplus(role) {
			steps = append(steps, plan.Step{
				Name:      "remove container " + c.Name,
				Cause:     "newer stopped ones are kept",
				Run:       shell.Cmd("docker", "rm", c.ID),
				Role:      role,
				Tolerated: true,
				Private:   true,
			})
		}
	}
	return steps
}

func roles(h facts.Host) []string {
	var out []string
	for _, c := range h.Containers {
		out = append(out, c.Role)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// surplus are the stopped containers of a role beyond those that are kept, the one that was
// stopped last coming first.
func (r Request) surplus(role string) []facts.Container {
	stopped := slices.DeleteFunc(r.Host.Of(role), func(c facts.Container) bool {
		return c.Running() && !slices.Contains(r.Stopping, c.ID)
	})
	slices.SortStableFunc(stopped, func(a, b facts.Container) int {
		return cmp.Or(r.place(a)-r.place(b), b.Finished.Compare(a.Finished))
	})
	return stopped[min(r.Retain, len(stopped)):]
}

// place is the container's among those that stop, behind all of them if it has stopped before.
func (r Request) place(c facts.Container) int {
	if i := slices.Index(r.Stopping, c.ID); i >= 0 {
		return i
	}
	return len(r.Stopping)
}

// Images removes the app's images that no container needs any more, once Containers is done.
// The image of the latest tag stays, and so do untagged ones that something still uses: docker
// refuses to remove those.
func Images(r Request) []plan.Step {
	gone := map[string]bool{}
	for _, role := range roles(r.Host) {
		for _, c := range r.surplus(role) {
			gone[c.ID] = true
		}
	}
	var used []string
	for _, c := range r.Host.Containers {
		if !gone[c.ID] {
			used = append(used, c.Image)
		}
	}
	var steps []plan.Step
	for _, i := range r.Host.Images {
		if !slices.Contains(used, i.ID) && !r.kept(i) {
			steps = append(steps, r.removeImage(i))
		}
	}
	return append(steps, r.dangling())
}

func (r Request) kept(i facts.Image) bool {
	if slices.ContainsFunc(i.Tags, func(tag string) bool { return strings.HasPrefix(tag, r.Config.AbsoluteImage("latest")) }) {
		return true // some destination of this host has it deployed
	}
	for _, version := range append(r.Keep, r.Config.LatestTag()) {
		if slices.Contains(i.Tags, r.Config.AbsoluteImage(version)) {
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
		Name:      "remove image " + names[0],
		Cause:     "no container needs it",
		Run:       shell.Cmd("docker", "image", "rm").Lits(names...),
		Tolerated: true,
		Private:   true,
	}
}

func (r Request) dangling() plan.Step {
	return plan.Step{
		Name:      "remove untagged images of " + r.Config.Service,
		Cause:     "a newer image took their tag",
		Run:       shell.Cmd("docker", "image", "prune", "--force", "--filter", "label="+docker.LabelService+"="+r.Config.Service),
		Tolerated: true,
		Private:   true,
	}
}
