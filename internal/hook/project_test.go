package hook_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/hook"
)

// project is a folder with hooks, and a home with more, in which tests run hooks.
type project struct {
	t       *testing.T
	dir     string
	home    string
	options hook.Options

	mu     sync.Mutex
	events []string
}

func newProject(t *testing.T) *project {
	p := &project{t: t, dir: t.TempDir(), home: t.TempDir()}
	p.options = hook.Options{
		Folders: hook.Folders{Project: p.dir, Home: p.home},
		Facts:   hook.Facts{Service: "app", Performer: func() string { return "ada@example.com" }, Command: "deploy"},
		Now:     func() time.Time { return time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("", 3600)) },
		Events:  p.record,
	}
	return p
}

func (p *project) record(e event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, fmt.Sprintf("%T %+v", e, e))
}

// write puts an executable shell script below dir.
func (p *project) write(dir, path, script string) string {
	p.t.Helper()
	full := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		p.t.Fatal(err)
	}
	p.executable(full, "#!/bin/sh\n"+script)
	return full
}

// executable writes a program. No process may be started meanwhile, by another test: it would
// inherit the open file, and a file that is open for writing cannot be executed.
func (p *project) executable(path, text string) {
	p.t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) run(name string, vars hook.Vars) error {
	p.t.Helper()
	return hook.New(p.options).Run(p.t.Context(), name, vars)
}

// ran runs the hook name and returns what it wrote to the file out of the project.
func (p *project) ran(name string, vars hook.Vars) string {
	p.t.Helper()
	if err := p.run(name, vars); err != nil {
		p.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(p.dir, "out"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Fatal(err)
	}
	return string(text)
}
