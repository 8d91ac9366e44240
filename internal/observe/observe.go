// Package observe asks hosts for facts, with one round trip per host. A use case declares the facts that it
// needs. Facts that do not change during a run are asked for once.
package observe

import (
	"context"
	"sync"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/fleet"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// Want declares the facts that a use case needs besides those that are always observed: the host, the app's
// containers and images, the proxy and its routes.
type Want struct {
	Accessories bool // the accessories of the configuration that belong on the host
	Former      bool // proxies of other tools, and the containers behind them
	Network     bool // whether mrsk's Docker network exists, even without containers
	Locks       bool // who holds the lease and the freeze
	Disk        bool // how much space Docker has
	Issued      bool // certificates that the proxy got by ACME, where a role of the host needs one
	Env         bool // the environment of the app's containers, which holds secrets
	Audit       int  // how many of the last lines of the audit log
}

// Observer asks the hosts of a run for facts. Its methods may be called from any goroutine.
type Observer struct {
	opts  Options
	cache cache
}

// Options are the options of an Observer.
type Options struct {
	Scope   *config.Scope
	Fleet   *fleet.Fleet
	Prelude string // shell code that sets the variables of the shell functions
	Sink    event.Sink
}

// New returns an observer with an empty cache.
func New(opts Options) *Observer { return &Observer{opts: opts} }

// Facts returns the facts of hosts, by name. If some hosts fail, it returns the complete facts of the others
// and the errors of those.
func (o *Observer) Facts(ctx context.Context, hosts []string, want Want) (map[string]facts.Host, error) {
	return o.askAll(ctx, hosts, want, func(plan.Step) bool { return true })
}

// Prefetch observes only facts that Facts can reuse. All other facts in its result are missing.
func (o *Observer) Prefetch(ctx context.Context, hosts []string, want Want) (map[string]facts.Host, error) {
	return o.askAll(ctx, hosts, want, func(question plan.Step) bool { return question.Cacheable })
}

// Forget clears the cache.
func (o *Observer) Forget() { o.cache.clear() }

func (o *Observer) askAll(ctx context.Context, hosts []string, want Want, asked func(plan.Step) bool) (map[string]facts.Host, error) {
	var mu sync.Mutex
	all := map[string]facts.Host{}
	err := o.opts.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		seen, err := o.ask(ctx, h, want, asked)
		mu.Lock()
		defer mu.Unlock()
		all[h.Name()] = seen
		return err
	})
	return all, err
}

// ask asks one host the questions that have no cached answer.
func (o *Observer) ask(ctx context.Context, h remote.Host, want Want, asked func(plan.Step) bool) (facts.Host, error) {
	parts := o.parts(h.Name(), want)
	known := o.cache.of(h.Name())
	s := script.Script{Prelude: o.opts.Prelude}
	for _, question := range questions(parts) {
		if _, found := known[question.Name]; !found && asked(question) {
			s.Steps = append(s.Steps, verboseOnly(question))
		}
	}
	results, err := s.Run(ctx, h, o.opts.Sink)
	if err != nil {
		return facts.Host{Name: h.Name()}, err
	}
	for _, result := range results {
		known[result.Step.Name] = result.Stdout
	}
	seen, err := read(h.Name(), parts, known)
	if err != nil {
		return seen, err
	}
	o.cache.add(h.Name(), questions(parts), known)
	return seen, nil
}

// verboseOnly returns a question as a step that the screen shows only with -v.
func verboseOnly(question plan.Step) script.Step {
	s := question.Script()
	s.VerboseOnly = true
	return s
}
