package remote

import (
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// agentKeys holds the keys of one agent, or why there are none (problem).
type agentKeys struct {
	conn    *agentConn
	signers []ssh.Signer
	problem string
}

// agentSlot holds the keys of an agent. They are nil until the agent has answered.
type agentSlot struct {
	once sync.Once
	keys atomic.Pointer[agentKeys]
}

func (k *keyring) slot(socket string) *agentSlot {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.agents[socket] == nil {
		k.agents[socket] = &agentSlot{}
	}
	return k.agents[socket]
}

// agent returns the keys of the agent at socket. The agent is asked once.
func (k *keyring) agent(socket string) *agentKeys {
	slot := k.slot(socket)
	slot.once.Do(func() { slot.keys.Store(askAgent(socket, k.limit)) })
	return slot.keys.Load()
}

// agentIsAsked reports whether a request to the agent of l has no answer yet.
func (k *keyring) agentIsAsked(l login) bool {
	a := k.slot(k.socket(l)).keys.Load()
	return a != nil && a.conn != nil && a.conn.asked.Load()
}

// agentConn is a connection to an agent with a time limit for each request.
type agentConn struct {
	net.Conn
	limit time.Duration
	asked atomic.Bool // a request has no answer yet
}

func (c *agentConn) Write(p []byte) (int, error) {
	c.asked.Store(true)
	_ = c.SetDeadline(time.Now().Add(c.limit))
	return c.Conn.Write(p)
}

func (c *agentConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.asked.Store(false)
	}
	return n, err
}

func askAgent(socket string, limit time.Duration) *agentKeys {
	if socket == "" {
		return &agentKeys{problem: "no agent"}
	}
	conn, err := dialAgent(socket)
	if err != nil {
		return &agentKeys{problem: "the agent does not answer"}
	}
	limited := &agentConn{Conn: conn, limit: limit}
	signers, err := agent.NewClient(limited).Signers()
	if err != nil {
		_ = conn.Close()
		if errors.Is(err, os.ErrDeadlineExceeded) || limited.asked.Load() {
			return &agentKeys{problem: "the agent has not answered within " + limit.String()}
		}
		return &agentKeys{problem: "agent: " + err.Error()}
	}
	limited.limit = loginTimeout // it may ask its user before it signs
	return &agentKeys{conn: limited, signers: signers}
}

func (a *agentKeys) find(key ssh.PublicKey) ssh.Signer {
	if key == nil {
		return nil
	}
	for _, s := range a.signers {
		if sameKey(s.PublicKey(), key) {
			return s
		}
	}
	return nil
}

// socket returns the path of the agent to use for l, "" for none.
func (k *keyring) socket(l login) string {
	switch set := l.conf["identityagent"]; {
	case len(set) == 0 || set[0] == "SSH_AUTH_SOCK":
		return k.local.AgentSocket
	case strings.EqualFold(set[0], "none"):
		return ""
	default:
		return k.agentPath(l, set[0])
	}
}

// agentPath returns the socket that a value of IdentityAgent or ForwardAgent names.
func (k *keyring) agentPath(l login, path string) string {
	if name, ok := strings.CutPrefix(path, "$"); ok && !strings.HasPrefix(name, "{") {
		if name == "SSH_AUTH_SOCK" {
			return k.local.AgentSocket
		}
		value, _ := l.tokens(k.local).variable(name)
		return value
	}
	return k.path(l, path)
}
