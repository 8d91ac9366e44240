package lock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// endsAfter is a session on a host that ends after some time, in some way.
func endsAfter(after time.Duration, err error) func(context.Context) (script.Outcome, error) {
	return func(ctx context.Context) (script.Outcome, error) {
		select {
		case <-time.After(after):
			return script.Undone, err
		case <-ctx.Done():
			return script.Unknown, context.Cause(ctx)
		}
	}
}

func TestContext_ends_when_a_host_no_longer_holds_the_lease(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ended error
		want  string
	}{
		"the connection is lost": {&remote.LostError{Err: errors.New("EOF")}, "vm2: lost the lock: connection lost: EOF"},
		"the host hears nothing": {nil, "vm2: lost the lock: the host did not hear from this run for 20 s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, l := time.Now(), newLease(t.Context())
				go l.watch("vm1", endsAfter(time.Hour, nil))
				go l.watch("vm2", endsAfter(time.Minute, tt.ended))
				ctx := l.Context(t.Context())
				<-ctx.Done()
				var lost *LostError
				if err := context.Cause(ctx); !errors.As(err, &lost) || err.Error() != tt.want || lost.Hint() == "" || time.Since(began) != time.Minute {
					t.Errorf("%v after %s", err, time.Since(began))
				}
			})
		})
	}
}

func TestContext_ends_without_a_loss_when_the_lease_is_released(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLease(t.Context())
		go l.watch("vm1", endsAfter(time.Hour, nil))
		ctx := l.Context(t.Context())
		synctest.Wait()
		if ctx.Err() != nil {
			t.Fatalf("ended at once: %v", context.Cause(ctx))
		}
		l.Release(t.Context())
		<-ctx.Done()
		if lost := new(LostError); errors.As(context.Cause(ctx), &lost) {
			t.Errorf("cause = %v", context.Cause(ctx))
		}
	})
}

func TestContext_ends_with_its_parent(t *testing.T) {
	t.Parallel()
	interrupted := errors.New("interrupted")
	l := newLease(t.Context())
	parent, cancel := context.WithCancelCause(t.Context())
	ctx := l.Context(parent)
	cancel(interrupted)
	if !errors.Is(context.Cause(ctx), interrupted) {
		t.Errorf("cause = %v", context.Cause(ctx))
	}
	l.Release(t.Context())
}

func TestTake_gives_a_lease_that_ends_with_a_connection(t *testing.T) {
	t.Parallel()
	hosts := twoHosts(t)
	lease, _, err := run(t, "ann", hosts)
	if err != nil {
		t.Fatal(err)
	}
	ctx := lease.Context(t.Context())
	if ctx.Err() != nil {
		t.Fatal(context.Cause(ctx))
	}
	hosts["vm2"].Drop()
	<-ctx.Done()
	var lost *LostError
	if !errors.As(context.Cause(ctx), &lost) || lost.Host != "vm2" {
		t.Errorf("cause = %v", context.Cause(ctx))
	}
	lease.Release(t.Context())
}
