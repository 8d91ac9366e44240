// Package lock sees to it that one run at a time works on an app, on all hosts of the run.
//
// The lease lives exactly as long as its owner: on every host a small session holds flock(1) on
// a file and ends when it no longer hears from the operator. It records who holds it.
// Changing scripts take the work lock for as long as they, or their undo, run, and check
// under it that the lease is still that of their run. A freeze is the other kind of lock: explicit, with a message, lasting.
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

// Record is what is known of who holds a lock.
type Record struct {
	Who     string    `json:"who"`
	Since   time.Time `json:"since"`
	Version string    `json:"version,omitempty"`
	Command string    `json:"command,omitempty"` // such as "deploy"
	Run     string    `json:"run,omitempty"`     // page of the CI run
	Message string    `json:"message,omitempty"` // of a freeze
	Holder  string    `json:"holder"`            // see HolderOf
}

// HolderOf names the run with this token, so that a record can say whose it is without telling
// the token: whoever knows that can join the run's lease. The run without a token has no name.
func HolderOf(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("mrsk lease " + token))
	return hex.EncodeToString(sum[:16])
}

// String tells the record to somebody who has to wait.
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

// HeldError is a lease that another run holds.
type HeldError struct {
	Host   string
	Record Record
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("locked on %s: %s", e.Host, e.Record)
}

// Hint says what to do; the lock cannot be stale.
func (e *HeldError) Hint() string {
	return "wait until that run has ended: its lock ends with it, even when it is killed"
}

// FrozenError is an app that somebody has locked on purpose.
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

// Wait is how long a run stands in line for a lease that another run holds. The zero value does
// not wait.
type Wait struct {
	Timeout  time.Duration // the longest wait
	Interval time.Duration // between two tries
}

// Take takes the lease on hosts: on the first one alone, then on all others at once, so that of
// two runs exactly one gets past the first. It fails with *HeldError, after the wait, or at once
// with *FrozenError: nobody knows how long a freeze lasts. It then holds nothing.
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

// first is the refusal among the failures: it says more than that other hosts refuse as well.
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

// quiet keeps the refusal, which becomes an error of its own, from being shown as a failed step.
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

// parse takes what it cannot read, or what is too long to be a record, for that of somebody.
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

// Guard is the setup of a changing script: it takes the work lock, waiting for as long as an
// earlier run may need to undo, and checks that the lease with this token is still held. Without
// a token it only waits for what is under way to end.
func Guard(token string, wait time.Duration) []script.Step {
	return []script.Step{{
		Name: "begin",
		Run:  work.Call(HolderOf(token), strconv.Itoa(int(wait.Seconds()))),
		Main: true, VerboseOnly: true,
	}}
}

const seeLocks = "look at the locks"

// Observe are the steps that fetch what is known of the app's locks.
func Observe() []plan.Step {
	return []plan.Step{{Name: seeLocks, Run: lockFacts.Call(), Captured: true, Cacheable: true}}
}

// Read fills in what is known of the app's locks.
func Read(output func(step string) []byte, h *facts.Host) error {
	lease, freeze, _ := strings.Cut(string(output(seeLocks)), "--\n")
	h.Lock = facts.Lock{Holder: strings.TrimSpace(lease), Freeze: strings.TrimSpace(freeze)}
	return nil
}

// Check fails when somebody else than the run with this token holds a lock on one of the hosts:
// so that nobody waits for a build before hearing it. What counts is Take.
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
