package testhost

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Relay is a network between a client and a server: it holds bytes back for as long as they
// would travel, and can stop those on their way to the server.
type Relay struct {
	t        testing.TB
	to       string
	delay    time.Duration // one way
	listener net.Listener

	mu     sync.Mutex
	holds  bool
	queued int // bytes from clients that are held
	change chan struct{}
	allow  int // bytes that may pass while holding
}

// NewRelay starts a relay to the address to, over which a round trip takes rtt longer.
func NewRelay(t testing.TB, to string, rtt time.Duration) *Relay {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{t: t, to: to, delay: rtt / 2, listener: l, change: make(chan struct{})}
	t.Cleanup(func() { _ = l.Close() })
	go r.accept()
	return r
}

// Addr is the host:port to connect to in place of the server's.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// Hold keeps back what clients send from now on.
func (r *Relay) Hold() {
	r.update(func() { r.holds, r.allow = true, 0 })
}

// Pass lets through what is held, and goes on holding what comes after.
func (r *Relay) Pass() {
	r.update(func() { r.allow += r.queued })
}

// AwaitHeld waits until at least n bytes of clients are held.
func (r *Relay) AwaitHeld(n int) {
	r.await(func() bool { return r.queued-r.allow >= n })
}

func (r *Relay) update(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do()
	close(r.change)
	r.change = make(chan struct{})
}

// await waits until is reports true, which it is asked under the lock.
func (r *Relay) await(is func() bool) {
	for {
		r.mu.Lock()
		ok, change := is(), r.change
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-r.t.Context().Done():
			return
		}
	}
}

func (r *Relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := (&net.Dialer{}).DialContext(r.t.Context(), "tcp", r.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		go r.carry(server, client, true)
		go r.carry(client, server, false)
	}
}

// parcel is bytes under way.
type parcel struct {
	bytes []byte
	due   time.Time
}

func (r *Relay) carry(to, from net.Conn, held bool) {
	way := make(chan parcel, 4096)
	go r.deliver(to, way, held)
	defer close(way)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if held {
				r.update(func() { r.queued += n })
			}
			way <- parcel{append([]byte(nil), buf[:n]...), time.Now().Add(r.delay)}
		}
		if err != nil {
			return
		}
	}
}

func (r *Relay) deliver(to net.Conn, way <-chan parcel, held bool) {
	defer to.Close()
	for p := range way {
		if wait := time.Until(p.due); wait > 0 {
			<-time.After(wait)
		}
		if held {
			r.await(func() bool { return !r.holds || r.allow >= len(p.bytes) })
			r.update(func() { r.queued -= len(p.bytes); r.allow = max(0, r.allow-len(p.bytes)) })
		}
		if _, err := to.Write(p.bytes); err != nil {
			return
		}
	}
}
