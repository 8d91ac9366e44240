// Package load sends requests at a steady rate and keeps book of what came
// back. It is how the lab shows that no request is lost.
//
// It speaks HTTP/1.1 over connections of its own and not through
// http.Transport, because that retries in silence: a GET on a kept connection
// which the server closes under it is sent again, and the loss is never seen.
// Here, a kept connection that the server closed while nothing was in flight
// is replaced and counted as Reconnects: that is ordinary HTTP. From the first
// byte of a request on, everything but an answer with status 200 is a loss,
// and nothing is ever sent twice.
package load

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"
)

// Options is what to send, where, how often and for how long.
type Options struct {
	URLs []string // each gets Rate requests per second
	Host string   // Host header, when it differs from the URL's

	Rate float64 // requests per second and URL
	// Of every Kept+New requests, Kept go over connections that are kept (so
	// many are open at the start, more when all are busy), and New over a new
	// connection each.
	Kept, New int

	Slow     int           // requests to /slow in flight all the time, per URL
	SlowFor  time.Duration // how long the app takes for each, 3s if 0
	Upload   int           // uploads in flight all the time, per URL
	SlowBody time.Duration // how long each upload trickles, 3s if 0

	For     time.Duration // at most so long, 1m if 0
	Timeout time.Duration // an answer that takes longer is lost, 30s if 0
}

// maxFor bounds a run that nobody stops.
const maxFor = 30 * time.Minute

// maxInFlight bounds the requests in flight. One that is due beyond it is not sent, and counted by itself.
const maxInFlight = 1000

func (o Options) withDefaults() (Options, error) {
	if len(o.URLs) == 0 {
		return o, fmt.Errorf("no URL to send requests to")
	}
	if o.Kept < 0 || o.New < 0 || o.Slow < 0 || o.Upload < 0 || o.Rate < 0 {
		return o, fmt.Errorf("a count or rate is negative")
	}
	if o.Kept+o.New == 0 {
		o.Kept, o.New = 4, 4
	}
	o.SlowFor = orElse(o.SlowFor, 3*time.Second)
	o.SlowBody = orElse(o.SlowBody, 3*time.Second)
	o.Timeout = orElse(o.Timeout, 30*time.Second)
	o.For = min(orElse(o.For, time.Minute), maxFor)
	return o, nil
}

func orElse(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return d
}

// Run sends until the time is over or ctx ends, waits for the answers to what
// is in flight, and returns the book. started, when not nil, is called once
// requests flow.
func Run(ctx context.Context, o Options, started func()) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	targets, err := newTargets(o)
	if err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, o.For)
	defer cancel()
	g := &generator{options: o, book: newBook(o.URLs), slots: make(chan struct{}, maxInFlight)}
	for _, t := range targets {
		g.start(ctx, t)
	}
	if started != nil {
		started()
	}
	g.inFlight.Wait()
	for _, t := range targets {
		t.close()
	}
	return g.book.close(), nil
}

func newTargets(o Options) ([]*target, error) {
	var targets []*target
	for _, text := range o.URLs {
		u, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("%q is no http(s) URL", text)
		}
		targets = append(targets, &target{name: text, url: u, host: o.Host, timeout: o.Timeout})
	}
	return targets, nil
}

type generator struct {
	options  Options
	book     *book
	slots    chan struct{}
	inFlight sync.WaitGroup
}

func (g *generator) start(ctx context.Context, t *target) {
	if g.options.Rate > 0 {
		g.inFlight.Go(func() { g.pace(ctx, t) })
	}
	for range g.options.Slow {
		g.inFlight.Go(func() { g.repeat(ctx, func() result { return t.slow(g.options.SlowFor) }) })
	}
	for range g.options.Upload {
		g.inFlight.Go(func() { g.repeat(ctx, func() result { return t.upload(g.options.SlowBody) }) })
	}
}

// pace is an open loop: request i is due at start + i/rate whether or not
// earlier ones were answered, so that a server which stalls does not slow the
// generator down and hide its own stall.
func (g *generator) pace(ctx context.Context, t *target) {
	start, interval := time.Now(), time.Duration(float64(time.Second)/g.options.Rate)
	for i := 0; ; i++ {
		due := start.Add(time.Duration(i) * interval)
		if !sleepUntil(ctx, due) {
			return
		}
		g.book.late(time.Since(due))
		g.fire(t, i%(g.options.Kept+g.options.New) < g.options.Kept)
	}
}

func (g *generator) fire(t *target, kept bool) {
	select {
	case g.slots <- struct{}{}:
	default:
		g.book.skip()
		return
	}
	g.inFlight.Go(func() {
		defer func() { <-g.slots }()
		g.book.add(t.get(kept))
	})
}

// repeat keeps one request in flight all the time. A failure is followed by a
// short rest, so that a dead server does not fill the book.
func (g *generator) repeat(ctx context.Context, request func() result) {
	for ctx.Err() == nil {
		r := request()
		g.book.add(r)
		if r.err != nil {
			sleepUntil(ctx, time.Now().Add(200*time.Millisecond))
		}
	}
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
