// Package testfleet is a fleet of SSH servers in the process of a test. Each host keeps a trace of
// what was done on it, and can have a Docker engine that keeps its state.
package testfleet

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/fleet"
	"mrsk/internal/remote"
	"mrsk/internal/server"
	"mrsk/internal/testhost"
	"mrsk/internal/testhost/engine"
)

// Fleet is some hosts and what a run told of its work on them.
type Fleet struct {
	Names []string
	Hosts map[string]*testhost.Server
	Fleet *fleet.Fleet

	// Of fleets with Docker engines:
	Engines  map[string]*engine.Engine
	Registry *engine.Registry // that they pull from

	t      *testing.T
	mu     sync.Mutex
	events []event.Event
	on     func(event.Event) // called with each event as it happens
}

// New starts the hosts.
func New(t *testing.T, names ...string) *Fleet {
	t.Helper()
	return start(t, names, func(string) *testhost.Server { return testhost.New(t) })
}

// NewWithDocker starts the hosts, each with a Docker engine that is empty.
func NewWithDocker(t *testing.T, names ...string) *Fleet {
	t.Helper()
	registry, engines := engine.NewRegistry(), map[string]*engine.Engine{}
	f := start(t, names, func(name string) *testhost.Server {
		engines[name] = engine.New(name, registry)
		return testhost.New(t, testhost.Programs(engine.Serve(t, engines[name])))
	})
	f.Registry, f.Engines = registry, engines
	t.Cleanup(func() {
		for name, e := range engines {
			for _, command := range e.Unknown() {
				t.Errorf("on %s: %s", name, command)
			}
		}
	})
	return f
}

func start(t *testing.T, names []string, host func(name string) *testhost.Server) *Fleet {
	t.Helper()
	f := &Fleet{t: t, Names: names, Hosts: map[string]*testhost.Server{}, on: func(event.Event) {}}
	for _, name := range names {
		f.Hosts[name] = host(name)
	}
	f.Fleet = fleet.New(fleet.Options{Hosts: names, Dial: f.dial})
	t.Cleanup(func() { _ = f.Fleet.Close() })
	return f
}

// Prelude sets what the shell functions of the locks read, and defines mark, which writes its
// arguments into the trace of the host.
func Prelude() string {
	return server.Prelude((&config.Project{Service: "shop"}).All().Project, "somebody") + "mark() { echo \"$*\" >>\"$HOME/trace\"; }"
}

func (f *Fleet) dial(ctx context.Context, name string) (remote.Host, error) {
	target, err := remote.ParseTarget(f.Hosts[name].Addr())
	if err != nil {
		return nil, err
	}
	target.Name = name
	return remote.Dial(ctx, target, f.Hosts[name].Options())
}

// Sink collects the events of a run.
func (f *Fleet) Sink(e event.Event) {
	f.mu.Lock()
	f.events = append(f.events, e)
	on := f.on
	f.mu.Unlock()
	on(e)
}

// On calls do with each event from now on, as it happens.
func (f *Fleet) On(do func(event.Event)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := f.on
	f.on = func(e event.Event) { do(e); next(e) }
}

// When calls do once, when a step of that name has come to that state on the host.
func (f *Fleet) When(host, step string, state event.State, do func()) {
	var once sync.Once
	f.On(func(e event.Event) {
		if s, ok := e.(event.Step); ok && s.Host == host && s.Name == step && s.State == state {
			once.Do(do)
		}
	})
}

// Events are the events up to now.
func (f *Fleet) Events() []event.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// Said are the texts of sections, notes and warnings, one a line.
func (f *Fleet) Said() string {
	var lines []string
	for _, e := range f.Events() {
		switch e := e.(type) {
		case event.Section:
			lines = append(lines, e.Text)
		case event.Note:
			lines = append(lines, strings.TrimPrefix(e.Host+": "+e.Text, ": "))
		case event.Warning:
			lines = append(lines, "warning: "+e.Host+": "+e.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// Did is the trace of a host, in one line.
func (f *Fleet) Did(host string) string {
	f.t.Helper()
	return strings.Join(strings.Fields(f.Read(host, "trace")), " ")
}

// Read is a file in the home of a host, "" if there is none.
func (f *Fleet) Read(host, name string) string {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Hosts[host].Home(), name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		f.t.Fatal(err)
	}
	return string(text)
}

// Write writes a file into the home of a host.
func (f *Fleet) Write(host, name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.Hosts[host].Home(), name), []byte(text), 0o600); err != nil {
		f.t.Error(err)
	}
}

// WantDid compares the traces of hosts.
func (f *Fleet) WantDid(want map[string]string) {
	f.t.Helper()
	got := map[string]string{}
	for host := range want {
		got[host] = f.Did(host)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("what was done: -want +got:\n%s", diff)
	}
}

// Docker runs a docker command on the engine of a host.
func (f *Fleet) Docker(host string, args ...string) {
	f.t.Helper()
	var said strings.Builder
	status := f.Engines[host].Run(f.t.Context(), engine.Call{
		Args: args, Stdout: &said, Stderr: &said,
		Read: func(string) ([]byte, error) { return nil, io.EOF }, Env: func(string) string { return "" },
	})
	if status != 0 {
		f.t.Fatalf("docker %s: exit %d: %s", strings.Join(args, " "), status, &said)
	}
}

// ImageOfApp is the image of a version of the app shop.
func ImageOfApp(version string) string { return "registry.example.com/shop:" + version }

// PushApp puts the images of versions of the app shop into the registry.
func (f *Fleet) PushApp(versions ...string) {
	for _, v := range versions {
		f.Registry.Push(ImageOfApp(v), map[string]string{"service": "shop"}, nil)
	}
}

// RunApp starts a container of a version of the app shop on a host, without a proxy.
func (f *Fleet) RunApp(host, version string) {
	f.t.Helper()
	f.PushApp(version)
	f.Docker(host, "network", "create", "mrsk")
	f.Docker(host, "pull", ImageOfApp(version))
	f.Docker(host, "run", "--detach", "--name", "shop-web-"+version, "--network", "mrsk", "--label", "service=shop", "--label", "role=web",
		"--label", "destination=", "--label", "mrsk.version="+version, ImageOfApp(version))
}

// Freeze locks the app shop on a host, as somebody else does.
func (f *Fleet) Freeze(host, who, message string) {
	f.t.Helper()
	f.Docker(host, "volume", "create", "--label", `mrsk.record={"who":"`+who+`","message":"`+message+`"}`, "mrsk-freeze.shop")
}
