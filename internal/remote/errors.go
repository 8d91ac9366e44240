package remote

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Stage is how far a connection came before it failed.
type Stage string

// The stages of a connection, in their order.
const (
	StageSettings Stage = "read ssh settings"
	StageResolve  Stage = "look up"
	StageConnect  Stage = "connect"
	StageBanner   Stage = "greet"          // connected, nothing has answered as an SSH server
	StageKeys     Stage = "exchange keys"  // an SSH server has answered
	StageLogin    Stage = "log in"         // the host key is accepted
	StageSession  Stage = "open a session" // logged in
)

// manyKeys is as many as an sshd looks at by default (MaxAuthTries), less the look at none.
const manyKeys = 5

// ConnectError is a host that could not be connected to or logged in on. The message does not
// repeat the host's name, so that the same trouble on many hosts reads the same.
type ConnectError struct {
	Target  Target
	User    string
	Address string // host:port that was tried
	Through string // the jump host or proxy command in between, "" without
	Stage   Stage
	Tried   []string // the keys that were offered or left out, with the reason
	Offered int      // how many keys
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

// where is the address, unless it follows from the host's name.
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

// Busy reports whether the server dropped the connection before its greeting, as an sshd does
// that has too many logins under way (MaxStartups).
func (e *ConnectError) Busy() bool {
	closed := errors.Is(e.Err, io.EOF) || errors.Is(e.Err, syscall.ECONNRESET) || errors.Is(e.Err, syscall.EPIPE)
	return e.Stage == StageBanner && closed
}

// Hint says what may help.
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
	case e.Stage == StageConnect && sample(e.Target.Host):
		return e.Target.Host + " is an address for examples: put that of your server into config/deploy.yml"
	case e.Stage == StageConnect:
		return "check that the host is up and that a firewall lets SSH through"
	case e.Stage == StageBanner:
		return "check that an SSH server listens on this port (sshd's MaxStartups may be too low)"
	}
	return ""
}

// samples are the addresses for documentation: RFC 5737, and RFC 3849 and 9637 for IPv6.
var samples = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
}

// sample reports whether no host can have this address, as it is one for documentation.
func sample(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(samples, func(p netip.Prefix) bool { return p.Contains(address) })
}

func (e *ConnectError) portFlag() string {
	if _, port, err := net.SplitHostPort(e.Address); err == nil && port != "22" {
		return " -p " + port
	}
	return ""
}

// RefusedError is a server that accepts the login but does not do what was asked on it.
type RefusedError struct{ What string }

func (e *RefusedError) Error() string { return "the server refused to " + e.What }

// Hint says what may help.
func (e *RefusedError) Hint() string {
	return "the account may be restricted: check its shell, and its entry in authorized_keys"
}

// JumpError is a jump host that could not be connected to.
type JumpError struct {
	Host string
	Err  error
}

func (e *JumpError) Error() string { return "jump host " + e.Host + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *JumpError) Unwrap() error { return e.Err }
