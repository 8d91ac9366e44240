package remote_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"mrsk/internal/local"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// muteAgent never signs; with list it does not even say which keys it holds.
type muteAgent struct {
	agent.Agent
	list bool
	stop <-chan struct{}
}

func (a muteAgent) List() ([]*agent.Key, error) {
	if a.list {
		<-a.stop
	}
	return a.Agent.List()
}

func (a muteAgent) Sign(ssh.PublicKey, []byte) (*ssh.Signature, error) {
	<-a.stop
	return nil, errors.New("no")
}

func serveMute(t *testing.T, srv *testhost.Server, list bool) string {
	t.Helper()
	ring := agent.NewKeyring()
	key, err := ssh.ParseRawPrivateKey(srv.KeyPEM())
	if err == nil {
		err = ring.Add(agent.AddedKey{PrivateKey: key})
	}
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	return testhost.Serve(t, muteAgent{ring, list, stop})
}

// quick are limits that a test can wait for.
func quick(o *remote.Options) {
	o.Timing = remote.Timing{Connect: 3 * time.Second, Login: 2 * time.Second, Answer: 2 * time.Second}
}

func TestLimits_name_who_does_not_answer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set  func(*testing.T, *testhost.Server, *remote.Options)
		want string
	}{
		"an agent that does not list its keys": {func(t *testing.T, s *testhost.Server, o *remote.Options) {
			o.Keys = remote.Keys{}
			o.Local.AgentSocket = serveMute(t, s, true)
		}, "the agent has not answered within 2s"},
		"an agent that does not sign": {func(t *testing.T, s *testhost.Server, o *remote.Options) {
			o.Keys = remote.Keys{}
			o.Local.AgentSocket = serveMute(t, s, false)
		}, "the SSH agent has not signed in time"},
		"a proxy command": {func(_ *testing.T, _ *testhost.Server, o *remote.Options) {
			o.Via.Command, o.Local.Pipe = "sleep 60", local.Pipe
		}, `through proxy command "sleep 60": no answer in time`},
		"ssh -G": {func(t *testing.T, _ *testhost.Server, o *remote.Options) {
			inHome(t, *o, "config", "Match exec \"sleep 60\"\nUser x\n")
			o.Files = remote.Files{}
			o.Local.Run = func(ctx context.Context, _ ...string) ([]byte, error) {
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
		}, "no answer from ssh -G within 2s"},
		"a jump host": {func(t *testing.T, s *testhost.Server, o *remote.Options) {
			jump := testhost.New(t, testhost.Mute("direct-tcpip"))
			jump.Trust(s.Key())
			o.Via.Jump = jump.Addr()
		}, "no answer from the jump host within 3s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t)
			opts := srv.Options()
			quick(&opts)
			test.set(t, srv, &opts)
			_, err := tryDial(t, srv.Addr(), opts)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("err = %v, want %q", err, test.want)
			}
		})
	}
}

func TestLimits_end_the_wait_for_a_host_that_only_keeps_alive(t *testing.T) {
	t.Parallel()
	for kind, test := range map[string]struct {
		do   func(context.Context, *remote.Client) error
		want string
	}{
		"session": {func(ctx context.Context, c *remote.Client) error {
			_, err := c.Start(ctx, "true")
			return err
		}, "asked to open a session, within 2s"},
		"exec": {func(ctx context.Context, c *remote.Client) error {
			return run(ctx, c, "true", "").err
		}, "asked to start a program, within 2s"},
		"pty-req": {func(ctx context.Context, c *remote.Client) error {
			return c.Terminal(ctx, "true", remote.TerminalOptions{PTY: true})
		}, "asked to start a program, within 2s"},
		"tcpip-forward": {func(ctx context.Context, c *remote.Client) error {
			_, err := c.Forward(ctx, "127.0.0.1:0", nil)
			return err
		}, "asked to listen on 127.0.0.1:0, within 2s"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t, testhost.Mute(kind))
			opts := srv.Options()
			quick(&opts)
			err := test.do(t.Context(), dial(t, srv.Addr(), opts))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("err = %v, want %q", err, test.want)
			}
		})
	}
}

// Ctrl-C must not wait for an agent.
func TestDial_ends_with_the_context_while_an_agent_is_asked(t *testing.T) {
	t.Parallel()
	for _, list := range []bool{true, false} {
		srv := testhost.New(t)
		opts := srv.Options()
		opts.Keys = remote.Keys{}
		opts.Local.AgentSocket = serveMute(t, srv, list)
		target, _ := remote.ParseTarget(srv.Addr())
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(200*time.Millisecond, func() { cancel(interrupted) })
		begin := time.Now()
		if _, err := remote.Dial(ctx, target, opts); !errors.Is(err, interrupted) || time.Since(begin) > 20*time.Second {
			t.Errorf("list %t: %v after %s", list, err, time.Since(begin))
		}
	}
}
