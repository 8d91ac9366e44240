// Package testhost is an SSH server inside the test's own process, for tests alone: it runs
// what it is asked to with /bin/sh in a private home, and it can misbehave in the ways that real
// servers and networks do.
package testhost

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// Server is a host. Its methods may be called from any goroutine.
type Server struct {
	t        testing.TB
	opts     options
	listener net.Listener
	home     string
	key      ssh.Signer // what clients log in with
	keyPEM   []byte

	mu       sync.Mutex
	hostKeys []ssh.Signer
	trusted  ssh.PublicKey // in the place of key's public part
	refuse   bool
	stalled  bool
	conns    map[*conn]struct{}
	execs    []string
	counts   Counts
	sizes    []Size
	users    []string
	startups int          // connections that are being logged in on
	running  map[int]bool // process groups
}

// Counts is what a server has seen.
type Counts struct {
	Connections int // accepted
	Logins      int // that were accepted
	Sessions    int // session channels opened
	Open        int // of them, those that are open now
	Execs       int // programs that were run
	Terminals   int // pty requests
	Tunnels     int // direct-tcpip channels, opened by those who jump
	Agents      int // requests that a session be led to the client's agent
}

// Option changes how a server is set up.
type Option func(*options)

type options struct {
	shell       []string
	maxSessions int
	slowAccept  time.Duration
	hostKeys    []ssh.Signer
	network     string
	dropFirst   int
	maxStartups int
	noExec      bool
	gateway     bool
	mute        string
	noForward   bool
	programs    string
}

// Shell sets the login shell: the words before the line that is to be run.
func Shell(words ...string) Option { return func(o *options) { o.shell = words } }

// MaxSessions limits the sessions of a connection; others are refused as sshd does.
func MaxSessions(n int) Option { return func(o *options) { o.maxSessions = n } }

// SlowAccept lets each connection wait before it is greeted.
func SlowAccept(d time.Duration) Option { return func(o *options) { o.slowAccept = d } }

// HostKeys sets the host's keys; by default it has a fresh ed25519 key.
func HostKeys(keys ...ssh.Signer) Option { return func(o *options) { o.hostKeys = keys } }

// IPv6 listens on [::1] instead of 127.0.0.1.
func IPv6() Option { return func(o *options) { o.network = "[::1]:0" } }

// DropFirst closes the first n connections before greeting, as sshd with MaxStartups does.
func DropFirst(n int) Option { return func(o *options) { o.dropFirst = n } }

// MaxStartups closes connections while n others are being logged in on.
func MaxStartups(n int) Option { return func(o *options) { o.maxStartups = n } }

// GatewayPorts opens forwarded ports on all addresses, as sshd does with GatewayPorts yes.
func GatewayPorts() Option { return func(o *options) { o.gateway = true } }

// NoForward refuses to forward ports, as sshd does with AllowTcpForwarding no.
func NoForward() Option { return func(o *options) { o.noForward = true } }

// NoExec refuses to run anything, as restricted accounts do.
func NoExec() Option { return func(o *options) { o.noExec = true } }

// Mute leaves channels and requests of one kind, such as session or exec, without any answer. Those
// of other kinds, keepalives among them, are answered.
func Mute(kind string) Option { return func(o *options) { o.mute = kind } }

// Programs puts a folder of programs first in PATH.
func Programs(dir string) Option { return func(o *options) { o.programs = dir } }

// New starts a server that lives as long as the test.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := &Server{t: t, home: t.TempDir(), conns: map[*conn]struct{}{}, running: map[int]bool{}}
	s.opts = options{shell: []string{"/bin/sh", "-c"}, network: "127.0.0.1:0"}
	for _, o := range opts {
		o(&s.opts)
	}
	s.key, s.keyPEM = NewKey(t)
	s.hostKeys = s.opts.hostKeys
	if len(s.hostKeys) == 0 {
		s.RotateHostKey()
	}
	if err := os.MkdirAll(s.Bin(), 0o755); err != nil {
		t.Fatal(err)
	}
	s.makeLocks()
	s.listen()
	return s
}

func (s *Server) listen() {
	s.t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(s.t.Context(), "tcp", s.opts.network)
	if err != nil {
		s.t.Skipf("cannot listen on %s: %s", s.opts.network, err)
	}
	s.listener = l
	s.t.Cleanup(func() {
		_ = l.Close()
		s.Drop()
		s.killAll()
	})
	go s.accept()
}

// NewKey makes an ed25519 key, also in the form of a key file.
func NewKey(t testing.TB) (ssh.Signer, []byte) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "test")
	if err != nil {
		t.Fatal(err)
	}
	return signer, pem.EncodeToMemory(block)
}

// Addr is the server's host:port, which may stand as a host in a configuration.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Home is the home of whoever logs in.
func (s *Server) Home() string { return s.home }

// Bin is the folder that comes first in PATH.
func (s *Server) Bin() string { return filepath.Join(s.home, ".bin") }

// Put installs a program on the host: a script with its #! line.
func (s *Server) Put(name, script string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.Bin(), name), []byte(script), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

// KeyPEM is the private key with which one can log in.
func (s *Server) KeyPEM() []byte { return s.keyPEM }

// Key is the key with which one can log in.
func (s *Server) Key() ssh.Signer { return s.key }

// HostKey is the public part of the host's first key.
func (s *Server) HostKey() ssh.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hostKeys[0].PublicKey()
}

// Trust lets those log in who hold key.
func (s *Server) Trust(key ssh.Signer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
}

// TrustPublic lets those log in who hold the private part of key.
func (s *Server) TrustPublic(key ssh.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted = key
}

// RotateHostKey gives the host another key, for connections from now on.
func (s *Server) RotateHostKey() {
	key, _ := NewKey(s.t)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hostKeys = []ssh.Signer{key}
}

// RefuseLogins lets nobody in from now on, or does so again.
func (s *Server) RefuseLogins(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// Stall stops reading from and writing to all connections, without closing them: what a client
// sees when the network is cut.
func (s *Server) Stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = true
	for c := range s.conns {
		c.net.stall()
	}
}

// Drop closes all connections at once.
func (s *Server) Drop() {
	s.mu.Lock()
	conns := s.conns
	s.conns = map[*conn]struct{}{}
	s.mu.Unlock()
	for c := range conns {
		_ = c.net.Close()
	}
}

// Execs are the lines that were run, in the order in which they came.
func (s *Server) Execs() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.execs)
}

// Users are the names under which clients have logged in, in order.
func (s *Server) Users() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.users)
}

// Counts returns what the server has seen.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

func (s *Server) count(change func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go s.greet(c)
		}
	}
}

func (s *Server) greet(nc net.Conn) {
	s.mu.Lock()
	s.counts.Connections++
	s.startups++
	drop := s.counts.Connections <= s.opts.dropFirst || s.opts.maxStartups > 0 && s.startups > s.opts.maxStartups
	s.mu.Unlock()
	if drop {
		s.settled()
		_ = nc.Close()
		return
	}
	if s.opts.slowAccept > 0 {
		timer := time.NewTimer(s.opts.slowAccept)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.t.Context().Done():
		}
	}
	s.serve(&stallable{Conn: nc, release: make(chan struct{})})
}

// settled notes that a connection is no longer being logged in on.
func (s *Server) settled() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startups--
}

func (s *Server) config() *ssh.ServerConfig {
	s.mu.Lock()
	defer s.mu.Unlock()
	conf := &ssh.ServerConfig{ServerVersion: "SSH-2.0-testhost", MaxAuthTries: 6}
	conf.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if !s.accepts(key) {
			return nil, errors.New("unknown key")
		}
		return nil, nil
	}
	conf.AuthLogCallback = func(who ssh.ConnMetadata, _ string, err error) {
		if err == nil {
			s.loggedIn(who.User())
		}
	}
	for _, k := range s.hostKeys {
		conf.AddHostKey(k)
	}
	return conf
}

func (s *Server) loggedIn(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Logins++
	s.users = append(s.users, user)
}

func (s *Server) accepts(key ssh.PublicKey) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	trusted := s.trusted
	if trusted == nil {
		trusted = s.key.PublicKey()
	}
	return !s.refuse && string(key.Marshal()) == string(trusted.Marshal())
}
