package testhost

import (
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Agent serves keys as an ssh agent does, and returns its socket.
func Agent(t testing.TB, keyPEMs ...[]byte) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, text := range keyPEMs {
		key, err := ssh.ParseRawPrivateKey(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	return Serve(t, ring)
}

// Serve serves a as an ssh agent, and returns its socket.
func Serve(t testing.TB, a agent.Agent) string {
	t.Helper()
	// Not t.TempDir(): the path of a socket must be short.
	dir, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = l.Close()
		_ = os.RemoveAll(dir)
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(a, conn) }()
		}
	}()
	return socket
}

// TakeAgent tries to use the agent of the client of each connection, as a hostile host does: by
// opening a channel to it, whether or not a session was offered it. It returns how many keys the
// agents hold in all; 0 where no client lets it.
func (s *Server) TakeAgent() int {
	s.t.Helper()
	s.mu.Lock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	keys := 0
	for _, c := range conns {
		c.mu.Lock()
		sc := c.ssh
		c.mu.Unlock()
		if sc == nil {
			continue // still being logged in on
		}
		ch, reqs, err := sc.OpenChannel("auth-agent@openssh.com", nil)
		if err != nil {
			continue
		}
		go ssh.DiscardRequests(reqs)
		held, _ := agent.NewClient(ch).List() // an error is an agent that was taken back
		keys += len(held)
		_ = ch.Close()
	}
	return keys
}
