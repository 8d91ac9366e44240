package fleet

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGate_keeps_the_first_verdict(t *testing.T) {
	t.Parallel()
	cause := errors.New("unhealthy")
	var open, closed Gate
	open.Open()
	open.Close(cause)
	closed.Close(cause)
	closed.Open()
	if err := open.Wait(t.Context()); err != nil {
		t.Errorf("opened first: %v", err)
	}
	if err := closed.Wait(t.Context()); !errors.Is(err, cause) {
		t.Errorf("closed first: %v, want %v", err, cause)
	}
}

func TestGate_frees_all_who_wait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("unhealthy")
		var g Gate
		var waiting sync.WaitGroup
		for range 20 {
			waiting.Go(func() {
				start := time.Now()
				if err := g.Wait(t.Context()); !errors.Is(err, cause) || time.Since(start) != time.Minute {
					t.Errorf("after %s: %v", time.Since(start), err)
				}
			})
		}
		time.Sleep(time.Minute)
		for range 5 {
			waiting.Go(func() { g.Close(cause) })
		}
		waiting.Wait()
	})
}

func TestGate_wait_ends_with_the_context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := errors.New("deploy_timeout (30s) passed")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Second, late)
		defer cancel()
		var g Gate
		if err := g.Wait(ctx); !errors.Is(err, late) {
			t.Fatalf("err = %v, want %v", err, late)
		}
		g.Open()
		if err := g.Wait(ctx); err != nil {
			t.Fatalf("an open gate lets through whatever became of the context; got %v", err)
		}
	})
}
