package script

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"mrsk/internal/event"
)

// Bounds on what is kept of a host's output, in bytes. A host that is broken or hostile may write
// without end; what exceeds a bound is still shown where the step is shown, and then forgotten.
const (
	keep      = 4 << 20   // of one stream of one step
	keepAll   = 16 << 20  // of all steps of a run
	keepUndo  = 1 << 20   // of one undo
	keepNoise = 64 << 10  // of what is written outside of steps
	longLine  = 256 << 10 // a longer line is shown in pieces
)

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
	results Results
	beganAt []time.Time // when each step began
	open    [2]int      // the step each stream is in, -1 between steps
	partial [2][]byte
	stages  [2]int    // how many stages each stream has ended
	entered [2][]bool // the steps whose begin mark each stream has had
	ends    []int     // how many of its two streams have ended a step
	kept    int       // the bytes in results
	cut     *LongError
	noise   []byte
	undoing int // the step being undone, -1 if none
	undoAt  time.Time
	undid   []bool // the steps whose undo has begun
	undone  []byte

	sent    time.Time // when sending the program began
	start   *startLimit
	onFirst func()       // the program is in, and speaks
	onStep  func(Result) // a step ended, on both streams
	onFrame func(frame)  // a frame that is not about a step, from stdout
	onUndo  func(Result) // a step was undone; Stdout holds what that said
}

func newCollector(host string, steps []Step, sent time.Time, start *startLimit, sink event.Sink) *collector {
	c := &collector{
		host: host, steps: steps, sent: sent, start: start, sink: sink,
		results: results(steps),
		beganAt: make([]time.Time, len(steps)),
		ends:    make([]int, len(steps)),
		entered: [2][]bool{make([]bool, len(steps)), make([]bool, len(steps))},
		undid:   make([]bool, len(steps)),
		open:    [2]int{-1, -1},
		undoing: -1,
		onFirst: func() {},
		onStep:  func(Result) {},
		onFrame: func(frame) {},
		onUndo:  func(Result) {},
	}
	return c
}

// results are those of steps of which none has run.
func results(steps []Step) Results {
	rs := make(Results, len(steps))
	for i, s := range steps {
		rs[i].Step = s
	}
	return rs
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
		c.undone = appendUpTo(keepUndo, c.undone, p)
	case i < 0:
		c.noise = appendUpTo(keepNoise, c.noise, p)
	default:
		c.store(i, stream, p)
		c.lines(i, stream, p)
	}
}

// appendUpTo appends as much of p as a bound leaves room for.
func appendUpTo(bound int, to, p []byte) []byte { return append(to, p[:min(len(p), bound-len(to))]...) }

func (c *collector) store(i, stream int, p []byte) {
	to := &c.results[i].Stdout
	if stream == stderr {
		to = &c.results[i].Stderr
	}
	before := len(*to)
	*to = appendUpTo(min(keep, before+keepAll-c.kept), *to, p)
	c.kept += len(*to) - before
	if len(*to)-before < len(p) && stream == stdout && c.steps[i].Captured && c.cut == nil {
		c.cut = &LongError{c.steps[i]}
	}
}

// lines sends whole lines to the screen and keeps the rest for later.
func (c *collector) lines(i, stream int, p []byte) {
	if c.steps[i].Captured {
		return
	}
	for len(p) > 0 {
		line, rest, found := bytes.Cut(p, []byte("\n"))
		c.partial[stream] = append(c.partial[stream], line...)
		p = rest
		if found || len(c.partial[stream]) > longLine {
			c.show(i, stream, c.partial[stream])
			c.partial[stream] = c.partial[stream][:0]
		}
	}
}

func (c *collector) show(i, stream int, line []byte) {
	c.sink(event.Line{Host: c.host, Step: c.steps[i].Name, Stream: streamNames[stream], Text: string(line)})
}

func (c *collector) frame(stream int, f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first.Do(c.arrived)
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
		c.beginUndo(i)
	case f.kind == "UE" && known:
		c.endUndo(i, f.number(1))
	case f.kind == "S":
		c.stage(stream, f)
	case stream == stdout:
		c.onFrame(f)
	}
}

// arrived is called with the first frame: the host has the whole program.
func (c *collector) arrived() {
	c.start.begun()
	c.sink(event.Waited{Host: c.host, For: event.Sent, Since: c.sent, Took: time.Since(c.sent)})
	c.onFirst()
}

// stage tells of the end of a stage when both streams have come to it: by then all of its steps have
// been told.
func (c *collector) stage(stream int, f frame) {
	c.stages[stream]++
	if c.stages[1-stream] >= c.stages[stream] {
		c.onFrame(f)
	}
}

// begin and the like take each frame once: a host that repeats one, or makes one up, changes nothing.
func (c *collector) begin(stream, i int) {
	if c.entered[stream][i] {
		return
	}
	c.entered[stream][i] = true
	c.open[stream] = i
	if stream == stdout {
		c.beganAt[i] = time.Now()
		c.sink(event.Step{Host: c.host, Name: c.steps[i].Name, State: event.Began, Shown: c.steps[i].Run.String(), VerboseOnly: c.steps[i].VerboseOnly})
	}
}

func (c *collector) end(stream, i, status int) {
	if c.open[stream] != i {
		return
	}
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
	r.Ran, r.Status, r.Took = true, status, time.Since(c.beganAt[i])
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
	if Report(words[0]) == Probed && len(words) > 1 {
		c.probed(i, words[1], strings.Join(words[2:], " "))
	}
}

// probed tells the answer that a step got which waits for a healthy container.
func (c *collector) probed(i int, limit, answer string) {
	seconds, _ := strconv.Atoi(limit) // without a number the limit is unknown
	c.sink(event.Probe{Host: c.host, Step: c.steps[i].Name, Answer: answer, Limit: time.Duration(seconds) * time.Second})
}

func (c *collector) outcome(r Result) event.Step {
	e := event.Step{Host: c.host, Name: r.Step.Name, State: event.Done, Shown: r.Step.Run.String(), Took: r.Took, VerboseOnly: r.Step.VerboseOnly}
	switch {
	case r.Status == 0:
	case r.Step.BestEffort:
		e.State = event.Ignored
	case r.Means(GaveUp):
		e.State = event.Cancelled
	default:
		e.State, e.Err = event.Failed, r.failure()
	}
	return e
}

func (r Result) failure() error {
	return &StepError{Step: r.Step, Status: r.Status, Stdout: r.Stdout, Stderr: r.Stderr}
}

func (c *collector) beginUndo(i int) {
	if !c.undid[i] {
		c.undid[i], c.undoing, c.undoAt = true, i, time.Now()
	}
}

func (c *collector) endUndo(i, status int) {
	if c.undoing != i {
		return
	}
	r := Result{Step: c.steps[i], Ran: true, Status: status, Stdout: c.undone}
	c.undone, c.undoing = nil, -1
	if r.Step.Undo.Empty() {
		return
	}
	e := event.Step{Host: c.host, Name: r.Step.Name, State: event.Undone, Shown: r.Step.Undo.String(), Took: time.Since(c.undoAt)}
	if status != 0 {
		e.State, e.Err = event.Failed, r.failure()
	}
	c.sink(e)
	c.onUndo(r)
}
