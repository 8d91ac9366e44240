package lock

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/remote"
	"mrsk/internal/server"
	"mrsk/internal/testhost"
)

// run takes the lease on hosts as a run of its own, with connections of its own.
func run(t *testing.T, who string, hosts map[string]*testhost.Server) (*Lease, *fleet.Fleet, error) {
	t.Helper()
	r := request(t, who, hosts)
	lease, err := Take(t.Context(), r)
	return lease, r.Fleet.(*fleet.Fleet), err
}

func request(t *testing.T, who string, hosts map[string]*testhost.Server) Request {
	t.Helper()
	f := fleet.New(fleet.Options{Hosts: []string{"vm1", "vm2"}, Dial: func(ctx context.Context, name string) (remote.Host, error) {
		target, err := remote.ParseTarget(hosts[name].Addr())
		if err != nil {
			return nil, err
		}
		target.Name = name
		return remote.Dial(ctx, target, hosts[name].Options())
	}})
	t.Cleanup(func() { _ = f.Close() })
	prelude := server.Prelude((&config.Project{Service: "shop"}).All().Project, who)
	return Request{
		Fleet: f, Hosts: []string{"vm1", "vm2"}, Prelude: prelude,
		Record: Record{Who: who, Since: noon, Holder: HolderOf(who)}, Sink: func(event.Event) {},
	}
}

func twoHosts(t *testing.T) map[string]*testhost.Server {
	t.Helper()
	hosts := map[string]*testhost.Server{"vm1": testhost.New(t), "vm2": testhost.New(t)}
	for _, h := range hosts {
		h.Put("docker", "#!/bin/sh\n")
	}
	return hosts
}

func TestTake_lets_one_run_in_and_names_it_to_the_other(t *testing.T) {
	t.Parallel()
	hosts := twoHosts(t)
	lease, _, err := run(t, "ann", hosts)
	if err != nil {
		t.Fatal(err)
	}
	var held *HeldError
	if _, _, err := run(t, "bob", hosts); !errors.As(err, &held) || held.Host != "vm1" || held.Record.Who != "ann" {
		t.Fatalf("a second run: %v", err)
	}
	lease.Release(t.Context())
	if _, _, err := run(t, "bob", hosts); err != nil {
		t.Errorf("after the release: %v", err)
	}
}

func TestTake_holds_nothing_when_one_host_refuses(t *testing.T) {
	t.Parallel()
	hosts := twoHosts(t)
	hosts["vm2"].RefuseLogins(true)
	if _, _, err := run(t, "ann", hosts); err == nil {
		t.Fatal("no error")
	}
	hosts["vm2"].RefuseLogins(false)
	if _, _, err := run(t, "bob", hosts); err != nil {
		t.Errorf("the first run still holds it: %v", err)
	}
}

func TestLease_ends_with_the_connection(t *testing.T) {
	t.Parallel()
	hosts := twoHosts(t)
	lease, f, err := run(t, "ann", hosts)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	// The holders end when they see the end of their input.
	lease.Release(t.Context())
	for {
		_, _, err := run(t, "bob", hosts)
		var held *HeldError
		if !errors.As(err, &held) {
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}

// Whoever waits is told for whom, gets the lease when it is free, and gives up when the time is
// over or the run is interrupted.
func TestTake_waits_for_its_turn(t *testing.T) {
	t.Parallel()
	hosts := twoHosts(t)
	lease, _, err := run(t, "ann", hosts)
	if err != nil {
		t.Fatal(err)
	}
	bob := request(t, "bob", hosts)
	bob.Wait = Wait{Timeout: 50 * time.Millisecond, Interval: 10 * time.Millisecond}
	var held *HeldError
	if _, err := Take(t.Context(), bob); !errors.As(err, &held) {
		t.Errorf("after the time is over: %v", err)
	}
	bob.Wait = Wait{Timeout: time.Minute, Interval: 10 * time.Millisecond}
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	bob.Sink = func(event.Event) { cancel(interrupted) }
	if _, err := Take(ctx, bob); !errors.Is(err, interrupted) {
		t.Errorf("interrupted: %v", err)
	}
	var once sync.Once
	bob.Sink = func(e event.Event) {
		if n, ok := e.(event.Note); ok && strings.Contains(n.Text, "locked: ann since") {
			once.Do(func() { lease.Release(t.Context()) })
		}
	}
	if _, err := Take(t.Context(), bob); err != nil {
		t.Errorf("after the release: %v", err)
	}
}
