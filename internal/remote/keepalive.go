package remote

import (
	"errors"
	"strconv"
	"time"
)

const (
	aliveInterval = 30 * time.Second
	aliveCount    = 3
)

// errSilent is a host that has not answered for too long.
var errSilent = errors.New("the host has stopped answering")

// pulse says when a silent connection is asked for a sign of life, and when it is given up.
type pulse struct {
	interval time.Duration
	count    int // signs that may be missed
}

func (d *Dialer) pulse(l login) pulse {
	p := pulse{l.conf.duration("serveraliveinterval", aliveInterval), aliveCount}
	if n, err := strconv.Atoi(l.conf.first("serveralivecountmax")); err == nil && n > 0 {
		p.count = n
	}
	if d.opts.Timing.Alive > 0 {
		p.interval = d.opts.Timing.Alive
	}
	return p
}

// watchOver asks a silent connection for signs of life until it is gone.
func watchOver(l *link, p pulse) {
	ask := func() {
		_, _, _ = l.client.SendRequest("keepalive@openssh.com", true, nil)
	}
	if !p.watch(l.gone, l.wire.heard, ask) {
		l.wire.sever(errSilent)
	}
}

// watch returns true when gone is closed, and false after count questions, each an interval
// apart, since which nothing at all was heard. As long as anything is heard nothing is asked.
func (p pulse) watch(gone <-chan struct{}, heard func() time.Time, ask func()) bool {
	timer := time.NewTimer(p.interval)
	defer timer.Stop()
	var asked time.Time
	for missed := 0; ; {
		select {
		case <-gone:
			return true
		case <-timer.C:
		}
		last, wait := heard(), p.interval
		switch quiet := time.Since(last); {
		// A host nearby answers sooner than this timer may be late: how long it has been quiet does
		// not tell whether it has answered.
		case quiet < p.interval, missed > 0 && !last.Before(asked):
			missed, wait = 0, p.interval-quiet
		case missed == p.count:
			return false
		default:
			missed, asked = missed+1, time.Now()
			go ask()
		}
		timer.Reset(wait)
	}
}
