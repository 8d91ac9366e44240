package remote

import (
	"context"
	"io"
	"time"

	"mrsk/internal/redact"
)

// Options say how the hosts of a run are reached. The zero value behaves as a bare ssh would
// that knows of no home, no agent and no configuration.
type Options struct {
	Login  Login
	Keys   Keys
	Via    Via
	Files  Files
	Timing Timing
	Local  Local
	Hooks  Hooks

	// Warm is a line that will be started often. A session in which it already runs, and waits
	// for its input, is kept ready on each connection, so that Start with exactly this line
	// costs one round trip with its input, where another line costs one more. The line must do
	// nothing before it has read something, and end when its input ends.
	Warm string
	// WarmFor is how long a session with the warm line stays of use; a line that waits may give up on
	// the host. 0 is without limit.
	WarmFor time.Duration
}

// Login is who logs in. What is set here wins over the ssh configuration.
type Login struct {
	User        string
	DefaultUser string // where neither User nor the ssh configuration names one; "" is Local.User
	Port        int    // 0: what the ssh configuration says, else 22
}

// Keys are the keys to offer, before those of the ssh configuration and of the agent.
type Keys struct {
	Files        []string        // private keys; ~ is the home
	Data         []redact.String // private keys in PEM
	Only         bool            // offer nothing else
	ForwardAgent Forwarding      // whether sessions that ask get the operator's agent
}

// Via is the way to the host, where it is not direct. With both set, Jump is taken.
type Via struct {
	Jump    string // [user@]host[:port], several by commas, nearest first
	Command string // a shell command whose stdin and stdout are the connection
}

// Files names the ssh configuration. The zero value is that of the user and of the system.
type Files struct {
	Paths []string // instead of the user's own; the first value found counts
	None  bool     // no configuration at all
}

// Timing holds the waits of connections. A zero is the default; what the ssh configuration says
// lies between the two.
type Timing struct {
	Connect    time.Duration // until the host has shown its key; default 10 s
	Login      time.Duration // from then until the login is through; default 2 min, as an agent may ask its user
	Answer     time.Duration // until a host, an agent or a program does what it was asked; default 1 min
	Alive      time.Duration // silence after which the host is asked for a sign; default 30 s
	DNSRetries int           // after failures of the resolver; default 3, negative none
}

// Local is the operator's machine, as far as ssh makes use of it.
type Local struct {
	Home        string // "": no key files, no known hosts
	User        string
	AgentSocket string              // the value of SSH_AUTH_SOCK
	Getenv      func(string) string // for ${VARIABLES} in the ssh configuration; nil knows none
	// Run runs a program and returns its stdout. Without it, or without a program ssh, the ssh
	// configuration is read by a simpler reader, which knows Host and Include but not Match.
	Run func(ctx context.Context, argv ...string) ([]byte, error)
	// Pipe starts a shell command and returns its stdin and stdout; Close ends it. ctx bounds
	// the start alone. Without it a ProxyCommand is an error.
	Pipe func(ctx context.Context, command string) (io.ReadWriteCloser, error)
}

// Hooks are told of what happens while connecting; each may be nil. They are called from many
// goroutines at once.
type Hooks struct {
	// Note receives things that the user may want to know, such as a new host key.
	Note func(host, text string)
	// Admit is called before each connection to address and may wait. The function that it
	// returns is called once with the outcome, nil when the login went through.
	Admit func(ctx context.Context, address string) (done func(error), err error)
}

func (h Hooks) note(host, text string) {
	if h.Note != nil {
		h.Note(host, text)
	}
}

func (h Hooks) admit(ctx context.Context, address string) (func(error), error) {
	if h.Admit == nil {
		return func(error) {}, nil
	}
	return h.Admit(ctx, address)
}
