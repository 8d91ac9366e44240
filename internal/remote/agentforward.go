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

// Forwarding says whether the operator's SSH agent is forwarded to sessions that ask for it.
type Forwarding int

// The values of Forwarding.
const (
	ForwardAsConfigured    Forwarding = iota // as ForwardAgent of the SSH configuration says, by default no
	ForwardUnlessForbidden                   // yes, unless the SSH configuration has ForwardAgent no
	ForwardNever
)

// WithAgent returns c as a Host that forwards the operator's agent to its sessions, if the settings
// allow it. They never do for jump hosts and for hosts whose key was accepted in this run.
func (c *Client) WithAgent() Host { return agentHost{c} }

type agentHost struct{ *Client }

func (h agentHost) Start(ctx context.Context, line string) (Session, error) {
	s, err := h.start(ctx, request{line: line, agent: true})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// agentForwarder connects sessions with the operator's agent. A host can open a channel to the agent
// at any time; such a channel is accepted only while a session is open that was offered the agent.
type agentForwarder struct {
	socket string // of the agent; "" forwards nothing
	note   func() // tells the user why a session does not get the agent; may be nil

	mu      sync.Mutex
	serving bool
	open    int                   // sessions that were offered the agent
	conns   map[net.Conn]struct{} // connections to the agent
}

// agentForwarder returns the forwarder for a connection to l. Call it when the host key is checked.
func (d *Dialer) agentForwarder(l login) *agentForwarder {
	socket := d.forwardable(l)
	if socket == "" || !d.isFresh(l.known()) {
		return &agentForwarder{socket: socket}
	}
	return &agentForwarder{note: sync.OnceFunc(func() {
		d.opts.Hooks.note(l.target.Name, "the agent is not forwarded, because the host key was accepted in this run")
	})}
}

// forwardable returns the socket of the agent that l may use, "" for none.
func (d *Dialer) forwardable(l login) string {
	forward := d.opts.Keys.ForwardAgent
	set := l.conf.first("forwardagent")
	switch {
	case l.hop || forward == ForwardNever:
		return ""
	case len(l.conf["forwardagent"]) == 0:
		if forward == ForwardUnlessForbidden {
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

// offer tells the host that s may use the agent. Call it before a program starts in s.
func (f *agentForwarder) offer(client *ssh.Client, s *session) {
	if f.note != nil {
		f.note()
	}
	if f.socket == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.serving {
		f.serving, f.conns = true, map[net.Conn]struct{}{}
		go f.serve(client.HandleChannelOpen("auth-agent@openssh.com"))
	}
	f.open++
	go func() {
		<-s.done
		f.sessionEnded()
	}()
	_, _ = s.ch.SendRequest("auth-agent-req@openssh.com", false, nil)
}

// sessionEnded closes all connections to the agent when the last session that may use it has ended.
func (f *agentForwarder) sessionEnded() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open--
	if f.open == 0 {
		for conn := range f.conns {
			_ = conn.Close()
		}
	}
}

// connect connects to the agent. It fails if no session may use the agent.
func (f *agentForwarder) connect() (net.Conn, error) {
	conn, err := dialAgent(f.socket)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open == 0 {
		_ = conn.Close()
		return nil, errors.New("no session has asked for it")
	}
	f.conns[conn] = struct{}{}
	return conn, nil
}

func (f *agentForwarder) release(conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, conn)
	_ = conn.Close()
}

func (f *agentForwarder) serve(channels <-chan ssh.NewChannel) {
	for ch := range channels {
		go f.join(ch)
	}
}

func (f *agentForwarder) join(ch ssh.NewChannel) {
	agent, err := f.connect()
	if err != nil {
		_ = ch.Reject(ssh.Prohibited, fmt.Sprintf("agent: %s", err))
		return
	}
	defer f.release(agent)
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
