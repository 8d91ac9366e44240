// Package lock makes sure that one run at a time works on an app, on all hosts of the run.
//
// The lease lives as long as its owner: on every host a session holds flock(1) on a file and records
// who holds it. The session ends when the run's heartbeat stops. Scripts that change something hold
// the work lock while they or their undo run, and check that the lease still belongs to their run. A
// freeze is a lock with a message that a person sets and releases.
package lock

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
)

// Record describes the holder of a lock.
type Record struct {
	Who     string    `json:"who"`
	Since   time.Time `json:"since"`
	Version string    `json:"version,omitempty"`
	Command string    `json:"command,omitempty"` // such as "deploy"
	Run     string    `json:"run,omitempty"`     // page of the CI run
	Message string    `json:"message,omitempty"` // of a freeze
	Holder  string    `json:"holder"`            // see HolderOf
}

// HolderOf returns a name for the run with this token. It does not reveal the token, because a process that
// knows the token can join the run's lease. For an empty token it returns "".
func HolderOf(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("mrsk lease " + token))
	return hex.EncodeToString(sum[:16])
}

// String describes the holder to a user who has to wait.
func (r Record) String() string {
	text := r.Who
	if r.Command != "" {
		text += " runs " + r.Command
	}
	if r.Version != "" {
		text += " of version " + r.Version
	}
	if !r.Since.IsZero() {
		text += " since " + r.Since.UTC().Format(time.RFC3339)
	}
	if r.Run != "" {
		text += ", see " + r.Run
	}
	return text
}

// HeldError reports that another run holds the lease.
type HeldError struct {
	Host   string
	Record Record
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("locked on %s: %s", e.Host, e.Record)
}

// Hint says what to do; the lock cannot be stale.
func (e *HeldError) Hint() string {
	return "wait until that run has ended; its lock ends with it, even if it is killed"
}

// FrozenError reports that a person has locked the app.
type FrozenError struct {
	Host   string
	Record Record
}

func (e *FrozenError) Error() string {
	return fmt.Sprintf("locked on %s by %s since %s: %s", e.Host, e.Record.Who,
		e.Record.Since.UTC().Format(time.RFC3339), e.Record.Message)
}

// Hint names the command that unlocks.
func (e *FrozenError) Hint() string { return "mrsk lock release" }

// silenceTimeout is how long a host goes without a heartbeat before it frees the lease.
const silenceTimeout = 20 * time.Second

// Session is what Take needs to reach hosts; package fleet provides it.
type Session interface {
	// Each runs fn on the hosts with these names at the same time and waits for all. It joins their errors, each with its
	// host.
	Each(ctx context.Context, names []string, fn func(context.Context, remote.Host) error) error
}

// Request is a run that wants the lease.
type Request struct {
	Fleet   Session
	Hosts   []string
	Prelude string // see script.Script
	Record  Record
	Sink    event.Sink
	Wait    Wait
}

// Wait says how long to wait for a lease that another run holds. The zero value does not wait.
type Wait struct {
	Timeout  time.Duration // the longest wait
	Interval time.Duration // between two tries
}

// Take takes the lease on hosts: on the first one alone, then on all others at once, so that of
// two runs exactly one gets past the first. It fails with *HeldError after the wait, or at once with
// *FrozenError. After a failure it holds no lock.
func Take(ctx context.Context, r Request) (*Lease, error) {
	until := time.Now().Add(r.Wait.Timeout)
	for {
		lease, err := r.try(ctx)
		var held *HeldError
		left := time.Until(until)
		if !errors.As(err, &held) || left <= 0 {
			return lease, err
		}
		r.Sink(event.Note{Host: held.Host, Text: fmt.Sprintf("locked: %s; waiting for up to %s more", held.Record, left.Round(time.Second))})
		select {
		case <-time.After(min(r.Wait.Interval, left)):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (r Request) try(ctx context.Context) (*Lease, error) {
	l := newLease(ctx)
	head := min(1, len(r.Hosts))
	for _, group := range [][]string{r.Hosts[:head], r.Hosts[head:]} {
		err := r.Fleet.Each(ctx, group, func(ctx context.Context, h remote.Host) error { return l.hold(ctx, h, r) })
		if err != nil {
			l.Release(ctx)
			return nil, first(err)
		}
	}
	for host, holder := range l.holders {
		go l.watch(host, holder.Wait)
	}
	return l, nil
}

// first returns the refusal of a lock if err contains one, and otherwise err.
func first(err error) error {
	var taken *HeldError
	var closed *FrozenError
	switch {
	case errors.As(err, &closed):
		return closed
	case errors.As(err, &taken):
		return taken
	}
	return err
}

func (l *Lease) hold(ctx context.Context, h remote.Host, r Request) error {
	record, _ := json.Marshal(r.Record) // a struct of strings and a time always encodes
	s := script.Session{
		Prelude: r.Prelude,
		Setup:   []script.Step{{Name: "take the lock", Kind: script.TakeLease, Run: takeLease.Call(string(record)), Main: true, Captured: true, VerboseOnly: true}},
		Stages: []script.Stage{
			{Name: "hold"},
			{Name: "release", Steps: []script.Step{{Name: "free the lock", Run: dropRecord.Call(), Captured: true, VerboseOnly: true}}},
		},
		Report:         dropRecord.Call(),
		SilenceTimeout: silenceTimeout,
	}
	running, err := s.Start(ctx, h, quiet(r.Sink))
	if err != nil {
		return err
	}
	if err := running.Stage(ctx, 0); err != nil {
		running.Hangup()
		return refusal(h.Name(), err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holders[h.Name()] = running
	return nil
}

// quiet drops the event of the failed step: the refusal is reported as an error.
func quiet(sink event.Sink) event.Sink {
	return func(e event.Event) {
		if s, ok := e.(event.Step); ok && s.State == event.Failed {
			return
		}
		sink(e)
	}
}

// longRecord is more than any record takes, in bytes.
const longRecord = 8 << 10

func refusal(host string, err error) error {
	var failed *script.StepError
	if !errors.As(err, &failed) {
		return err
	}
	switch r := parse(string(failed.Stdout)); {
	case failed.Means(script.Held):
		return &HeldError{host, r}
	case failed.Means(script.Frozen):
		return &FrozenError{host, r}
	}
	return err
}

// parse returns a record of "somebody" for text that is not a record or is too long.
func parse(text string) Record {
	var r Record
	if len(text) > longRecord {
		return Record{Who: "somebody"}
	}
	if err := json.Unmarshal([]byte(strings.TrimSpace(text)), &r); err != nil {
		return Record{Who: "somebody"}
	}
	return r
}

// Guard returns the first step of a script that changes something. It takes the work lock, waits for
// the undo of an earlier run, and checks that the run with this token still holds the lease. Without
// a token it only takes the work lock.
func Guard(token string, wait time.Duration) []script.Step {
	return []script.Step{{
		Name: "begin",
		Run:  work.Call(HolderOf(token), strconv.Itoa(int(wait.Seconds()))),
		Main: true, VerboseOnly: true,
	}}
}

const seeLocks = "look at the locks"

// Observe returns the steps that look at the app's locks.
func Observe() []plan.Step {
	return []plan.Step{{Name: seeLocks, Run: lockFacts.Call(), Captured: true, Cacheable: true}}
}

// Read sets the facts about the app's locks. output returns the output of a step by name.
func Read(output func(step string) []byte, h *facts.Host) error {
	lease, freeze, _ := strings.Cut(string(output(seeLocks)), "--\n")
	h.Lock = facts.Lock{Holder: strings.TrimSpace(lease), Freeze: strings.TrimSpace(freeze)}
	return nil
}

// Check fails early, before a build, if another run than the one with this token holds a lock on one
// of the hosts. Take decides later.
func Check(hosts []facts.Host, token string) error {
	for _, h := range hosts {
		if h.Lock.Freeze != "" {
			return &FrozenError{h.Name, parse(h.Lock.Freeze)}
		}
		if r := parse(h.Lock.Holder); h.Lock.Holder != "" && r.Holder != HolderOf(token) {
			return &HeldError{h.Name, r}
		}
	}
	return nil
}
