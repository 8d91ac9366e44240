package prune

import (
	"cmp"
	"slices"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// WasHealthy reports whether a container has ever been healthy. A new container gets a restart policy only
// after it was healthy, and keeps it when it is stopped. If the policy of the role is "no", every container
// that ran counts.
func WasHealthy(c *config.Project, k facts.Container) bool {
	const none = "no"
	if k.Restart != "" && k.Restart != none {
		return true
	}
	role, _ := c.Role(k.Role)
	return role.Restart == none && !k.Started.IsZero()
}

// others returns the healthy versions of the role except the current one. The one that ran last is first.
func (r Request) others(role string) []string {
	return r.versions(role, r.healthy(role))
}

// LastOther returns for each role of the host the version to which a rollback would go.
func (r Request) LastOther() []string {
	var versions []string
	for _, role := range roles(r.Host) {
		if others := r.others(role); len(others) > 0 {
			versions = append(versions, others[0])
		}
	}
	return versions
}

// versions returns the distinct versions of containers, without the current version of the role.
func (r Request) versions(role string, containers []facts.Container) []string {
	current := r.current(role)
	var out []string
	for _, c := range containers {
		if c.Version != current && !slices.Contains(out, c.Version) {
			out = append(out, c.Version)
		}
	}
	return out
}

// current returns the version that the role runs after the plan. For a stopped role it is the version that ran
// last.
func (r Request) current(role string) string {
	if next := r.Next[role]; next != "" {
		return next
	}
	var running []facts.Container
	for _, c := range r.Host.Of(role) {
		if !r.ended(c) {
			running = append(running, c)
		}
	}
	if len(running) > 0 {
		return slices.MaxFunc(running, func(a, b facts.Container) int { return a.Started.Compare(b.Started) }).Version
	}
	for _, list := range [][]facts.Container{r.healthy(role), r.stopped(role)} {
		if len(list) > 0 {
			return list[0].Version
		}
	}
	return ""
}

// retained returns the stopped containers of the role that stay: the one that ran last, and the last one of
// each other kept version. At least one other version is kept. If no container shows that another version was
// healthy, all versions that ran are kept.
func (r Request) retained(role string) []facts.Container {
	containers := r.healthy(role)
	versions := r.others(role)
	if len(versions) == 0 {
		containers = slices.DeleteFunc(r.stopped(role), func(c facts.Container) bool { return c.Started.IsZero() })
		versions = r.versions(role, containers)
	} else {
		versions = versions[:min(max(r.Retain, 1), len(versions))]
	}
	current := r.current(role)
	var out []facts.Container
	for i, c := range containers {
		known := slices.ContainsFunc(out, func(k facts.Container) bool { return k.Version == c.Version })
		wanted := c.Version != current && (slices.Contains(versions, c.Version) || slices.Contains(r.Keep, c.Version))
		if i == 0 || wanted && !known {
			out = append(out, c)
		}
	}
	return out
}

// surplus returns the stopped containers of the role to remove. The one that ran last is first.
func (r Request) surplus(role string) []facts.Container {
	retained := r.retained(role)
	return slices.DeleteFunc(r.stopped(role), func(c facts.Container) bool {
		return slices.ContainsFunc(retained, func(k facts.Container) bool { return k.ID == c.ID })
	})
}

func (r Request) healthy(role string) []facts.Container {
	return slices.DeleteFunc(r.stopped(role), func(c facts.Container) bool { return !WasHealthy(r.Scope.Project, c) })
}

// stopped returns the containers of the role that have stopped before the prune. The one that ran last is
// first.
func (r Request) stopped(role string) []facts.Container {
	stopped := slices.DeleteFunc(r.Host.Of(role), func(c facts.Container) bool { return !r.ended(c) })
	slices.SortStableFunc(stopped, func(a, b facts.Container) int {
		return cmp.Or(r.place(a)-r.place(b), b.Finished.Compare(a.Finished))
	})
	return stopped
}

func (r Request) ended(c facts.Container) bool {
	return !c.Running() || slices.Contains(r.Stopping, c.ID)
}

// place returns the container's index in Stopping. For one that has stopped already it is the length of
// Stopping.
func (r Request) place(c facts.Container) int {
	if i := slices.Index(r.Stopping, c.ID); i >= 0 {
		return i
	}
	return len(r.Stopping)
}

func roles(h facts.Host) []string {
	var out []string
	for _, c := range h.Containers {
		out = append(out, c.Role)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
