package engine

import (
	"slices"
	"strings"
)

// Habit is what the program in an image does. The zero value runs until it is stopped and answers its
// health check with 200.
type Habit struct {
	Crash      int      // it ends with this status, 0 lets it run
	After      int      // it ends only with the request to its health check behind so many
	Answer     int      // the status with which it answers its health check; -1 is no answer, 0 is 200
	Late       int      // so many requests get no answer before
	Good       int      // so many are answered before it answers 500; 0 is always
	Health     string   // what its HEALTHCHECK says, "" for an image without one
	StopStatus int      // with which it ends when it is stopped
	Log        []string // what it says at its start
	Programs   map[string]Outcome
}

// Outcome is what a program that is run in a container comes to.
type Outcome struct {
	Status int // exit status
	Says   string
}

type habit struct {
	image string
	Habit
}

// Behave says what containers of an image do, one of whose names ends in the given one. It replaces what
// was said before.
func (e *Engine) Behave(image string, h Habit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.habits = append(e.habits, habit{image, h})
}

// habit is that of the container's image.
func (e *Engine) habit(c *Container) Habit {
	names := []string{c.Config.Image}
	if i := e.image(c.Image); i != nil {
		names = append(names, i.RepoTags...)
	}
	for _, h := range slices.Backward(e.habits) {
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, h.image) }) {
			return h.Habit
		}
	}
	return Habit{}
}

// Fault makes docker commands fail.
type Fault struct {
	Command string // how the command begins, as words
	Times   int    // how often it fails; 0 is always
	Skip    int    // how often it succeeds before
	Status  int    // 0 is 1
	Says    string // on stderr
}

// Fail makes commands fail from now on.
func (e *Engine) Fail(f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, &f)
}

// Heal ends all faults.
func (e *Engine) Heal() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

// fault returns the failure that was asked for, nil without one.
func (e *Engine) fault(args []string) error {
	words := strings.Join(args, " ") + " "
	for i, f := range e.faults {
		switch {
		case !strings.HasPrefix(words, f.Command+" "):
			continue
		case f.Skip > 0:
			f.Skip--
			continue
		case f.Times == 1:
			e.faults = slices.Delete(e.faults, i, i+1)
		case f.Times > 1:
			f.Times--
		}
		return &Failure{max(f.Status, 1), f.Says + "\n"}
	}
	return nil
}

// Busy lets the proxy have a request in flight to a container for so many looks at its connections.
func (e *Engine) Busy(container string, looks int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.find(container); c != nil {
		c.busy = looks
	}
}

// End lets the program in a container end by itself.
func (e *Engine) End(container string, status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c := e.find(container); c != nil && c.State.Running {
		e.end(c, status)
	}
}

// Mirror gives the engine a mirror of registries.
func (e *Engine) Mirror(address string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mirrors = []string{address}
}
