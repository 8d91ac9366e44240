package fleet

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// named is a host that only has a name.
type named string

func (n named) Name() string { return string(n) }

func (n named) Start(context.Context, string) (remote.Session, error) {
	return nil, errors.New("a named host runs nothing")
}

func fake(hosts ...string) *Fleet {
	return New(Options{Hosts: hosts, Dial: func(_ context.Context, name string) (remote.Host, error) {
		return named(name), nil
	}})
}

func TestEach_tells_all_failures_folded_in_config_order(t *testing.T) {
	t.Parallel()
	f := fake("c", "a", "b", "d")
	err := f.Each(t.Context(), []string{"d", "b", "a", "c", "b"}, func(_ context.Context, h remote.Host) error {
		switch h.Name() {
		case "a":
			return nil
		case "d":
			return errors.New("no space left")
		}
		return errors.New("permission denied")
	})
	if diff := cmp.Diff("c, b: permission denied\nd: no space left", err.Error()); diff != "" {
		t.Error(diff)
	}
	var failed *Error
	if !errors.As(err, &failed) || len(failed.Unwrap()) != 3 {
		t.Errorf("%#v", err)
	}
}

func TestEach_tells_which_hosts_cannot_be_reached(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []event.Event
	f := New(Options{
		Dial: func(_ context.Context, name string) (remote.Host, error) {
			if name == "b" {
				return nil, errors.New("refused")
			}
			return named(name), nil
		},
		Sink: func(e event.Event) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e)
		},
	})
	if err := f.Each(t.Context(), []string{"a", "b"}, func(context.Context, remote.Host) error { return nil }); err == nil {
		t.Error("it did not fail")
	}
	if len(told) != 1 || told[0].(event.HostFailed).Host != "b" {
		t.Errorf("told %+v", told)
	}
}

func TestEach_waits_for_every_host(t *testing.T) {
	t.Parallel()
	f := fake("a", "b")
	failed := make(chan struct{})
	var finished atomic.Bool
	err := f.Each(t.Context(), []string{"a", "b"}, func(_ context.Context, h remote.Host) error {
		if h.Name() == "a" {
			close(failed)
			return errors.New("broken")
		}
		<-failed
		finished.Store(true)
		return nil
	})
	if err == nil || err.Error() != "a: broken" || !finished.Load() {
		t.Fatalf("err = %v, b finished: %t", err, finished.Load())
	}
}

func TestEach_runs_before_connect_once_and_stops_on_its_error(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	f := New(Options{
		Hosts: []string{"a", "b"},
		Dial: func(_ context.Context, name string) (remote.Host, error) {
			t.Error("connected to " + name)
			return named(name), nil
		},
		BeforeConnect: func(context.Context) error {
			calls.Add(1)
			return errors.New("pre-connect hook failed")
		},
	})
	for range 2 {
		err := f.Each(t.Context(), []string{"a", "b"}, func(context.Context, remote.Host) error { return nil })
		if err == nil || err.Error() != "pre-connect hook failed" {
			t.Errorf("err = %v", err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("ran %d times", calls.Load())
	}
}

func TestEach_starts_nothing_after_the_context_ended(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	f := New(Options{Hosts: []string{"a"}, Dial: func(_ context.Context, name string) (remote.Host, error) {
		cancel(interrupted)
		return named(name), nil
	}})
	fn := func(context.Context, remote.Host) error {
		t.Error("fn was called")
		return nil
	}
	for range 2 {
		if err := f.Each(ctx, []string{"a"}, fn); !errors.Is(err, interrupted) {
			t.Errorf("err = %v", err)
		}
	}
}

func TestEach_raises_a_panic_after_the_others_are_done(t *testing.T) {
	t.Parallel()
	f := fake("a", "b")
	panicking := make(chan struct{})
	var finished atomic.Bool
	defer func() {
		v, _ := recover().(string)
		if !strings.HasPrefix(v, "on a: broken invariant") || !finished.Load() {
			t.Errorf("panic %q, b finished: %t", v, finished.Load())
		}
	}()
	_ = f.Each(t.Context(), []string{"a", "b"}, func(_ context.Context, h remote.Host) error {
		if h.Name() == "a" {
			defer close(panicking)
			panic("broken invariant")
		}
		<-panicking
		finished.Store(true)
		return nil
	})
	t.Error("no panic")
}

func TestFleet_keeps_one_connection_per_host(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	f := New(Options{Hosts: []string{srv.Addr()}, Remote: srv.Options()})
	defer f.Close()
	for range 3 {
		err := f.Each(t.Context(), []string{srv.Addr()}, func(ctx context.Context, h remote.Host) error {
			s, err := h.Start(ctx, "true")
			if err != nil {
				return err
			}
			return s.Wait()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := srv.Counts().Connections; n != 1 {
		t.Errorf("%d connections", n)
	}
}
