package remote

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"mrsk/internal/hostname"
)

// Stage is the step of connecting that failed.
type Stage string

// The stages of connecting, in order.
const (
	StageSettings Stage = "read ssh settings"
	StageResolve  Stage = "look up"
	StageConnect  Stage = "connect"
	StageBanner   Stage = "greet"          // TCP is connected, no SSH greeting has come
	StageKeys     Stage = "exchange keys"  // an SSH greeting has come
	StageLogin    Stage = "log in"         // the host key is accepted
	StageSession  Stage = "open a session" // logged in
)

// manyKeys is how many keys an sshd accepts to try by default: MaxAuthTries is 6, and the first try is
// without a key.
const manyKeys = 5

// ConnectError reports that connecting to a host, or logging in, failed. The message does not have the
// host's name, so that the same failure on many hosts has the same message.
type ConnectError struct {
	Target  Target
	User    string
	Address string // host:port that was tried
	Through string // the jump host or proxy command in between, "" without
	Stage   Stage
	Tried   []string // the keys that were offered, and those left out with the reason
	Offered int      // number of keys that were offered
	Err     error
}

func (e *ConnectError) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Stage))
	if e.Stage == StageLogin && e.User != "" {
		b.WriteString(" as " + e.User)
	}
	if where := e.where(); where != "" {
		b.WriteString(" at " + where)
	}
	if e.Through != "" {
		b.WriteString(" through " + e.Through)
	}
	b.WriteString(": " + e.reason())
	if len(e.Tried) > 0 {
		b.WriteString(" (" + strings.Join(e.Tried, ", ") + ")")
	}
	return b.String()
}

// where returns the address, "" if it is the host's name with the usual port.
func (e *ConnectError) where() string {
	host, port, err := net.SplitHostPort(e.Address)
	if err != nil {
		return e.Address
	}
	switch sameHost := host == e.Target.Host; {
	case sameHost && (port == "22" || port == fmt.Sprint(e.Target.Port)):
		return ""
	case sameHost:
		return "port " + port
	}
	return e.Address
}

func (e *ConnectError) reason() string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		return "no such host"
	case errors.As(e.Err, &op) && op.Op == "dial":
		return strings.TrimPrefix(op.Err.Error(), "connect: ")
	case e.Stage == StageLogin && len(e.Tried) > 0 && strings.Contains(e.Err.Error(), "unable to authenticate"):
		return "no key was accepted"
	case e.Stage == StageBanner && e.Busy():
		return "the connection was closed before the server said anything"
	}
	return strings.TrimPrefix(e.Err.Error(), "ssh: handshake failed: ")
}

// Unwrap returns the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// Busy reports whether the server closed the connection before its greeting. An sshd does that when
// too many logins are in progress (MaxStartups).
func (e *ConnectError) Busy() bool {
	closed := errors.Is(e.Err, io.EOF) || errors.Is(e.Err, syscall.ECONNRESET) || errors.Is(e.Err, syscall.EPIPE)
	return e.Stage == StageBanner && closed
}

// Hint returns what may help, "" if nothing is known.
func (e *ConnectError) Hint() string {
	tried := strings.Join(e.Tried, ", ")
	switch {
	case e.Stage == StageLogin && strings.Contains(tried, encrypted):
		return "a key file is encrypted: add it to the agent with ssh-add"
	case e.Stage == StageLogin && e.Offered >= manyKeys:
		return "a server counts each key that it is offered: name the right one under ssh/keys, with keys_only"
	case e.Stage == StageLogin && e.User != "":
		return fmt.Sprintf("check with: ssh%s %s@%s true", e.portFlag(), e.User, e.Target.Host)
	case e.Stage == StageResolve:
		return "check the host's name in config/deploy.yml and the DNS"
	case e.Stage == StageConnect && hostname.IsExample(e.Target.Host):
		return e.Target.Host + " is an address for examples: put that of your server into config/deploy.yml"
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens on port %s: check ssh/port, and that sshd runs", e.port())
	case e.Stage == StageConnect:
		return "check that the host is up and that a firewall lets SSH through"
	case e.Stage == StageBanner:
		return "check that an SSH server listens on this port (sshd's MaxStartups may be too low)"
	}
	return ""
}

func (e *ConnectError) portFlag() string {
	if port := e.port(); port != "22" {
		return " -p " + port
	}
	return ""
}

func (e *ConnectError) port() string {
	if _, port, err := net.SplitHostPort(e.Address); err == nil {
		return port
	}
	return "22"
}

// RefusedError reports that a server accepted the login and refused a request on the connection.
type RefusedError struct {
	What string // the request, as an infinitive: "open a session"
}

func (e *RefusedError) Error() string { return "the server refused to " + e.What }

// Hint returns what may help, "" if nothing is known.
func (e *RefusedError) Hint() string {
	return "the account may be restricted: check its shell, and its entry in authorized_keys"
}

// JumpError reports that connecting to a jump host failed.
type JumpError struct {
	Host string
	Err  error
}

func (e *JumpError) Error() string { return "jump host " + e.Host + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *JumpError) Unwrap() error { return e.Err }
