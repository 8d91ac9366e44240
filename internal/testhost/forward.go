package testhost

import (
	"net"
	"strconv"

	"golang.org/x/crypto/ssh"
)

type forwarded struct {
	Host string
	Port uint32
}

// requests serves what a client asks of the connection as a whole: signs of life, and to listen
// here on its behalf.
func (c *conn) requests(sc *ssh.ServerConn, reqs <-chan *ssh.Request) {
	listeners := map[forwarded]net.Listener{}
	for req := range reqs {
		if req.Type == c.s.opts.mute {
			continue
		}
		ok, payload := false, []byte(nil)
		switch req.Type {
		case "tcpip-forward":
			ok, payload = c.forward(sc, req, listeners)
		case "cancel-tcpip-forward":
			ok = cancel(req, listeners)
		}
		if req.WantReply {
			_ = req.Reply(ok, payload)
		}
	}
	for _, l := range listeners {
		_ = l.Close()
	}
}

func (c *conn) forward(sc *ssh.ServerConn, req *ssh.Request, listeners map[forwarded]net.Listener) (bool, []byte) {
	var at forwarded
	if ssh.Unmarshal(req.Payload, &at) != nil || c.s.opts.noForward {
		return false, nil
	}
	var lc net.ListenConfig
	host := at.Host
	if c.s.opts.gateway {
		host = ""
	}
	l, err := lc.Listen(c.s.t.Context(), "tcp", net.JoinHostPort(host, strconv.Itoa(int(at.Port))))
	if err != nil {
		return false, nil
	}
	bound := uint32(l.Addr().(*net.TCPAddr).Port)
	listeners[forwarded{at.Host, bound}] = l
	go serveForward(sc, l, forwarded{at.Host, bound})
	return true, ssh.Marshal(struct{ Port uint32 }{bound})
}

func serveForward(sc *ssh.ServerConn, l net.Listener, at forwarded) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go backward(sc, conn, at)
	}
}

// backward leads a connection that came in here to the client.
func backward(sc *ssh.ServerConn, conn net.Conn, at forwarded) {
	from, _ := net.ResolveTCPAddr("tcp", conn.RemoteAddr().String())
	ch, reqs, err := sc.OpenChannel("forwarded-tcpip", ssh.Marshal(struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}{at.Host, at.Port, from.IP.String(), uint32(from.Port)}))
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(reqs)
	join(conn, ch)
}

func cancel(req *ssh.Request, listeners map[forwarded]net.Listener) bool {
	var at forwarded
	if ssh.Unmarshal(req.Payload, &at) != nil || listeners[at] == nil {
		return false
	}
	_ = listeners[at].Close()
	delete(listeners, at)
	return true
}
