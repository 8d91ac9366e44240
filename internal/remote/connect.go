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
	// loginTimeout is sshd's default LoginGraceTime: an agent may ask its user meanwhile.
	loginTimeout = 2 * time.Minute
	busyRetries  = 8
)

// connect makes a connection and logs in. A server that has too many logins under way is asked
// again; a command that ends at once is not, as it mostly has another reason.
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

// backoff is a wait that doubles with each try up to limit; half of it is left to chance, so
// that those who failed together do not come back together.
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
	conn, done, err := d.reach(ctx, l, way)
	if err != nil {
		return nil, err
	}
	made, err := d.handshake(ctx, newWire(conn), l)
	done(err)
	if err != nil {
		return nil, err
	}
	go watchOver(made, d.pulse(l))
	return made, nil
}

// reach opens the byte stream to l: direct, through jump hosts or through a command.
func (d *Dialer) reach(ctx context.Context, l login, way route) (net.Conn, func(error), error) {
	var via *link
	if len(way.jumps) > 0 {
		var err error
		if via, err = d.jump(ctx, way.jumps, l); err != nil {
			return nil, nil, err
		}
	}
	done, err := d.opts.Hooks.admit(ctx, l.address())
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

// through lets a jump host connect.
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

// direct connects over TCP. Only failures of the resolver are tried again.
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

// handshake turns the stream into an SSH connection on which one is logged in.
func (d *Dialer) handshake(ctx context.Context, w *wire, l login) (*link, error) {
	stop := context.AfterFunc(ctx, func() { w.sever(context.Cause(ctx)) })
	defer stop()
	host, settings, err := d.prepare(l)
	if err != nil {
		_ = w.Close()
		return nil, l.fail(StageSettings, err)
	}
	offer, err := d.offer(ctx, l, host.rules)
	if err != nil {
		_ = w.Close()
		return nil, err
	}
	patience := startPatience(w, d.connectTimeout(l), d.opts.Timing.login())
	defer patience.end()
	settings.Auth = []ssh.AuthMethod{ssh.PublicKeysCallback(offer.signers)}
	settings.HostKeyCallback = func(_ string, addr net.Addr, key ssh.PublicKey) error {
		defer patience.accepted()
		return host.check(addr, key)
	}
	client, err := d.negotiate(w, l, settings)
	if err != nil {
		_ = w.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, l.explain(w, patience.done(), offer, err)
	}
	return d.newLink(client, w, l), nil
}

// offer reads the keys. An agent may take its time, as its user may have to unlock it.
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

// negotiate exchanges keys and logs in. It returns when w is severed, even while an agent, which
// knows nothing of that, is asked for a signature.
func (d *Dialer) negotiate(w *wire, l login, settings *ssh.ClientConfig) (*ssh.Client, error) {
	type outcome struct {
		client *ssh.Client
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		conn, chans, reqs, err := ssh.NewClientConn(w, l.address(), settings)
		if err != nil {
			done <- outcome{err: err}
			return
		}
		done <- outcome{client: ssh.NewClient(conn, chans, reqs)}
	}()
	select {
	case o := <-done:
		return o.client, o.err
	case <-w.severed:
	}
	if d.keys.agentIsAsked(l) {
		return nil, errAgentSilent
	}
	o := <-done
	return o.client, o.err
}

// prepare reads what there is to know of l before its key is seen.
func (d *Dialer) prepare(l login) (*verifier, *ssh.ClientConfig, error) {
	host, err := d.verify(l)
	if err != nil {
		return nil, nil, err
	}
	settings, err := host.settings()
	return host, settings, err
}

func (d *Dialer) newLink(client *ssh.Client, w *wire, l login) *link {
	made := newLink(client, w)
	made.lender, made.answer = d.lender(l), d.opts.Timing.answer()
	return made
}

// explain finds out what a failed handshake failed of.
func (l login) explain(w *wire, accepted bool, offer *offer, err error) error {
	var key *HostKeyError
	switch broken := w.cause(); {
	case errors.As(err, &key):
		return l.fail(StageKeys, key)
	case errors.Is(err, errAgentSilent):
	case errors.Is(broken, errSlow):
		err = broken
	}
	switch {
	case accepted:
		failed := l.fail(StageLogin, err)
		failed.Tried, failed.Offered = offer.tried(), len(offer.keys)
		return failed
	case w.hasGreeted():
		return l.fail(StageKeys, err)
	}
	return l.fail(StageBanner, err)
}

// errAgentSilent is an agent that has not signed in time.
var errAgentSilent = errors.New("the SSH agent has not signed in time: does it wait for you to confirm?")

// errSlow is a server that has not shown its key in time, or an agent whose user did not answer.
var errSlow = errors.New("no answer in time")

// patience ends a handshake that takes too long. It is longer once the host has shown its key,
// as an agent may have to ask its user.
type patience struct {
	timer *time.Timer
	login time.Duration
	mu    sync.Mutex
	known bool
}

func startPatience(w *wire, limit, login time.Duration) *patience {
	return &patience{timer: time.AfterFunc(limit, func() { w.sever(errSlow) }), login: login}
}

// accepted is called when the host key has been seen: also later, when keys are changed in a
// connection that has long been made.
func (p *patience) accepted() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.known && p.timer.Stop() {
		p.timer.Reset(p.login)
	}
	p.known = true
}

func (p *patience) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known
}

func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = true
	p.timer.Stop()
}
