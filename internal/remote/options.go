package remote

import (
	"context"
	"io"
	"time"

	"mrsk/internal/redact"
)

// Options say how to connect to hosts. The zero value has no home folder and no agent, and reads the SSH
// configuration of the system.
type Options struct {
	Login  Login
	Keys   Keys
	Via    Via
	Files  Files
	Timing Timing
	Local  Local
	Hooks  Hooks

	// Warm is a command line that is started often. Each connection keeps a session ready in which
	// it already runs and waits for input. Start with exactly this line then takes one round trip,
	// including its input; any other line takes two. The line must do nothing before it has read
	// input, and end when its input ends.
	Warm string
	// WarmFor is how long such a session may be used after it was opened. The line may give up waiting
	// on the host. 0 is without limit.
	WarmFor time.Duration
}

// Login is the user and port to log in with. They take precedence over the SSH configuration.
type Login struct {
	User        string
	DefaultUser string // if neither User nor the SSH configuration has one; "" is Local.User
	Port        int    // 0 is the port of the SSH configuration, or 22
}

// Keys are the keys to offer before those of the SSH configuration and of the agent.
type Keys struct {
	Files        []string        // paths of private keys; ~ is Local.Home
	Data         []redact.String // private keys in PEM
	Only         bool            // offer no other keys
	ForwardAgent Forwarding      // whether to forward the agent to sessions that ask for it
}

// Via is how to reach the host if not directly. Jump takes precedence over Command.
type Via struct {
	Jump    string // [user@]host[:port], several separated by commas, nearest first
	Command string // a shell command whose stdin and stdout are the connection
}

// Files names the SSH configuration. The zero value is ~/.ssh/config and /etc/ssh/ssh_config.
type Files struct {
	Paths []string // files to read instead; the first value found counts
	None  bool     // no configuration at all
}

// Timing holds timeouts. Zero is the value of the SSH configuration, or the default.
type Timing struct {
	Connect    time.Duration // until the host key is checked; default 10 s
	Login      time.Duration // from then until the login is complete; default 2 min, because an agent may ask its user
	Answer     time.Duration // for a host, an agent or a program to answer a request; default 1 min
	Alive      time.Duration // silence after which a keepalive is sent; default 30 s
	DNSRetries int           // retries after a failed DNS lookup; default 3, negative is none
}

// Local is what the package uses of the operator's machine.
type Local struct {
	Home        string // home folder; "" is none: no key files, no known hosts and no ~/.ssh/config
	User        string
	AgentSocket string              // value of SSH_AUTH_SOCK
	Getenv      func(string) string // for ${VARIABLES} in the SSH configuration; nil has no variables
	// Run runs a program and returns its stdout. If it is nil, or there is no program ssh, a simpler
	// reader reads the SSH configuration: it supports Host and Include, and not Match.
	Run func(ctx context.Context, argv ...string) ([]byte, error)
	// Pipe starts a shell command and returns its stdin and stdout; Close ends the command. ctx
	// limits only the start. If Pipe is nil, a ProxyCommand is an error.
	Pipe func(ctx context.Context, command string) (io.ReadWriteCloser, error)
}

// Hooks are functions that are called while connecting. Each may be nil. They are called from several
// goroutines at once.
type Hooks struct {
	// Note receives messages for the user, such as that a new host key was accepted.
	Note func(host, text string)
	// Admit is called before each connection to a host at address, and may wait to limit how many logins
	// are in progress. done is called once when the login has ended, with its error.
	Admit func(ctx context.Context, host, address string) (done func(error), err error)
}

func (h Hooks) note(host, text string) {
	if h.Note != nil {
		h.Note(host, text)
	}
}

func (h Hooks) admit(ctx context.Context, host, address string) (func(error), error) {
	if h.Admit == nil {
		return func(error) {}, nil
	}
	return h.Admit(ctx, host, address)
}
