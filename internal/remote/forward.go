package remote

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
)

// Forward is a listening port on the host whose connections are forwarded to the operator's machine.
type Forward struct {
	listener net.Listener
	dial     func(context.Context) (net.Conn, error)
	cancel   context.CancelFunc
	done     chan struct{} // closed when no more connections are accepted
}

// Forward makes the host listen on remoteAddr, such as 127.0.0.1:5000; with port 0 the host chooses a
// port. Each connection there is joined with one that dial makes on this side. The forward ends on
// Close, when ctx ends, or when the connection to the host is lost. The error is a *LostError, or why
// the host cannot listen there.
func (c *Client) Forward(ctx context.Context, remoteAddr string, dial func(context.Context) (net.Conn, error)) (*Forward, error) {
	l, err := c.pick(ctx, request{})
	if err != nil {
		return nil, err
	}
	listener, err := l.listen(ctx, remoteAddr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &Forward{listener: listener, dial: dial, cancel: cancel, done: make(chan struct{})}
	go f.serve(ctx)
	return f, nil
}

// listen asks the host to listen. It returns when ctx ends, even if the host has not answered.
func (l *link) listen(ctx context.Context, address string) (net.Listener, error) {
	type answer struct {
		listener net.Listener
		err      error
	}
	limited, cancel := within(ctx, l.answer, "the host, asked to listen on "+address+",", "")
	defer cancel()
	answers := make(chan answer, 1)
	go func() {
		listener, err := l.client.Listen("tcp", address)
		answers <- answer{listener, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil && l.dead() {
			return nil, l.lost(a.err)
		}
		if a.err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, a.err)
		}
		return a.listener, nil
	case <-limited.Done():
		go func() {
			if a := <-answers; a.err == nil {
				_ = a.listener.Close()
			}
		}()
		return nil, context.Cause(limited)
	}
}

// Addr returns the address that the host listens on.
func (f *Forward) Addr() net.Addr { return f.listener.Addr() }

// Done returns a channel that is closed when no more connections are accepted.
func (f *Forward) Done() <-chan struct{} { return f.done }

// Close stops listening and closes the forwarded connections. It does not wait for the host.
func (f *Forward) Close() error {
	f.cancel()
	return nil
}

// mostJoined is how many connections are forwarded at a time; more are closed. docker needs a few for a pull, and
// a host may open as many as it likes.
const mostJoined = 128

func (f *Forward) serve(ctx context.Context) {
	defer close(f.done)
	stop := context.AfterFunc(ctx, func() { _ = f.listener.Close() })
	defer stop()
	joined := make(chan struct{}, mostJoined)
	for {
		there, err := f.listener.Accept()
		if err != nil {
			f.cancel()
			_ = f.listener.Close()
			return
		}
		select {
		case joined <- struct{}{}:
			go func() {
				defer func() { <-joined }()
				f.join(ctx, there)
			}()
		default:
			_ = there.Close()
		}
	}
}

// join copies data both ways until both sides have ended.
func (f *Forward) join(ctx context.Context, there net.Conn) {
	defer there.Close()
	here, err := f.dial(ctx)
	if err != nil {
		return
	}
	defer here.Close()
	stop := context.AfterFunc(ctx, func() {
		_ = here.Close()
		_ = there.Close()
	})
	defer stop()
	var ways sync.WaitGroup
	ways.Go(func() { oneWay(here, there) })
	ways.Go(func() { oneWay(there, here) })
	ways.Wait()
}

// oneWay copies data until from ends, and then closes the writing side of to. If copying fails it closes both.
func oneWay(to, from io.ReadWriteCloser) {
	_, err := io.Copy(to, from)
	half, ok := to.(interface{ CloseWrite() error })
	if err == nil && ok && half.CloseWrite() == nil {
		return
	}
	_ = to.Close()
	_ = from.Close()
}
