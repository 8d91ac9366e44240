// Package event is what work tells the screen: small values, sent as things happen. The work
// never prints; ui turns events into lines, output into log records.
package event

import "time"

// Sink receives events. It is called from many goroutines at once and must not block for long.
type Sink func(Event)

// Event is one of the types of this package.
type Event interface{ event() }

// Section announces a part of the command, such as "Build and push the image".
type Section struct{ Text string }

// Note is a line for the user that is neither progress nor an error.
type Note struct {
	Host string // empty: about the whole run
	Text string
}

// Warning is a Note that the user should act on.
type Warning struct {
	Host string
	Text string
}

// State says what became of a step.
type State string

// The states of a step, in the order in which they can occur.
const (
	Began     State = "began"
	Done      State = "done"
	Failed    State = "failed"
	Ignored   State = "ignored" // failed, and nothing depends on it
	Undone    State = "undone"
	Cancelled State = "cancelled" // ended because something else failed, or the user asked for it
)

// LongWait is after how long a person should know what is waited for.
const LongWait = 15 * time.Second

// Step is the progress of one step on one host. Host "" is the operator's machine.
type Step struct {
	Host        string
	Name        string
	State       State
	Shown       string        // the command, redacted; for verbose screens
	Took        time.Duration // set from Done on
	Err         error         // set with Failed
	VerboseOnly bool          // hidden from a screen that is not verbose, unless it failed
}

// Wait is what a host waits for.
type Wait string

// What a host can wait for, in the order in which it occurs.
const (
	Queued     Wait = "queued"     // for its turn to log in
	Connecting Wait = "connecting" // for the login
	Sent       Wait = "sent"       // for the beginning of the work that was sent to it
	AtGate     Wait = "gate"       // for other hosts
)

// Waited is a wait of a host that is over. None of the steps that waited ran meanwhile.
type Waited struct {
	Host  string
	For   Wait
	Gate  string // of AtGate: what has to be true before the host goes on, "" if it has no name
	Since time.Time
	Took  time.Duration // from Since to the end of the wait
}

// Line is one line of output of a step, without its line end.
type Line struct {
	Host   string
	Step   string
	Stream string // "stdout" or "stderr"
	Loud   bool   // shown to everybody, not to those alone who ask for everything
	Text   string
}

// Progress is how far a step has come that moves data. It follows Began and comes about once a second.
type Progress struct {
	Host string
	Step string
	Sent int64 // bytes
	Of   int64 // bytes that are known to be needed; more may be
	Rate int64 // bytes per second of late, 0 if unknown
}

func (Section) event()  {}
func (Progress) event() {}
func (Note) event()     {}
func (Warning) event()  {}
func (Step) event()     {}
func (Line) event()     {}
func (Waited) event()   {}
