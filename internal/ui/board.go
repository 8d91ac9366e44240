package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
)

// board is what is known of the work on hosts: of each host what it has done, and what it does or waits for.
type board struct {
	work  event.Work
	began time.Time // zero before there is work
	build building
	local hostState // the operator's machine
	hosts []*hostState
}

// building is the build of the image.
type building struct {
	event.Build // State "" if there is no build
	began       time.Time
}

// hostState is how far a host has come.
type hostState struct {
	name   string
	done   []event.Reached
	failed string       // what failed, "" if nothing has
	stage  *event.Stage // the last that the host has begun, nil if none
	over   bool         // the host has come to the end of the stage, or has failed
	waits  event.Wait   // what it waits for, "" if for nothing that is reported
	since  time.Time    // when that began
}

// on reports whether there is work on hosts to show.
func (b *board) on() bool { return !b.began.IsZero() }

// follow takes note of e.
func (b *board) follow(e event.Event, now time.Time) {
	switch e := e.(type) {
	case event.Work:
		b.announce(e, now)
	case event.Build:
		if e.State == event.Began {
			b.build.began, b.local.failed = now, "" // it may be built once more
		}
		b.build.Build = e
	case event.Stage:
		for _, name := range e.Hosts {
			b.host(name).begin(&e)
		}
	case event.Reached:
		h := b.host(e.Host)
		h.done, h.over = append(h.done, e), true
	case event.HostFailed:
		h := b.host(e.Host)
		h.failed, h.over = cmp.Or(h.failed, firstLine(e.Err)), true
	case event.Step:
		if e.State == event.Failed {
			b.host(e.Host).failed = e.Name
		}
	case event.Waiting:
		h := b.host(e.Host)
		h.waits, h.since = e.For, now
	case event.Waited:
		b.host(e.Host).waits = ""
	}
}

func (b *board) announce(w event.Work, now time.Time) {
	if !b.on() {
		b.began = now
	}
	b.work = w
	var hosts []*hostState
	for _, name := range w.Hosts {
		hosts = append(hosts, b.host(name))
	}
	for _, h := range b.hosts {
		if !slices.Contains(w.Hosts, h.name) {
			hosts = append(hosts, h)
		}
	}
	b.hosts = hosts
}

// host returns the state of a host, a new one if nothing was known of it.
func (b *board) host(name string) *hostState {
	if name == "" {
		return &b.local
	}
	at := slices.IndexFunc(b.hosts, func(h *hostState) bool { return h.name == name })
	if at < 0 {
		b.hosts = append(b.hosts, &hostState{name: name})
		at = len(b.hosts) - 1
	}
	return b.hosts[at]
}

// begin notes that the host begins a stage. An undo takes back what the host has done. A stage after an undo, or
// after a failure, is a new attempt.
func (h *hostState) begin(s *event.Stage) {
	if s.Undo || h.stage != nil && h.stage.Undo {
		h.done = nil
	}
	if !s.Undo {
		h.failed = ""
	}
	h.stage, h.over = s, false
}

// concerns reports whether the work is about the host. It is not about the machine of a builder.
func (b *board) concerns(h *hostState) bool {
	return h.stage != nil || slices.Contains(b.work.Hosts, h.name)
}

// waitsFor returns the hosts that a host waits for at the end of its stage.
func (b *board) waitsFor(h *hostState) []string {
	if h.stage == nil || !h.over || !h.stage.Together {
		return nil
	}
	var same, others []string
	for _, o := range b.hosts {
		switch {
		case o.over || o.stage == nil || o.failed != "":
		case o.stage == h.stage:
			same = append(same, o.name)
		default:
			others = append(others, o.name)
		}
	}
	if len(same) > 0 {
		return same
	}
	return others // of the next batch
}

func firstLine(err error) string {
	if err == nil {
		return "failed"
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}
