package rollout

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/lock"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

const (
	oneContainer = `{"id":"a0","name":"/shop-web-v1","image":"sha256:1","labels":{"service":"SERVICE","role":"web","destination":"","mrsk.version":"v1"},` +
		`"created":"2026-01-02T00:00:00Z","restart":"no","retries":0,"state":"running","exit":0,"started":"2026-01-02T00:00:00Z","finished":"0001-01-01T00:00:00Z","health":""}`
	oneImage = `{"id":"sha256:1","tags":["localhost:5000/shop:v1"],"digests":[]}`
)

// containerOf is the container of a service.
func containerOf(service string) string { return strings.Replace(oneContainer, "SERVICE", service, 1) }

// newRun is a run on vm1, a host with a fake docker that has one container and one image; files
// are more of what that docker answers. Locks lie in a directory of the machine, so the service is
// named after the test.
func newRun(t *testing.T, files map[string]string) (*Run, *testhost.Server) {
	t.Helper()
	y := newYard(t, "vm1")
	host, service := y.hosts["vm1"], strings.ReplaceAll(t.Name(), "/", "-")
	host.Put("docker", testhost.Docker)
	for name, text := range map[string]string{"ids": "a0\n", "containers": containerOf(service), "images": oneImage, "network": "n\n"} {
		answer(t, host, name, text)
	}
	for name, text := range files {
		answer(t, host, name, text)
	}
	text := "service: " + service + "\nimage: shop\nservers: [vm1]\nregistry: {server: 'localhost:5000'}\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Config: c, Version: "v2", Fleet: y.w.Fleet, Sink: y.sink, Token: "mine", Now: time.Now}, host
}

func answer(t *testing.T, host *testhost.Server, name, text string) {
	t.Helper()
	dir := filepath.Join(host.Home(), "docker")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// While the image is built only a part of the facts is asked for: it must do for what is wanted
// by then. It once panicked on the parts that had not been asked for.
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

// Who stands in line for the lock builds meanwhile; others hear at once that it is held.
func TestPrefetch_lets_a_run_build_that_waits_for_the_lock(t *testing.T) {
	t.Parallel()
	holder, _ := newRun(t, nil)
	holder.Token, holder.Changing = "other", func() {}
	err := holder.WithLease(t.Context(), []string{"vm1"}, func(context.Context) error {
		run, _ := newRun(t, nil)
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

// What counts for the plan is asked for after the prefetch; what lasts is not asked for twice.
func TestObserve_completes_what_was_prefetched(t *testing.T) {
	t.Parallel()
	run, host := newRun(t, nil)
	observe := func() facts.Host {
		seen, err := run.Observe(t.Context(), []string{"vm1"})
		if err != nil {
			t.Fatal(err)
		}
		return seen["vm1"]
	}
	if err := run.prefetch(t.Context(), make(chan []string, 1)); err != nil {
		t.Fatal(err)
	}
	answer(t, host, "images", "")
	seen := observe()
	if len(seen.Containers) != 1 || len(seen.Images) != 1 || !seen.Network || seen.Engine.Arch != "amd64" {
		t.Errorf("seen: %+v", seen)
	}
	answer(t, host, "containers", strings.Replace(containerOf(t.Name()), "running", "exited", 1))
	if again := observe(); len(again.Containers) != 1 || again.Containers[0].State != "exited" {
		t.Errorf("containers were not looked at again: %+v", again.Containers)
	}
	run.memory.forget()
	if anew := observe(); len(anew.Images) != 0 {
		t.Errorf("what was forgotten is still there: %+v", anew)
	}
}

// A host that cannot be reached is told; the others are seen all the same.
func TestObserve_tells_the_host_that_does_not_answer(t *testing.T) {
	t.Parallel()
	run, host := newRun(t, nil)
	host.RefuseLogins(true)
	_, err := run.Observe(t.Context(), []string{"vm1"})
	var failed *remote.ConnectError
	if err == nil || !strings.HasPrefix(err.Error(), "vm1: ") || !errors.As(err, &failed) {
		t.Errorf("err = %v", err)
	}
}

// Accessories on different hosts may share one name: on each, what is there must be compared with
// the image of the one that runs there.
func TestLooks_ask_a_host_for_its_own_accessories(t *testing.T) {
	t.Parallel()
	r := &Run{WithAccessories: true, Config: &config.Config{Accessories: []config.Accessory{
		{Name: "one", Service: "cache", Image: "redis:7", Hosts: []string{"vm1"}},
		{Name: "two", Service: "cache", Image: "redis:8", Hosts: []string{"vm2"}},
	}}}
	asked := func(host string) string {
		var lines strings.Builder
		for _, s := range r.looks(host, map[string][]byte{}, everything) {
			lines.WriteString(s.Run.Wire().Reveal())
		}
		return lines.String()
	}
	if got := asked("vm2"); strings.Contains(got, "redis:7") || !strings.Contains(got, "redis:8") {
		t.Errorf("vm2 is asked for %s", got)
	}
}
