package script

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"

	"mrsk/internal/event"
)

// keep is how much of a step's output on one stream is kept, in bytes. What comes after it is
// still shown, but no fact that a script fetches is that long.
const keep = 4 << 20

// The two streams of a step.
const (
	stdout = iota
	stderr
)

var streamNames = [2]string{"stdout", "stderr"}

// collector puts the two framed streams of a run together into results and events.
type collector struct {
	host  string
	steps []Step
	sink  event.Sink

	mu      sync.Mutex
	first   sync.Once
	results []Result
	began   []time.Time
	open    [2]int // the step each stream is in, -1 between steps
	partial [2][]byte
	ends    []int // how many of its two streams have ended a step
	noise   bytes.Buffer
	undoing int // the step being undone, -1 if none
	undone  bytes.Buffer

	onFirst func()       // the program is in, and speaks
	onStep  func(Result) // a step ended, on both streams
	onFrame func(frame)  // a frame that is not about a step, from stdout
	onUndo  func(Result) // a step was undone; Stdout holds what that said
}

func newCollector(host string, steps []Step, sink event.Sink) *collector {
	c := &collector{
		host: host, steps: steps, sink: sink,
		results: make([]Result, len(steps)),
		began:   make([]time.Time, len(steps)),
		ends:    make([]int, len(steps)),
		open:    [2]int{-1, -1},
		undoing: -1,
		onFirst: func() {},
		onStep:  func(Result) {},
		onFrame: func(frame) {},
		onUndo:  func(Result) {},
	}
	for i, s := range steps {
		c.results[i].Step = s
	}
	return c
}

// read takes both streams in until they end.
func (c *collector) read(nonce string, out, err io.Reader) error {
	failed := make(chan error, 1)
	go func() { failed <- c.readStream(nonce, stderr, err) }()
	outErr := c.readStream(nonce, stdout, out)
	if errErr := <-failed; outErr == nil {
		outErr = errErr
	}
	return outErr
}

func (c *collector) readStream(nonce string, stream int, r io.Reader) error {
	return splitFrames(r, nonce,
		func(p []byte) { c.data(stream, p) },
		func(f frame) { c.frame(stream, f) })
}

func (c *collector) data(stream int, p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.open[stream]
	switch {
	case stream == stdout && c.undoing >= 0:
		c.undone.Write(p)
	case i < 0:
		c.noise.Write(p)
	default:
		c.store(i, stream, p)
		c.lines(i, stream, p)
	}
}

func (c *collector) store(i, stream int, p []byte) {
	to := &c.results[i].Stdout
	if stream == stderr {
		to = &c.results[i].Stderr
	}
	*to = append(*to, p[:min(len(p), keep-len(*to))]...)
}

// lines sends whole lines to the screen and keeps the rest for later.
func (c *collector) lines(i, stream int, p []byte) {
	if c.steps[i].Private {
		return
	}
	c.partial[stream] = append(c.partial[stream], p...)
	for {
		line, rest, found := bytes.Cut(c.partial[stream], []byte("\n"))
		if !found {
			return
		}
		c.show(i, stream, line)
		c.partial[stream] = rest
	}
}

func (c *collector) show(i, stream int, line []byte) {
	c.sink(event.Line{Host: c.host, Step: c.steps[i].Name, Stream: streamNames[stream], Text: string(line)})
}

func (c *collector) frame(stream int, f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first.Do(c.onFirst)
	i := f.number(0)
	known := i >= 0 && i < len(c.steps)
	switch {
	case f.kind == "B" && known:
		c.begin(stream, i)
	case f.kind == "E" && known:
		c.end(stream, i, f.number(1))
	case f.kind == "R" && stream == stdout:
		c.report(f.args)
	case f.kind == "UB" && known:
		c.undoing = i
	case f.kind == "UE" && known:
		c.endUndo(i, f.number(1))
	case stream == stdout:
		c.onFrame(f)
	}
}

func (c *collector) begin(stream, i int) {
	c.open[stream] = i
	if stream == stdout {
		c.began[i] = time.Now()
		c.sink(event.Step{Host: c.host, Name: c.steps[i].Name, State: event.Began, Shown: c.steps[i].Run.String(), Minor: c.steps[i].Minor})
	}
}

func (c *collector) end(stream, i, status int) {
	if rest := c.partial[stream]; len(rest) > 0 {
		c.show(i, stream, rest)
	}
	c.partial[stream] = nil
	c.open[stream] = -1
	c.ends[i]++
	if c.ends[i] < 2 {
		return
	}
	r := &c.results[i]
	r.Ran, r.Status, r.Took = true, status, time.Since(c.began[i])
	c.sink(c.outcome(*r))
	c.onStep(*r)
}

// report adds a report to the result of the step that is under way.
func (c *collector) report(words []string) {
	i := c.open[stdout]
	if i < 0 || len(words) == 0 || len(c.results[i].Reports) >= maxReports {
		return
	}
	r := &c.results[i]
	if r.Reports == nil {
		r.Reports = map[Report]string{}
	}
	r.Reports[Report(words[0])] = strings.Join(words[1:], " ")
}

func (c *collector) outcome(r Result) event.Step {
	e := event.Step{Host: c.host, Name: r.Step.Name, State: event.Done, Shown: r.Step.Run.String(), Took: r.Took, Minor: r.Step.Minor}
	switch {
	case r.Status == 0:
	case r.Step.Tolerated:
		e.State = event.Tolerated
	default:
		e.State, e.Err = event.Failed, r.failure()
	}
	return e
}

func (r Result) failure() error {
	return &StepError{Step: r.Step, Status: r.Status, Stdout: r.Stdout, Stderr: r.Stderr}
}

func (c *collector) endUndo(i, status int) {
	r := Result{Step: c.steps[i], Ran: true, Status: status, Stdout: bytes.Clone(c.undone.Bytes())}
	c.undone.Reset()
	c.undoing = -1
	if r.Step.Undo.Empty() {
		return
	}
	e := event.Step{Host: c.host, Name: r.Step.Name, State: event.Undone, Shown: r.Step.Undo.String()}
	if status != 0 {
		e.State, e.Err = event.Failed, r.failure()
	}
	c.sink(e)
	c.onUndo(r)
}
