package rollout

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"mrsk/internal/accessory"
	"mrsk/internal/app"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// feature is a part of the facts: the steps that fetch it and the parser for what they print.
type feature struct {
	observe []plan.Step
	read    func(output func(step string) []byte, h *facts.Host) error
}

func (r *Run) features(host string) []feature {
	readApp := func(output func(string) []byte, h *facts.Host) error { return app.Read(r.Config, output, h) }
	readProxy := func(output func(string) []byte, h *facts.Host) error { traefik.Read(output, h); return nil }
	all := []feature{
		{server.Observe(), server.Read},
		r.containers(host),
		{app.Observe(r.Config), readApp},
		{traefik.Observe(), readProxy},
	}
	if r.WithNetwork {
		all = append(all, feature{traefik.ObserveNetwork(), traefik.ReadNetwork})
	}
	if r.WithLocks {
		all = append(all, feature{lock.Observe(), lock.Read})
	}
	if r.WithFormer {
		all = append(all, feature{traefik.ObserveFormer(r.Config.AutomaticNames()), traefik.ReadFormer})
	}
	if r.WithAccessories {
		wanted := r.Config.AccessoriesOn(host)
		all = append(all, feature{accessory.Observe(wanted), func(output func(string) []byte, h *facts.Host) error {
			return accessory.Read(wanted, output, h)
		}})
	}
	return all
}

// seeContainers is the name of the step that looks at the containers of all features.
const seeContainers = "look at the containers"

// containers are fetched for all features at once; each picks its own out of them.
func (r *Run) containers(host string) feature {
	services := []string{r.Config.Service}
	if r.WithAccessories {
		for _, a := range r.Config.AccessoriesOn(host) {
			services = append(services, a.Service)
		}
	}
	look := docker.Look(services, traefik.Container)
	return feature{
		[]plan.Step{{Name: seeContainers, Run: look, Private: true}},
		func(output func(string) []byte, h *facts.Host) (err error) {
			h.Seen, err = docker.Lines(output(seeContainers), func(s docker.Seen) docker.Seen { return s })
			if err != nil {
				err = fmt.Errorf("read docker's list of containers: %w", err)
			}
			return err
		},
	}
}

// memory is what a run has seen of its hosts and need not ask again: the output of the steps
// that are marked as lasting, by host and step.
type memory struct {
	mu   sync.Mutex
	seen map[string]map[string][]byte
}

// of is what is remembered of a host; the caller may add to it.
func (m *memory) of(host string) map[string][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string][]byte{}
	maps.Copy(known, m.seen[host])
	return known
}

func (m *memory) keep(host, step string, out []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[string]map[string][]byte{}
	}
	if m.seen[host] == nil {
		m.seen[host] = map[string][]byte{}
	}
	m.seen[host][step] = out
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = nil
}

// Observe looks at hosts, in one round trip each. What was seen before in this run, and lasts,
// is not looked at again.
func (r *Run) Observe(ctx context.Context, hosts []string) (map[string]facts.Host, error) {
	return r.observe(ctx, hosts, everything)
}

func everything(plan.Step) bool { return true }
func lasting(s plan.Step) bool  { return s.Lasting }

// observe looks at what is wanted of hosts. What was neither wanted nor seen before is missing in
// the facts.
func (r *Run) observe(ctx context.Context, hosts []string, wanted func(plan.Step) bool) (map[string]facts.Host, error) {
	var mu sync.Mutex
	all := map[string]facts.Host{}
	err := r.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		seen, err := r.look(ctx, h, wanted)
		mu.Lock()
		defer mu.Unlock()
		all[h.Name()] = seen
		return err
	})
	return all, err
}

func (r *Run) look(ctx context.Context, h remote.Host, wanted func(plan.Step) bool) (facts.Host, error) {
	seen := facts.Host{Name: h.Name()}
	known := r.memory.of(h.Name())
	s := script.Script{Prelude: r.preludes(), Steps: r.looks(h.Name(), known, wanted)}
	results, err := s.Run(ctx, h, r.Sink)
	if err != nil {
		return seen, err
	}
	for _, result := range results {
		known[result.Step.Name] = result.Stdout
	}
	output := func(step string) []byte { return known[step] }
	for _, f := range r.features(h.Name()) {
		if err := f.read(output, &seen); err != nil {
			return seen, err
		}
	}
	r.remember(h.Name(), known)
	return seen, nil
}

// looks are the steps whose output is wanted and not known yet.
func (r *Run) looks(host string, known map[string][]byte, wanted func(plan.Step) bool) []script.Step {
	var steps []script.Step
	for _, f := range r.features(host) {
		for _, s := range f.observe {
			if _, seen := known[s.Name]; seen || !wanted(s) {
				continue
			}
			look := s.Script()
			look.Minor = true
			steps = append(steps, look)
		}
	}
	return steps
}

func (r *Run) remember(host string, known map[string][]byte) {
	for _, f := range r.features(host) {
		for _, s := range f.observe {
			if out, seen := known[s.Name]; seen && s.Lasting {
				r.memory.keep(host, s.Name, out)
			}
		}
	}
}

// pulled adds an image that this run has brought to a host to what is known of the host. Without
// an earlier look there is nothing to add to, and the next one will see it.
func (r *Run) pulled(host string, image []byte) {
	if before, known := r.memory.of(host)[app.SeeImages]; known {
		r.memory.keep(host, app.SeeImages, slices.Concat(before, []byte("\n"), image))
	}
}
