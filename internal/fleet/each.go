package fleet

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/remote"
)

// Each runs fn on the named hosts concurrently and waits for all of them. It returns all failures,
// including failed connections, as an *Error. After ctx has ended it does not call fn for further
// hosts. A panic in fn is raised again in the caller's goroutine after the other hosts are done.
func (f *Fleet) Each(ctx context.Context, names []string, fn func(context.Context, remote.Host) error) error {
	names = f.sorted(names)
	if len(names) == 0 {
		return nil
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	results := make([]result, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		results[i].err = errUnfinished // stays if fn ends its goroutine
		all.Go(func() { results[i] = f.one(ctx, name, fn) })
	}
	all.Wait()
	return gather(names, results)
}

// sorted returns names without duplicates in the order of the configuration. Unknown names come last,
// in their given order.
func (f *Fleet) sorted(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return f.rank(a) - f.rank(b) })
	return out
}

func (f *Fleet) rank(name string) int {
	if i, ok := f.order[name]; ok {
		return i
	}
	return len(f.opts.Hosts)
}

var errUnfinished = errors.New("the work ended without a result")

// result is the outcome of the work on one host.
type result struct {
	err   error
	panic *panicked
}

// panicked is a panic of the work, to be raised in the caller's goroutine.
type panicked struct {
	value any
	stack []byte
}

func (f *Fleet) one(ctx context.Context, name string, fn func(context.Context, remote.Host) error) (r result) {
	defer func() {
		if v := recover(); v != nil {
			r.panic = &panicked{v, debug.Stack()}
		}
	}()
	return result{err: f.work(ctx, name, fn)}
}

func (f *Fleet) work(ctx context.Context, name string, fn func(context.Context, remote.Host) error) error {
	host, err := f.connected(ctx, name)
	if err != nil && ctx.Err() == nil {
		f.opts.Sink(event.HostFailed{Host: name, Err: err})
	}
	if err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return fn(ctx, host)
}

func gather(names []string, results []result) error {
	var failed Error
	for i, r := range results {
		if r.panic != nil {
			panic(fmt.Sprintf("on %s: %v\n\n%s", names[i], r.panic.value, r.panic.stack))
		}
		if r.err != nil {
			failed.Hosts = append(failed.Hosts, HostError{names[i], r.err})
		}
	}
	if len(failed.Hosts) == 0 {
		return nil
	}
	return &failed
}
