package remote

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// quickReads is about how many reads a login and a first command take.
const quickReads = 64

// conn is the network connection under an SSH connection. It records what the ssh library does not
// tell: when data was last received, whether the host sent an SSH greeting, and why the connection broke.
type conn struct {
	net.Conn
	began time.Time
	last  atomic.Int64 // nanoseconds from began to the last bytes received
	reads atomic.Int32

	severed chan struct{} // closed when sever is called
	once    sync.Once

	mu      sync.Mutex
	head    []byte // the data up to the greeting
	greeted bool
	broken  error
}

func newConn(stream net.Conn) *conn {
	return &conn{Conn: stream, began: time.Now(), severed: make(chan struct{})}
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	// TCP_QUICKACK is not sticky: set it again during the handshake and the first command.
	if c.reads.Add(1) < quickReads {
		quickAck(c.Conn)
	}
	if n > 0 {
		c.last.Store(int64(time.Since(c.began)))
	}
	c.observe(p[:n], err)
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		c.fail(err)
	}
	return n, err
}

// observe looks for the greeting, which may come after other lines (RFC 4253, section 4.2).
func (c *conn) observe(p []byte, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.greeted {
		c.head = append(c.head, p...)
		c.greeted = bytes.HasPrefix(c.head, []byte("SSH-")) || bytes.Contains(c.head, []byte("\nSSH-"))
	}
	if err != nil && c.broken == nil {
		c.broken = err
	}
}

// fail records why the connection is about to be closed; only the first reason counts.
func (c *conn) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = err
	}
}

// sever closes the connection and records the reason.
func (c *conn) sever(reason error) {
	c.fail(reason)
	_ = c.Close()
	c.once.Do(func() { close(c.severed) })
}

// cause returns why the connection broke, nil while it works.
func (c *conn) cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

func (c *conn) hasGreeted() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.greeted
}

// heard returns when data was last received, by the monotonic clock.
func (c *conn) heard() time.Time {
	return c.began.Add(time.Duration(c.last.Load()))
}

// pipeConn is a net.Conn over the stdin and stdout of a process, such as a ProxyCommand.
type pipeConn struct {
	io.ReadWriteCloser
}

func (c pipeConn) LocalAddr() net.Addr              { return c.RemoteAddr() }
func (c pipeConn) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4zero} }
func (c pipeConn) SetDeadline(time.Time) error      { return nil }
func (c pipeConn) SetReadDeadline(time.Time) error  { return nil }
func (c pipeConn) SetWriteDeadline(time.Time) error { return nil }
