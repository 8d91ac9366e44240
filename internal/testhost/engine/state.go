package engine

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// State is what the engine holds, a line for each thing, in a form that is the same in each run:
// containers by their names, with what leads to them; images and volumes.
func (e *Engine) State() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := &strings.Builder{}
	e.writeContainers(out)
	e.writeRoutes(out)
	for _, names := range e.imageNames() {
		fmt.Fprintf(out, "image %s\n", names)
	}
	for _, n := range slices.Sorted(maps.Keys(e.volumes)) {
		fmt.Fprintf(out, "volume %s\n", stable(n))
	}
	for _, n := range e.networks[3:] {
		fmt.Fprintf(out, "network %s\n", n)
	}
	return out.String()
}

// imageNames are the names of each image, without those of Docker Hub.
func (e *Engine) imageNames() []string {
	var out []string
	for _, i := range e.images {
		if serverIn(strings.Join(i.RepoTags, " ")) != "" || len(i.RepoTags) == 0 {
			out = append(out, strings.Join(tagsOf(i), " "))
		}
	}
	slices.Sort(out)
	return out
}

func tagsOf(i *Image) []string {
	if len(i.RepoTags) == 0 {
		return []string{"without a tag, of service " + i.Config.Labels["service"]}
	}
	return slices.Sorted(slices.Values(i.RepoTags))
}

func (e *Engine) writeContainers(out *strings.Builder) {
	byName := slices.Clone(e.containers)
	slices.SortFunc(byName, func(a, b *Container) int { return strings.Compare(stable(a.Name), stable(b.Name)) })
	for _, c := range byName {
		state := c.State.Status
		if state == "exited" {
			state = fmt.Sprintf("exited %d", c.State.ExitCode)
		}
		fmt.Fprintf(out, "container %s: %s, restart %s\n", stable(c.name()), state, c.HostConfig.RestartPolicy.Name)
	}
}

// writeRoutes writes where the proxies lead apps.
func (e *Engine) writeRoutes(out *strings.Builder) {
	for _, c := range e.containers {
		for _, router := range slices.Sorted(maps.Keys(c.routes)) {
			if c.State.Running && !strings.HasPrefix(router, "mrsk-") {
				fmt.Fprintf(out, "route %s: %s\n", router, e.target(c.routes[router]))
			}
		}
	}
}

// target is the container that a service leads to.
func (e *Engine) target(service string) string {
	alias := service[strings.LastIndex(service, ".")+1:]
	if c := e.aliased(alias); c != nil {
		return stable(c.name())
	}
	return stable(service)
}

var changing = regexp.MustCompile(`(_replaced_|\.m-|-assets-m-|-exec-[^-]*-|-release-)[0-9a-f]+`)

// stable leaves out of a name what differs from run to run.
func stable(name string) string { return changing.ReplaceAllString(name, "${1}*") }

// Environment are the variables that a container was given, sorted.
func (e *Engine) Environment(container string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.find(container)
	if c == nil {
		return nil
	}
	return slices.Clone(c.Config.Env)
}

// File is the content of a file in a volume, "" without one.
func (e *Engine) File(volume, name string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := e.volumes[volume]; v != nil {
		return v.Files[name]
	}
	return ""
}

// WriteFile writes a file into a volume that is there.
func (e *Engine) WriteFile(volume, name, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.volumes[volume].Files[name] = text
}
