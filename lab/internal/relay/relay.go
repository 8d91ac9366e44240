// Package relay is a TCP relay that holds bytes back, so that two containers
// on one machine talk as if a network with a round-trip time lay between them.
package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	chunkSize = 64 << 10
	// queued chunks per direction: enough for 256 MB on their way, so that
	// the delay never turns into a limit on throughput.
	queueLength = 4096
)

// Relay forwards each accepted connection to one address, late.
type Relay struct {
	to  string
	rtt atomic.Int64
}

// New returns a relay to an address, with a round-trip time.
func New(to string, rtt time.Duration) *Relay {
	r := &Relay{to: to}
	r.SetRTT(rtt)
	return r
}

// SetRTT changes the round-trip time, of running connections too.
func (r *Relay) SetRTT(rtt time.Duration) { r.rtt.Store(int64(rtt)) }

func (r *Relay) roundTrip() time.Duration { return time.Duration(r.rtt.Load()) }
func (r *Relay) oneWay() time.Duration    { return r.roundTrip() / 2 }

// Serve relays until the listener is closed or ctx ends.
func (r *Relay) Serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var open sync.WaitGroup
	defer open.Wait()
	defer cancel()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		open.Go(func() { r.relay(ctx, client.(*net.TCPConn)) })
	}
}

// relay mimics when things happen on a real line. The kernel has accepted the
// client at once, though the handshake takes a round trip: so what the client
// says counts as said one round trip late, and the server is dialled when the
// handshake's last part would reach it.
func (r *Relay) relay(ctx context.Context, client *net.TCPConn) {
	defer client.Close()
	wait(ctx, r.roundTrip())
	upstream := make(chan chunk, queueLength)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer client.Close()
	reading.Go(func() { read(ctx, client, upstream) })
	wait(ctx, r.oneWay())
	server, err := new(net.Dialer).DialContext(ctx, "tcp", r.to)
	if err != nil {
		reset(client)
		drain(client, upstream)
		return
	}
	r.join(ctx, client, server.(*net.TCPConn), upstream)
}

func (r *Relay) join(ctx context.Context, client, server *net.TCPConn, upstream chan chunk) {
	defer context.AfterFunc(ctx, func() { client.Close(); server.Close() })()
	downstream := make(chan chunk, queueLength)
	var both sync.WaitGroup
	both.Go(func() { read(ctx, server, downstream) })
	both.Go(func() { r.write(ctx, server, client, upstream) })
	both.Go(func() { r.write(ctx, client, server, downstream) })
	both.Wait()
	server.Close()
}

// A chunk is what was read at one time; err is set on the last one.
type chunk struct {
	at   time.Time
	data []byte
	err  error
}

func read(ctx context.Context, from *net.TCPConn, to chan<- chunk) {
	defer close(to)
	for {
		data := make([]byte, chunkSize)
		n, err := from.Read(data)
		select {
		case to <- chunk{at: time.Now(), data: data[:n:n], err: err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// write delivers chunks when they are due, then passes the end on: an orderly
// close as a half close, a broken connection as a reset.
func (r *Relay) write(ctx context.Context, to, from *net.TCPConn, chunks <-chan chunk) {
	for c := range chunks {
		wait(ctx, time.Until(c.at.Add(r.oneWay())))
		if _, err := to.Write(c.data); err != nil {
			reset(from)
			drain(from, chunks)
			return
		}
		if errors.Is(c.err, io.EOF) {
			_ = to.CloseWrite() // a peer that is gone shows on the other side
		} else if c.err != nil {
			reset(to)
		}
	}
}

// drain lets the reader of a closed connection come to its end.
func drain(from *net.TCPConn, chunks <-chan chunk) {
	from.Close()
	for range chunks {
	}
}

func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0) // without it the peer sees an ordinary end
	conn.Close()
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
