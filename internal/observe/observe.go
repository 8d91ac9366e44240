// Package observe asks hosts for facts, in one round trip each. A use case declares what it wants
// to know; what was asked before in the same run, and does not change meanwhile, is not asked again.
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

// Want declares the facts that a use case needs besides those that are always asked for: the host,
// the app's containers and images, the proxy and its routes.
type Want struct {
	Accessories bool // the accessories of the configuration that belong on the host
	Former      bool // proxies of other tools, and the containers behind them
	Network     bool // whether Docker's network of mrsk exists, even when nothing runs on it
	Locks       bool // who holds the lease and the freeze
}

// Observer asks the hosts of a run for facts. Its methods may be called from any goroutine.
type Observer struct {
	opts  Options
	cache cache
}

// Options say whom to ask, and about what.
type Options struct {
	Scope   *config.Scope
	Fleet   *fleet.Fleet
	Prelude string // sets the variables that shell functions read
	Sink    event.Sink
}

// New returns an observer that has asked nothing yet.
func New(opts Options) *Observer { return &Observer{opts: opts} }

// Facts asks hosts for all that is wanted. The error is about the hosts that did not answer; the
// facts of the others are complete.
func (o *Observer) Facts(ctx context.Context, hosts []string, want Want) (map[string]facts.Host, error) {
	return o.askAll(ctx, hosts, want, func(plan.Step) bool { return true })
}

// Prefetch asks only what Facts will not have to ask again. All other facts are missing in what it
// returns.
func (o *Observer) Prefetch(ctx context.Context, hosts []string, want Want) (map[string]facts.Host, error) {
	return o.askAll(ctx, hosts, want, func(question plan.Step) bool { return question.Cacheable })
}

// Forget makes the observer ask everything again.
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

// ask asks one host what is not in the cache.
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

// verboseOnly is a question as a step that only a verbose screen shows.
func verboseOnly(question plan.Step) script.Step {
	s := question.Script()
	s.VerboseOnly = true
	return s
}
