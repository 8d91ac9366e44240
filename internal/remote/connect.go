package remote

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	connectTimeout = 10 * time.Second
	// loginTimeout is long, because an agent may ask its user. It is sshd's default LoginGraceTime.
	loginTimeout = 2 * time.Minute
	busyRetries  = 8
)

// connect makes a connection and logs in. It retries when the server drops the connection because too
// many logins are in progress. It does not retry a proxy command, which usually fails for other reasons.
func (d *Dialer) connect(ctx context.Context, l login) (*link, error) {
	way := d.route(l)
	for try := 0; ; try++ {
		made, err := d.attempt(ctx, l, way)
		var failed *ConnectError
		var jump *JumpError
		if errors.As(err, &jump) || !errors.As(err, &failed) {
			return made, err
		}
		if failed.Through == "" {
			failed.Through = way.String()
		}
		if try == busyRetries || way.command != "" || !failed.Busy() {
			return nil, err
		}
		if err := pause(ctx, backoff(try, 100*time.Millisecond, 2*time.Second)); err != nil {
			return nil, err
		}
	}
}

// backoff returns a wait that doubles with each try, up to limit. Half of it is random, so that
// connections that failed together do not retry together.
func backoff(try int, first, limit time.Duration) time.Duration {
	wait := min(first<<min(try, 10), limit)
	return wait/2 + rand.N(wait/2+1)
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *Dialer) attempt(ctx context.Context, l login, way route) (*link, error) {
	stream, done, err := d.reach(ctx, l, way)
	if err != nil {
		return nil, err
	}
	made, err := d.handshake(ctx, newConn(stream), l)
	done(err)
	if err != nil {
		return nil, err
	}
	go d.keepalive(l).run(made)
	return made, nil
}

// reach opens the network connection to l: directly, through jump hosts, or through a proxy command.
// The caller passes the outcome of the login to the function that reach returns.
func (d *Dialer) reach(ctx context.Context, l login, way route) (net.Conn, func(error), error) {
	var via *link
	if len(way.jumps) > 0 {
		var err error
		if via, err = d.jump(ctx, way.jumps, l); err != nil {
			return nil, nil, err
		}
	}
	done, err := d.opts.Hooks.admit(ctx, l.target.Name, l.address())
	if err != nil {
		return nil, nil, err
	}
	conn, err := d.open(ctx, l, way, via)
	if err != nil {
		done(err)
		return nil, nil, err
	}
	return conn, done, nil
}

func (d *Dialer) open(ctx context.Context, l login, way route, via *link) (net.Conn, error) {
	switch {
	case via != nil:
		return d.through(ctx, l, via)
	case way.command != "":
		return d.pipe(ctx, l, way.command)
	}
	return d.direct(ctx, l)
}

// through connects to l from the jump host via.
func (d *Dialer) through(ctx context.Context, l login, via *link) (net.Conn, error) {
	limited, cancel := within(ctx, d.connectTimeout(l), "the jump host", "can it reach this address?")
	defer cancel()
	conn, err := via.client.DialContext(limited, "tcp", l.address())
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case limited.Err() != nil:
		return nil, l.fail(StageConnect, context.Cause(limited))
	case err != nil:
		return nil, l.fail(StageConnect, err)
	}
	return conn, nil
}

func (d *Dialer) pipe(ctx context.Context, l login, command string) (net.Conn, error) {
	if d.opts.Local.Pipe == nil {
		return nil, l.fail(StageConnect, errors.New("a proxy command cannot be run here"))
	}
	stream, err := d.opts.Local.Pipe(ctx, command)
	if err != nil {
		return nil, l.fail(StageConnect, err)
	}
	return pipeConn{stream}, nil
}

// direct connects over TCP. It retries only failures of the resolver.
func (d *Dialer) direct(ctx context.Context, l login) (net.Conn, error) {
	path, err := d.tcpPath(ctx, l)
	if err != nil {
		return nil, l.fail(StageSettings, err)
	}
	for try := 0; ; try++ {
		conn, err := d.tcp(ctx, path, l.address())
		if err == nil {
			return conn, nil
		}
		var dns *net.DNSError
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !errors.As(err, &dns):
			return nil, l.fail(StageConnect, err)
		case try >= d.dnsRetries():
			return nil, l.fail(StageResolve, err)
		}
		d.opts.Hooks.note(l.target.Name, fmt.Sprintf("look up %s: %s; trying again", l.host, dns.Err))
		if err := pause(ctx, backoff(try, 200*time.Millisecond, 2*time.Second)); err != nil {
			return nil, err
		}
	}
}

func (d *Dialer) dnsRetries() int {
	if d.opts.Timing.DNSRetries == 0 {
		return 3
	}
	return d.opts.Timing.DNSRetries
}

func (d *Dialer) connectTimeout(l login) time.Duration {
	if t := d.opts.Timing.Connect; t > 0 {
		return t
	}
	return l.conf.duration("connecttimeout", connectTimeout)
}

// handshake exchanges keys on c and logs in. It closes c if it fails.
func (d *Dialer) handshake(ctx context.Context, c *conn, l login) (*link, error) {
	stop := context.AfterFunc(ctx, func() { c.sever(context.Cause(ctx)) })
	defer stop()
	host, settings, err := d.prepare(l)
	if err != nil {
		_ = c.Close()
		return nil, l.fail(StageSettings, err)
	}
	offer, err := d.offer(ctx, l, host.rules)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	timeout := startHandshakeTimeout(c, d.connectTimeout(l), d.opts.Timing.login())
	defer timeout.stop()
	settings.Auth = []ssh.AuthMethod{ssh.PublicKeysCallback(offer.signers)}
	settings.HostKeyCallback = func(_ string, addr net.Addr, key ssh.PublicKey) error {
		defer timeout.keyAccepted()
		return host.check(addr, key)
	}
	client, err := d.negotiate(c, l, settings)
	if err != nil {
		_ = c.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, l.classify(c, timeout.isKeyAccepted(), offer, err)
	}
	return d.newLink(client, c, l), nil
}

// offer collects the keys to log in with. This can take as long as the user needs to unlock the agent.
func (d *Dialer) offer(ctx context.Context, l login, r rules) (*offer, error) {
	ready := make(chan *offer, 1)
	go func() { ready <- d.keys.offer(l, r) }()
	select {
	case o := <-ready:
		return o, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// negotiate exchanges keys and logs in. It returns when c is severed, even while it waits for a
// signature of the agent, which the ssh library cannot interrupt.
func (d *Dialer) negotiate(c *conn, l login, settings *ssh.ClientConfig) (*ssh.Client, error) {
	type outcome struct {
		client *ssh.Client
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		sshConn, chans, reqs, err := ssh.NewClientConn(c, l.address(), settings)
		if err != nil {
			done <- outcome{err: err}
			return
		}
		done <- outcome{client: ssh.NewClient(sshConn, chans, reqs)}
	}()
	select {
	case o := <-done:
		return o.client, o.err
	case <-c.severed:
	}
	if d.keys.agentIsAsked(l) {
		return nil, errAgentSilent
	}
	o := <-done
	return o.client, o.err
}

// prepare reads the restrictions and the known host keys for l.
func (d *Dialer) prepare(l login) (*verifier, *ssh.ClientConfig, error) {
	host, err := d.verify(l)
	if err != nil {
		return nil, nil, err
	}
	settings, err := host.settings()
	return host, settings, err
}

func (d *Dialer) newLink(client *ssh.Client, c *conn, l login) *link {
	made := newLink(client, c)
	made.forwarder, made.answer = d.agentForwarder(l), d.opts.Timing.answer()
	return made
}

// classify returns the *ConnectError for a handshake that failed with err: its stage tells how far the
// handshake came.
func (l login) classify(c *conn, keyAccepted bool, offer *offer, err error) error {
	var key *HostKeyError
	switch broken := c.cause(); {
	case errors.As(err, &key):
		return l.fail(StageKeys, key)
	case errors.Is(err, errAgentSilent):
	case errors.Is(broken, errSlow):
		err = broken
	}
	switch {
	case keyAccepted:
		failed := l.fail(StageLogin, err)
		failed.Tried, failed.Offered = offer.tried(), len(offer.keys)
		return failed
	case c.hasGreeted():
		return l.fail(StageKeys, err)
	}
	return l.fail(StageBanner, err)
}

// errAgentSilent reports that the agent did not return a signature in time.
var errAgentSilent = errors.New("the SSH agent has not signed in time: does it wait for you to confirm?")

// errSlow reports that the handshake took longer than its timeout.
var errSlow = errors.New("no answer in time")

// handshakeTimeout closes a connection whose handshake takes too long. The timeout is longer once the
// host key is accepted, because an agent may ask its user before it signs.
type handshakeTimeout struct {
	timer    *time.Timer
	login    time.Duration // from when the key is accepted
	mu       sync.Mutex
	accepted bool
}

func startHandshakeTimeout(c *conn, limit, login time.Duration) *handshakeTimeout {
	return &handshakeTimeout{timer: time.AfterFunc(limit, func() { c.sever(errSlow) }), login: login}
}

// keyAccepted starts the timeout of the login. Calls after the first have no effect: the host key is
// also checked when a connection in use exchanges its keys again.
func (h *handshakeTimeout) keyAccepted() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.accepted && h.timer.Stop() {
		h.timer.Reset(h.login)
	}
	h.accepted = true
}

func (h *handshakeTimeout) isKeyAccepted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.accepted
}

func (h *handshakeTimeout) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.accepted = true
	h.timer.Stop()
}
