// Package engine is a stand-in for a host's Docker engine and for the Traefik that mrsk runs on it. Its
// state is in memory and it starts no program, so a test can run whole deploys in milliseconds and look
// at what they leave behind. It knows the forms of docker commands that mrsk uses; any other fails, and
// is kept for Unknown.
package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Engine is the Docker engine of one machine. Its methods may be called from any goroutine.
type Engine struct {
	name     string
	registry *Registry

	mu         sync.Mutex
	clock      time.Time
	made       int // objects so far, which their ids are made of
	containers []*Container
	images     []*Image
	networks   []string
	volumes    map[string]*Volume
	logins     map[string]bool
	builders   []string
	mirrors    []string
	faults     []*Fault
	habits     []habit
	unknown    []string
	commands   []command     // since Commands or Asked was last called
	changed    chan struct{} // closed and replaced with each change
}

// New returns an engine that has nothing but docker's own networks, and pulls from the registry.
func New(name string, registry *Registry) *Engine {
	return &Engine{
		name: name, registry: registry, clock: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		networks: []string{"bridge", "host", "none"}, volumes: map[string]*Volume{}, logins: map[string]bool{},
		changed: make(chan struct{}),
	}
}

// Call is one docker command.
type Call struct {
	Args           []string // without the program's name
	Dir            string   // the working directory
	Stdout, Stderr io.Writer
	Read           func(path string) ([]byte, error) // reads a file of the caller's, /dev/stdin among them
	Env            func(name string) string          // reads a variable of the caller's environment
}

// Run runs a docker command and returns its exit status.
func (e *Engine) Run(ctx context.Context, c Call) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.run(ctx, c)
	close(e.changed)
	e.changed = make(chan struct{})
	var failed *Failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed):
		fmt.Fprint(c.Stderr, failed.Text)
		return failed.Status
	}
	fmt.Fprintln(c.Stderr, err)
	return 1
}

func (e *Engine) run(ctx context.Context, c Call) error {
	if err := e.fault(c.Args); err != nil {
		return err
	}
	x, err := parse(c)
	var unknown *unknownError
	if err == nil {
		x.ctx = ctx
		e.keep(x)
		err = x.form.run(e, x)
	}
	if errors.As(err, &unknown) {
		e.unknown = append(e.unknown, unknown.Error())
		return &Failure{125, unknown.Error() + "\n"}
	}
	return err
}

// Unknown returns the commands that the engine was asked for and does not know.
func (e *Engine) Unknown() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.unknown)
}

// command is a docker command as Commands shows it.
type command struct {
	text     string
	question bool
}

// Commands returns the commands since the last call of Commands or Asked, one for each docker program that
// was started. Of a program of mrsk's in a container it has the verb with its arguments.
func (e *Engine) Commands() []string { return e.take(func(command) bool { return true }) }

// Asked returns the commands that are more than a question, since the last call of Commands or Asked.
func (e *Engine) Asked() []string { return e.take(func(c command) bool { return !c.question }) }

// take returns the commands that are wanted, and forgets all of them.
func (e *Engine) take(wanted func(command) bool) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var texts []string
	for _, c := range e.commands {
		if wanted(c) {
			texts = append(texts, c.text)
		}
	}
	e.commands = nil
	return texts
}

// questions are the commands that change nothing.
var questions = map[string]bool{
	"version": true, "info": true, "ps": true, "inspect": true, "image ls": true, "image inspect": true,
	"network ls": true, "volume ls": true, "volume inspect": true, "logs": true,
}

func (e *Engine) keep(x *exchange) {
	words := x.Args
	question := questions[words[0]] || len(words) > 1 && questions[words[0]+" "+words[1]]
	if len(x.args) > 0 && !question {
		if verb, own := ownProgram(x.args[1:]); own {
			words = append([]string{words[0], "…"}, verb...)
		}
	}
	e.commands = append(e.commands, command{strings.Join(words, " "), question})
}

// Failure is a command that fails as docker would.
type Failure struct {
	Status int // exit status of docker, not 0
	Text   string
}

func (f *Failure) Error() string { return strings.TrimSpace(f.Text) }

func daemonError(format string, args ...any) error {
	return &Failure{1, "Error response from daemon: " + fmt.Sprintf(format, args...) + "\n"}
}

// unknownError reports a form of a command that mrsk was not known to use.
type unknownError struct {
	args []string
	why  string
}

func (u *unknownError) Error() string {
	return fmt.Sprintf("the docker stand-in does not know: docker %s (%s)", strings.Join(u.args, " "), u.why)
}

// now returns a time that is later than all before it.
func (e *Engine) now() string {
	e.clock = e.clock.Add(time.Second)
	return e.clock.Format(time.RFC3339Nano)
}

// id makes 64 hexadecimal digits, the same in each run of a test.
func (e *Engine) id() string {
	e.made++
	return digest(e.name, fmt.Sprint(e.made))
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// wait lets other commands run until one of them has changed something. It reports whether the caller
// is still there.
func (e *Engine) wait(ctx context.Context) bool {
	changed := e.changed
	e.mu.Unlock()
	defer e.mu.Lock()
	select {
	case <-changed:
		return true
	case <-ctx.Done():
		return false
	}
}
