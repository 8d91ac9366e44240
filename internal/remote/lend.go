package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Forwarding says whether sessions that ask for the operator's agent get it.
type Forwarding int

// The zero value leaves it to the ssh configuration, whose own default is no.
const (
	ForwardAsConfigured    Forwarding = iota
	ForwardUnlessForbidden            // unless the ssh configuration says no
	ForwardNever
)

// WithAgent returns c as a host whose sessions get the operator's agent, where that is allowed.
func (c *Client) WithAgent() Host { return agentHost{c} }

type agentHost struct{ *Client }

func (h agentHost) Start(ctx context.Context, line string) (Session, error) {
	s, err := h.start(ctx, request{line: line, agent: true})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// lender leads sessions that ask to the operator's agent. A host can open channels to an agent
// at any time, so they are accepted only while such a session is open.
type lender struct {
	socket string // "" lends nothing
	note   func() // says why nothing is lent to a session that asks; may be nil

	mu      sync.Mutex
	serving bool
	open    int // sessions that asked
	lent    map[net.Conn]struct{}
}

// lender decides what a connection to l, whose host key v has seen, lends.
func (d *Dialer) lender(l login) *lender {
	socket := d.forwardable(l)
	if socket == "" || !d.isFresh(l.known()) {
		return &lender{socket: socket}
	}
	return &lender{note: sync.OnceFunc(func() {
		d.opts.Hooks.note(l.target.Name, "the agent is not forwarded, because the host key was accepted in this run")
	})}
}

// forwardable is the socket of the agent that l may use, "" for none.
func (d *Dialer) forwardable(l login) string {
	wish := d.opts.Keys.ForwardAgent
	set := l.conf.first("forwardagent")
	switch {
	case l.hop || wish == ForwardNever:
		return ""
	case len(l.conf["forwardagent"]) == 0:
		if wish == ForwardUnlessForbidden {
			return d.keys.socket(l)
		}
		return ""
	case l.conf.yes("forwardagent"):
		return d.keys.socket(l)
	case set == "" || strings.EqualFold(set, "no") || strings.EqualFold(set, "false"):
		return ""
	}
	return d.keys.agentPath(l, set)
}

// lend gives s the agent; it must be called before a program starts in s.
func (n *lender) lend(client *ssh.Client, s *session) {
	if n.note != nil {
		n.note()
	}
	if n.socket == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.serving {
		n.serving, n.lent = true, map[net.Conn]struct{}{}
		go n.serve(client.HandleChannelOpen("auth-agent@openssh.com"))
	}
	n.open++
	go func() {
		<-s.done
		n.returned()
	}()
	_, _ = s.ch.SendRequest("auth-agent-req@openssh.com", false, nil)
}

// returned notes the end of a session that asked. Behind the last one nothing stays lent.
func (n *lender) returned() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	if n.open == 0 {
		for conn := range n.lent {
			_ = conn.Close()
		}
	}
}

// connect connects to the agent on behalf of a session that asked.
func (n *lender) connect() (net.Conn, error) {
	conn, err := dialAgent(n.socket)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.open == 0 {
		_ = conn.Close()
		return nil, errors.New("no session has asked for it")
	}
	n.lent[conn] = struct{}{}
	return conn, nil
}

func (n *lender) release(conn net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.lent, conn)
	_ = conn.Close()
}

func (n *lender) serve(channels <-chan ssh.NewChannel) {
	for ch := range channels {
		go n.join(ch)
	}
}

func (n *lender) join(ch ssh.NewChannel) {
	agent, err := n.connect()
	if err != nil {
		_ = ch.Reject(ssh.Prohibited, fmt.Sprintf("agent: %s", err))
		return
	}
	defer n.release(agent)
	host, reqs, err := ch.Accept()
	if err != nil {
		return
	}
	defer host.Close()
	go ssh.DiscardRequests(reqs)
	var ways sync.WaitGroup
	ways.Go(func() { oneWay(host, agent) })
	ways.Go(func() { oneWay(agent, host) })
	ways.Wait()
}

func dialAgent(socket string) (net.Conn, error) {
	return net.DialTimeout("unix", socket, connectTimeout) //nolint:noctx // bounded by itself
}
