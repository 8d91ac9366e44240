package remote

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// hastyReads is about how many times a login and a first command read.
const hastyReads = 64

// wire is the byte stream under an SSH connection. It remembers what the ssh library does not
// tell: when the other side was last heard, whether it greeted, and why the stream broke.
type wire struct {
	net.Conn
	began time.Time
	last  atomic.Int64 // nanoseconds from then to the last bytes received
	reads atomic.Int32

	severed chan struct{} // closed when sever is called
	once    sync.Once

	mu      sync.Mutex
	head    []byte // what came before and in the greeting
	greeted bool
	broken  error
}

func newWire(conn net.Conn) *wire {
	return &wire{Conn: conn, began: time.Now(), severed: make(chan struct{})}
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	// The system forgets the wish after a while, so it is told again while it matters.
	if w.reads.Add(1) < hastyReads {
		quickAck(w.Conn)
	}
	if n > 0 {
		w.last.Store(int64(time.Since(w.began)))
	}
	w.observe(p[:n], err)
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if err != nil {
		w.fail(err)
	}
	return n, err
}

// observe looks for the greeting, which may follow other lines (RFC 4253, 4.2).
func (w *wire) observe(p []byte, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.greeted {
		w.head = append(w.head, p...)
		w.greeted = bytes.HasPrefix(w.head, []byte("SSH-")) || bytes.Contains(w.head, []byte("\nSSH-"))
	}
	if err != nil && w.broken == nil {
		w.broken = err
	}
}

// fail notes why the stream is about to be closed; the first reason counts.
func (w *wire) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.broken = err
	}
}

// sever ends the stream at once, for the given reason.
func (w *wire) sever(reason error) {
	w.fail(reason)
	_ = w.Close()
	w.once.Do(func() { close(w.severed) })
}

// cause is why the stream broke, nil while it has not.
func (w *wire) cause() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.broken
}

func (w *wire) hasGreeted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.greeted
}

// heard is when the other side was last heard, by a clock that nobody sets.
func (w *wire) heard() time.Time {
	return w.began.Add(time.Duration(w.last.Load()))
}

// pipeConn makes a connection of a process's stdin and stdout.
type pipeConn struct {
	io.ReadWriteCloser
}

func (c pipeConn) LocalAddr() net.Addr              { return c.RemoteAddr() }
func (c pipeConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4zero} }
func (c pipeConn) SetDeadline(time.Time) error      { return nil }
func (c pipeConn) SetReadDeadline(time.Time) error  { return nil }
func (c pipeConn) SetWriteDeadline(time.Time) error { return nil }
