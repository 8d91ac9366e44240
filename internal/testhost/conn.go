package testhost

import (
	"io"
	"net"
	"sync"

	"golang.org/x/crypto/ssh"
)

// stallable is a connection that can stop moving bytes without being closed.
type stallable struct {
	net.Conn
	mu      sync.Mutex
	stalled bool
	once    sync.Once
	release chan struct{}
}

func (c *stallable) stall() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stalled = true
}

func (c *stallable) hold() {
	c.mu.Lock()
	stalled := c.stalled
	c.mu.Unlock()
	if stalled {
		<-c.release
	}
}

func (c *stallable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.hold()
	return n, err
}

func (c *stallable) Write(p []byte) (int, error) {
	c.hold()
	return c.Conn.Write(p)
}

func (c *stallable) Close() error {
	c.once.Do(func() { close(c.release) })
	return c.Conn.Close()
}

// conn is one connection of a client.
type conn struct {
	s    *Server
	net  *stallable
	mu   sync.Mutex
	open int // sessions
	ssh  *ssh.ServerConn
}

func (s *Server) serve(nc *stallable) {
	c := &conn{s: s, net: nc}
	s.mu.Lock()
	s.conns[c] = struct{}{}
	if s.stalled {
		nc.stall()
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
		_ = nc.Close()
	}()
	sc, chans, reqs, err := ssh.NewServerConn(nc, s.config())
	s.settled()
	if err != nil {
		return
	}
	c.mu.Lock()
	c.ssh = sc
	c.mu.Unlock()
	go c.requests(sc, reqs)
	for ch := range chans {
		c.channel(ch)
	}
}

func (c *conn) channel(ch ssh.NewChannel) {
	switch ch.ChannelType() {
	case c.s.opts.mute:
	case "session":
		c.session(ch)
	case "direct-tcpip":
		go c.tunnel(ch)
	default:
		_ = ch.Reject(ssh.UnknownChannelType, "unknown channel type")
	}
}

func (c *conn) session(newChannel ssh.NewChannel) {
	c.mu.Lock()
	full := c.s.opts.maxSessions > 0 && c.open >= c.s.opts.maxSessions
	if !full {
		c.open++
	}
	c.mu.Unlock()
	if full {
		_ = newChannel.Reject(ssh.ConnectionFailed, "open failed")
		return
	}
	ch, reqs, err := newChannel.Accept()
	if err != nil {
		return
	}
	c.s.count(func(n *Counts) { n.Sessions++; n.Open++ })
	go func() {
		(&session{s: c.s, ch: ch, gone: make(chan struct{})}).serve(reqs)
		c.mu.Lock()
		c.open--
		c.mu.Unlock()
		c.s.count(func(n *Counts) { n.Open-- })
	}()
}

// tunnel is what a jump host does.
func (c *conn) tunnel(newChannel ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(newChannel.ExtraData(), &to); err != nil {
		_ = newChannel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	conn, err := dial(c.s.t, to.Host, to.Port)
	if err != nil {
		_ = newChannel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	ch, reqs, err := newChannel.Accept()
	if err != nil {
		_ = conn.Close()
		return
	}
	c.s.count(func(n *Counts) { n.Tunnels++ })
	go ssh.DiscardRequests(reqs)
	join(conn, ch)
}

// join moves bytes both ways, and ends both when either has ended.
func join(a, b io.ReadWriteCloser) {
	var both sync.WaitGroup
	for _, way := range [][2]io.ReadWriteCloser{{a, b}, {b, a}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
			_ = way[1].Close()
		})
	}
	both.Wait()
}
