package remote

import (
	"cmp"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
)

// Dialer connects to the hosts of a run. It caches what they share: the SSH configuration, the keys,
// the known hosts, and the connections to jump hosts. It is safe for concurrent use.
type Dialer struct {
	opts Options
	conf *sshConfig
	keys *keyring
	tcp  func(ctx context.Context, path tcpPath, address string) (net.Conn, error)

	mu     sync.Mutex
	trusts map[string]*trust
	hops   map[string]*hop
	fresh  map[string]bool // names of hosts whose key was new and accepted in this run
}

// NewDialer returns a Dialer. It reads no files and makes no connections before Dial.
func NewDialer(opts Options) *Dialer {
	return &Dialer{
		opts: opts, conf: newSSHConfig(opts), keys: newKeyring(opts), tcp: dialTCP,
		trusts: map[string]*trust{}, hops: map[string]*hop{}, fresh: map[string]bool{},
	}
}

// Dial connects to t and logs in. The error is a *ConnectError, which wraps a *HostKeyError if the host
// key was refused, or a *JumpError, or the cause of ctx.
func (d *Dialer) Dial(ctx context.Context, t Target) (*Client, error) {
	if strings.HasPrefix(t.Host, "$") {
		return nil, login{target: t, host: t.Host, port: 22}.fail(StageResolve, errors.New("it is a variable without its value"))
	}
	l, err := d.resolve(ctx, t, d.opts.Login)
	if err != nil {
		return nil, err
	}
	c := &Client{dialer: d, login: l, dialing: make(chan struct{}, 1)}
	if _, err := c.extend(ctx, maxSessions); err != nil {
		return nil, err
	}
	return c, nil
}

// Close closes the connections to jump hosts, and so all connections through them.
func (d *Dialer) Close() error {
	d.mu.Lock()
	hops := d.hops
	d.hops = map[string]*hop{}
	d.mu.Unlock()
	for _, h := range hops {
		h.close()
	}
	d.keys.close()
	return nil
}

// Dial connects to one host and logs in. Use a Dialer to connect to several hosts. Errors are those of
// Dialer.Dial.
func Dial(ctx context.Context, t Target, opts Options) (*Client, error) {
	d := NewDialer(opts)
	c, err := d.Dial(ctx, t)
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	c.owns = true
	return c, nil
}

// login is all that is needed to connect to a host and log in: the target with the SSH configuration applied.
type login struct {
	target Target
	host   string // address or name to connect to
	port   int
	user   string
	conf   directives
	hop    bool     // a jump host
	before []jump   // the jump hosts to go through, nearest first
	path   []string // keys of the jump hosts that are being connected to for this one, to find circles
}

func (l login) address() string { return net.JoinHostPort(l.host, strconv.Itoa(l.port)) }

// known returns the name of the host in known_hosts.
func (l login) known() string {
	if alias := l.conf.name("hostkeyalias"); alias != "" {
		return knownName(alias, "22")
	}
	return knownName(l.host, strconv.Itoa(l.port))
}

// fail returns the error for a connection that failed at stage.
func (l login) fail(stage Stage, err error) *ConnectError {
	return &ConnectError{Target: l.target, User: l.user, Address: l.address(), Stage: stage, Err: err}
}

// resolve applies the SSH configuration to t. User and port of the target take precedence over who, and
// who over the configuration.
func (d *Dialer) resolve(ctx context.Context, t Target, who Login) (login, error) {
	if t.User != "" {
		who.User = t.User
	}
	if t.Port != 0 {
		who.Port = t.Port
	}
	if who.DefaultUser == "" {
		who.DefaultUser = d.opts.Local.User
	}
	l := login{target: t, host: t.Host, port: 22, user: who.DefaultUser}
	if err := errors.Join(checkHost(t.Host), checkUser(who.User)); err != nil {
		return login{}, l.fail(StageSettings, err)
	}
	conf, err := d.conf.lookup(ctx, t.Host, who)
	if err != nil {
		return login{}, l.fail(StageSettings, err)
	}
	l.conf = conf
	l.host = cmp.Or(conf.name("hostname"), l.host)
	l.user = cmp.Or(conf.name("user"), l.user)
	if port, err := strconv.Atoi(conf.first("port")); err == nil && port > 0 {
		l.port = port
	}
	if who.User != "" {
		l.user = who.User
	}
	if who.Port != 0 {
		l.port = who.Port
	}
	if err := errors.Join(checkHost(l.host), checkUser(l.user)); err != nil {
		return login{}, l.fail(StageSettings, err)
	}
	return l, nil
}
