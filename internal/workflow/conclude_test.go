package workflow

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/apply"
	"mrsk/internal/event"
)

func TestFateOf_a_rollout_that_failed(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, tt := range []struct {
		name    string
		done    applied
		err     error
		want    event.Outcome
		unclear []string
	}{
		{"before the hosts were touched", applied{}, boom, event.Unchanged, nil},
		{"before a container started", applied{began: true}, boom, event.NotStarted, nil},
		{"undone", applied{began: true}, &apply.RolledBackError{Err: boom}, event.RolledBack, nil},
		{
			"undone on some hosts only",
			applied{began: true},
			fmt.Errorf("x: %w", &apply.RolledBackError{Err: boom, NotUndone: []string{"vm2"}}),
			event.Unclear,
			[]string{"vm2"},
		},
		{"after the commit", applied{began: true}, &apply.CommittedError{Err: boom}, event.LiveWithFaults, nil},
		{"in the last hook", applied{began: true}, &afterError{"v2", boom}, event.LiveWithFaults, nil},
	} {
		got, unclear := outcomeOf(tt.done, tt.err)
		if got != tt.want || !cmp.Equal(unclear, tt.unclear) {
			t.Errorf("%s: %s, unclear on %v", tt.name, got, unclear)
		}
	}
}

func TestConclude_says_that_the_user_interrupted(t *testing.T) {
	t.Parallel()
	env, _ := newEnv(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := env.conclude(ctx, time.Now(), applied{}, context.Canceled)
	var failed *RolloutError
	if !errors.As(err, &failed) || !failed.Rollout().Interrupted || !errors.Is(err, context.Canceled) {
		t.Errorf("%#v", err)
	}
}

func TestConclude_returns_the_answer_of_the_user_as_it_is(t *testing.T) {
	t.Parallel()
	env, _ := newEnv(t)
	if err := env.conclude(t.Context(), time.Now(), applied{}, errDeclined); !errors.Is(err, errDeclined) || errors.As(err, new(*RolloutError)) {
		t.Errorf("%#v", err)
	}
	if err := env.conclude(t.Context(), time.Now(), applied{began: true}, errDeclined); !errors.As(err, new(*RolloutError)) {
		t.Errorf("after a first attempt: %#v", err)
	}
}

// Requests reach only the hosts with a role behind the proxy: a rollout to workers serves nothing there.
func TestRouted_is_true_if_the_proxy_is_on_all_hosts_of_the_app(t *testing.T) {
	t.Parallel()
	for servers, want := range map[string]bool{
		"[vm1, vm2]":                                                 true,
		"{web: [vm1], worker: [vm1]}":                                true,
		"{web: [vm1], worker: [vm2]}":                                false,
		"{web: {hosts: [vm1], proxy: false}, worker: [vm1]}":         false,
		"{web: [vm1], api: {hosts: [vm2], proxy: {host: api.test}}}": true,
	} {
		scope := scopeOf(t, "service: shop\nimage: shop\nproxy: {host: shop.test}\nservers: "+servers+"\nregistry: {server: registry.example.com, username: u, password: p}\n")
		if got := routed(scope); got != want {
			t.Errorf("%s: %t", servers, got)
		}
	}
}
