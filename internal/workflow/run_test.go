package workflow

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/lock"
	"mrsk/internal/testfleet"
)

const (
	oneContainer = `{"id":"a0","name":"/shop-web-v1","image":"sha256:1","labels":{"service":"SERVICE","role":"web","destination":"","mrsk.version":"v1"},` +
		`"created":"2026-01-02T00:00:00Z","restart":"no","retries":0,"state":"running","exit":0,"started":"2026-01-02T00:00:00Z","finished":"0001-01-01T00:00:00Z","health":""}`
	oneImage = `{"id":"sha256:1","tags":["localhost:5000/shop:v1"],"digests":[]}`
)

// containerOf is the container of a service.
func containerOf(service string) string { return strings.Replace(oneContainer, "SERVICE", service, 1) }

// newRun is a run on vm1, a host whose docker has one container and one image; answers are more of
// what that docker answers. The service is named after the test.
func newRun(t *testing.T, answers map[string]string) (*Run, *testfleet.Fleet) {
	t.Helper()
	f, service := testfleet.New(t, "vm1"), strings.ReplaceAll(t.Name(), "/", "-")
	f.Docker("vm1", map[string]string{"ids": "a0\n", "containers": containerOf(service), "images": oneImage, "network": "n\n"})
	f.Docker("vm1", answers)
	text := "service: " + service + "\nimage: shop\nservers: [vm1]\nregistry: {server: 'localhost:5000'}\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Scope: c.All(), Version: "v2", Fleet: f.Fleet, Sink: f.Sink, Token: "mine", Now: time.Now}, f
}

// While the image is built only a part of the facts is asked for.
func TestPrefetch_finds_architectures_and_who_is_in_the_way(t *testing.T) {
	t.Parallel()
	free, _ := newRun(t, nil)
	archs := make(chan []string, 1)
	if err := free.prefetch(t.Context(), archs); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(<-archs, " "); got != "amd64" {
		t.Errorf("architectures: %q", got)
	}
	frozen, _ := newRun(t, map[string]string{"freeze": `{"who":"ann","message":"moving house"}`})
	var refused *lock.FrozenError
	if err := frozen.prefetch(t.Context(), make(chan []string, 1)); !errors.As(err, &refused) || refused.Record.Message != "moving house" {
		t.Errorf("a frozen app: %v", err)
	}
}

// A run that waits for the lock builds meanwhile; others hear at once that it is held.
func TestPrefetch_lets_a_run_build_that_waits_for_the_lock(t *testing.T) {
	t.Parallel()
	holder, _ := newRun(t, nil)
	holder.Token, holder.Changing = "other", func() {}
	err := holder.WithLease(t.Context(), []string{"vm1"}, func(context.Context) error {
		run := &Run{Scope: holder.Scope, Version: "v2", Fleet: holder.Fleet, Sink: holder.Sink, Token: "mine", Now: time.Now}
		var held *lock.HeldError
		if err := run.prefetch(t.Context(), make(chan []string, 1)); !errors.As(err, &held) {
			t.Errorf("without a wait: %v", err)
		}
		run.LockWait = lock.Wait{Timeout: time.Minute, Interval: time.Second}
		return run.prefetch(t.Context(), make(chan []string, 1))
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
	if got := (&Run{Scope: c.All()}).walker().Wait; got != 2*time.Second {
		t.Errorf("the pause is %s", got)
	}
}
