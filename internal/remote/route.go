package remote

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// route is how to reach a host. The zero route is a direct connection.
type route struct {
	jumps   []jump // nearest first
	command string
}

// jump is a jump host.
type jump struct {
	spec        string // [user@]host[:port]
	defaultUser string
}

func (r route) last() string { return r.jumps[len(r.jumps)-1].spec }

// String describes the route for errors; "" is a direct connection.
func (r route) String() string {
	switch {
	case len(r.jumps) > 0:
		return "jump host " + r.last()
	case r.command != "":
		return "proxy command " + strconv.Quote(r.command)
	}
	return ""
}

// route returns the route of the options, or of the SSH configuration. As in OpenSSH, a jump host takes
// precedence over a proxy command, and the options do not apply to jump hosts themselves.
func (d *Dialer) route(l login) route {
	conf := Via{Jump: l.conf.first("proxyjump"), Command: l.conf.first("proxycommand")}
	switch via := d.opts.Via; {
	case len(l.before) > 0:
		return route{jumps: l.before}
	case !l.hop && via != (Via{}):
		return newRoute(via, d.opts.Login.DefaultUser, l)
	default:
		return newRoute(conf, d.opts.Local.User, l)
	}
}

func newRoute(via Via, defaultUser string, l login) route {
	if via.Jump == "" {
		return route{command: l.expand(via.Command)}
	}
	var r route
	for spec := range strings.SplitSeq(via.Jump, ",") {
		r.jumps = append(r.jumps, jump{strings.TrimSpace(spec), defaultUser})
	}
	// A ProxyJump under "Host *" does not apply to the jump host itself.
	if t, err := ParseTarget(r.last()); err == nil && t.Host == l.target.Host && (t.Port == 0 || t.Port == l.port) {
		return route{}
	}
	return r
}

// expand expands the %-tokens of a proxy command.
func (l login) expand(text string) string {
	return strings.NewReplacer("%%", "%", "%h", l.host, "%n", l.target.Host,
		"%p", strconv.Itoa(l.port), "%r", l.user).Replace(text)
}

// hop is the connection to a jump host. All connections through that host share it.
type hop struct {
	turn chan struct{} // holds an item while the connection is being made
	mu   sync.Mutex
	link *link
}

func (h *hop) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.link != nil {
		h.link.close()
	}
}

func (h *hop) alive() *link {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.link == nil || h.link.dead() {
		return nil
	}
	return h.link
}

// jump returns a connection to the last of jumps for l, made through the ones before it.
func (d *Dialer) jump(ctx context.Context, jumps []jump, l login) (*link, error) {
	key := hopKey(jumps)
	if slices.Contains(l.path, key) {
		return nil, l.fail(StageSettings, errors.New("the jump hosts lead in a circle"))
	}
	h := d.hop(key)
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-h.turn }()
	if made := h.alive(); made != nil {
		return made, nil
	}
	made, err := d.connectJump(ctx, jumps, append(slices.Clone(l.path), key))
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.link = made
	return made, nil
}

func hopKey(jumps []jump) string {
	var b strings.Builder
	for _, j := range jumps {
		b.WriteString(j.spec + "\n" + j.defaultUser + "\n")
	}
	return b.String()
}

func (d *Dialer) hop(key string) *hop {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hops[key] == nil {
		d.hops[key] = &hop{turn: make(chan struct{}, 1)}
	}
	return d.hops[key]
}

func (d *Dialer) connectJump(ctx context.Context, jumps []jump, path []string) (*link, error) {
	last := jumps[len(jumps)-1]
	made, err := d.throughTo(ctx, last, jumps[:len(jumps)-1], path)
	if err != nil {
		return nil, &JumpError{Host: last.spec, Err: err}
	}
	return made, nil
}

func (d *Dialer) throughTo(ctx context.Context, last jump, before []jump, path []string) (*link, error) {
	t, err := ParseTarget(last.spec)
	if err != nil {
		return nil, err
	}
	l, err := d.resolve(ctx, t, Login{DefaultUser: last.defaultUser})
	if err != nil {
		return nil, err
	}
	l.hop, l.before, l.path = true, before, path
	return d.connect(ctx, l)
}
