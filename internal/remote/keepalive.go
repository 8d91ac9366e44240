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

// errSilent reports that the host did not answer any keepalive.
var errSilent = errors.New("the host has stopped answering")

// keepalive says when to send keepalives on a silent connection, and when to give the connection up.
type keepalive struct {
	interval time.Duration
	count    int // keepalives without an answer before the connection is given up
}

// keepalive returns the values of ServerAliveInterval and ServerAliveCountMax, or the defaults.
// Timing.Alive takes precedence over the interval.
func (d *Dialer) keepalive(l login) keepalive {
	k := keepalive{l.conf.duration("serveraliveinterval", aliveInterval), aliveCount}
	if n, err := strconv.Atoi(l.conf.first("serveralivecountmax")); err == nil && n > 0 {
		k.count = n
	}
	if d.opts.Timing.Alive > 0 {
		k.interval = d.opts.Timing.Alive
	}
	return k
}

// run sends keepalives until the connection is gone, and closes a connection that does not answer.
func (k keepalive) run(l *link) {
	ask := func() {
		_, _, _ = l.client.SendRequest("keepalive@openssh.com", true, nil)
	}
	if !k.watch(l.gone, l.conn.heard, ask) {
		l.conn.sever(errSilent)
	}
}

// watch calls ask when nothing was received for an interval. It returns true when gone is closed, and
// false when count calls of ask, an interval apart, got no answer. heard is when the connection last
// received something.
func (k keepalive) watch(gone <-chan struct{}, heard func() time.Time, ask func()) bool {
	timer := time.NewTimer(k.interval)
	defer timer.Stop()
	var asked time.Time
	for missed := 0; ; {
		select {
		case <-gone:
			return true
		case <-timer.C:
		}
		last, wait := heard(), k.interval
		switch quiet := time.Since(last); {
		// The answer of a nearby host can come before this timer, which may fire late. So compare with
		// the time of the question; the length of the silence alone is not enough.
		case quiet < k.interval, missed > 0 && !last.Before(asked):
			missed, wait = 0, k.interval-quiet
		case missed == k.count:
			return false
		default:
			missed, asked = missed+1, time.Now()
			go ask()
		}
		timer.Reset(wait)
	}
}
