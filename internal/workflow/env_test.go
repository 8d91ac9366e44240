package workflow

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/hook"
	"mrsk/internal/lock"
	"mrsk/internal/redact"
	"mrsk/internal/testfleet"
)

// newEnv is the environment of a run on vm1, a host on which version v1 runs.
func newEnv(t *testing.T) (Env, *testfleet.Fleet) {
	t.Helper()
	f := testfleet.NewWithDocker(t, "vm1")
	f.RunApp("vm1", "v1")
	return testEnv(scopeOf(t, "service: shop\nimage: shop\nservers: [vm1]\nregistry: {server: registry.example.com, username: u, password: p}\n"), f), f
}

// scopeOf is all of a configuration.
func scopeOf(t *testing.T, text string) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

// testEnv is an environment with all secrets.
func testEnv(scope *config.Scope, f *testfleet.Fleet) Env {
	secrets, err := scope.Secrets(func(key string) (redact.String, error) { return redact.New("value of " + key), nil }, config.Needs{App: true, Accessories: true, AllProxies: true})
	if err != nil {
		panic(err)
	}
	return Env{
		Scope: scope, Secrets: secrets, Version: "v2", Fleet: f.Fleet, Sink: f.Sink, Identity: Identity{Token: "mine"}, Now: time.Now, Changing: func() {},
		Hooks: hook.New(hook.Options{Events: f.Sink}), Observer: NewObserver(scope, "", f.Fleet, f.Sink),
	}
}

// While the image is built only a part of the facts is asked for.
func TestPrefetch_finds_architectures_and_who_is_in_the_way(t *testing.T) {
	t.Parallel()
	free, _ := newEnv(t)
	archs := make(chan []string, 1)
	if err := prefetch(t.Context(), free, archs); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(<-archs, " "); got != "amd64" {
		t.Errorf("architectures: %q", got)
	}
	frozen, f := newEnv(t)
	f.Freeze("vm1", "ann", "moving house")
	var refused *lock.FrozenError
	if err := prefetch(t.Context(), frozen, make(chan []string, 1)); !errors.As(err, &refused) || refused.Record.Message != "moving house" {
		t.Errorf("a frozen app: %v", err)
	}
}

// A run that waits for the lock builds meanwhile; others hear at once that it is held.
func TestPrefetch_lets_a_run_build_that_waits_for_the_lock(t *testing.T) {
	t.Parallel()
	holder, f := newEnv(t)
	holder.Identity.Token = "other"
	err := holder.withLease(t.Context(), []string{"vm1"}, noWork, func(ctx context.Context, _ leased) error {
		run := testEnv(holder.Scope, f)
		var held *lock.HeldError
		if err := prefetch(ctx, run, make(chan []string, 1)); !errors.As(err, &held) {
			t.Errorf("without a wait: %v", err)
		}
		run.Observer.Forget()
		run.Lock.Wait = lock.Wait{Timeout: time.Minute, Interval: time.Second}
		return prefetch(ctx, run, make(chan []string, 1))
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWalker_pauses_between_batches_as_configured(t *testing.T) {
	t.Parallel()
	text := "service: shop\nservers: [vm1, vm2]\nboot: {limit: 1, wait: 2}\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	if got := (leased{Env{Scope: c.All()}}).walker(change{around: aroundBoot}).Wait; got != 2*time.Second {
		t.Errorf("the pause is %s", got)
	}
}

// Work under the lease stops by itself when the lease is lost.
func TestWithLease_ends_the_work_when_the_lease_is_lost(t *testing.T) {
	t.Parallel()
	env, f := newEnv(t)
	err := env.withLease(t.Context(), []string{"vm1"}, noWork, func(ctx context.Context, _ leased) error {
		f.Hosts["vm1"].Drop()
		<-ctx.Done()
		return context.Cause(ctx)
	})
	var lost *lock.LostError
	if !errors.As(err, &lost) || lost.Host != "vm1" {
		t.Errorf("err = %v", err)
	}
}

func TestWithLease_joins_the_lease_of_the_command_that_runs_the_hook(t *testing.T) {
	t.Parallel()
	env, f := newEnv(t)
	env.Lock.Joined = "outer"
	err := env.withLease(t.Context(), []string{"vm1"}, noWork, func(_ context.Context, l leased) error {
		if v := l.vars([]string{"vm1"}); !v.Locked || v.LockToken != "outer" {
			t.Errorf("hooks are told %+v", v)
		}
		return nil
	})
	if n := f.Hosts["vm1"].Counts().Connections; err != nil || n != 0 {
		t.Errorf("%v, %d connections", err, n)
	}
}

// Hooks before the lease do not get its token.
func TestVars_tell_of_the_lease_only_under_it(t *testing.T) {
	t.Parallel()
	env := Env{Version: "v1", Identity: Identity{Token: "mine"}}
	if v := env.vars(nil); v.Locked || v.LockToken != "" {
		t.Errorf("before the lease: %+v", v)
	}
	if v := (leased{env}).vars(nil); !v.Locked || v.LockToken != "mine" || v.Version != "v1" {
		t.Errorf("under the lease: %+v", v)
	}
}
