package remote_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// eventually waits for something that the other side does in its own time.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	late := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("still not: %s", what)
		}
	}
}

func start(t *testing.T, h remote.Host, line string) remote.Session {
	t.Helper()
	s, err := h.Start(t.Context(), line)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// firstLine reads up to the first line end.
func firstLine(t *testing.T, s remote.Session) string {
	t.Helper()
	var line []byte
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(s.Stdout(), one); err != nil {
			t.Fatalf("after %q: %v", line, err)
		}
		if one[0] == '\n' {
			return string(line)
		}
		line = append(line, one[0])
	}
}

func TestWait_tells_the_signal_that_ended_a_program(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	got := run(t.Context(), srv.Dial(srv.Options()), "kill -TERM $$", "")
	var exit *remote.ExitError
	if !errors.As(got.err, &exit) || exit.Signal != "TERM" || exit.Status != 143 {
		t.Fatalf("err = %v", got.err)
	}
}

func TestStream_carries_20_MB_unchanged_both_ways(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	s := start(t, srv.Dial(srv.Options()), "cat")
	sent := sha256.New()
	go func() {
		noise := rand.NewChaCha8([32]byte{1})
		_, _ = io.Copy(io.MultiWriter(s.Stdin(), sent), io.LimitReader(noise, 20<<20))
		_ = s.Stdin().Close()
	}()
	got := sha256.New()
	n, err := io.Copy(got, s.Stdout())
	if err != nil || n != 20<<20 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sent.Sum(nil), got.Sum(nil)) {
		t.Error("the bytes differ")
	}
}

// Not parallel: it looks at all goroutines there are.
func TestCancel_ends_the_session_there_and_here(t *testing.T) {
	srv := testhost.New(t)
	client := srv.Dial(srv.Options())
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	s, err := client.Start(ctx, `trap 'touch ended; exit' TERM; echo ready; while :; do sleep 0.01; done`)
	if err != nil {
		t.Fatal(err)
	}
	firstLine(t, s)
	cancel(interrupted)
	if err := s.Wait(); !errors.Is(err, interrupted) {
		t.Errorf("Wait: %v", err)
	}
	if _, err := s.Stdout().Read(make([]byte, 1)); !errors.Is(err, interrupted) {
		t.Errorf("Read: %v", err)
	}
	if got := run(t.Context(), client, "until test -e ended; do sleep 0.01; done; echo ended", ""); got.stdout != "ended\n" {
		t.Errorf("the program got no TERM, or the connection is of no more use: %+v", got)
	}
	_ = client.Close()
	eventually(t, "no goroutine is left", func() bool {
		buf := make([]byte, 1<<20)
		stacks := string(buf[:runtime.Stack(buf, true)])
		return !strings.Contains(stacks, "mrsk/internal/remote.(*")
	})
}

func TestCancel_frees_the_caller_when_the_host_has_fallen_silent(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	client := srv.Dial(srv.Options())
	ctx, cancel := context.WithCancel(t.Context())
	s, err := client.Start(ctx, "echo ready; cat")
	if err != nil {
		t.Fatal(err)
	}
	firstLine(t, s)
	srv.Stall()
	var callers sync.WaitGroup
	callers.Go(func() { _, _ = io.Copy(s.Stdin(), neverending{}) })
	callers.Go(func() { _, _ = io.Copy(io.Discard, s.Stdout()) })
	cancel()
	if err := s.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait: %v", err)
	}
	callers.Wait()
}

type neverending struct{}

func (neverending) Read(p []byte) (int, error) { return len(p), nil }

func TestLost_connection_is_told_from_a_failed_command(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	client := srv.Dial(srv.Options())
	s := start(t, client, "echo ready; cat")
	firstLine(t, s)
	srv.Drop()
	var lost *remote.LostError
	if err := s.Wait(); !errors.As(err, &lost) {
		t.Fatalf("err = %v, want *LostError", err)
	}
	if got := run(t.Context(), client, "echo again", ""); got.stdout != "again\n" {
		t.Errorf("the next command does not connect anew: %+v", got)
	}
}

func TestKeepalive_gives_up_a_silent_host(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	opts.Timing.Alive = 100 * time.Millisecond
	s := start(t, srv.Dial(opts), "echo ready; cat")
	firstLine(t, s)
	srv.Stall()
	var lost *remote.LostError
	if err := s.Wait(); !errors.As(err, &lost) {
		t.Fatalf("err = %v, want *LostError", err)
	}
	if want := "connection lost: the host has stopped answering"; lost.Error() != want {
		t.Errorf("got %q, want %q", lost.Error(), want)
	}
}

func TestClose_ends_sessions_as_lost(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	client := srv.Dial(srv.Options())
	s := start(t, client, "echo ready; cat")
	firstLine(t, s)
	_ = client.Close()
	var lost *remote.LostError
	if err := s.Wait(); !errors.As(err, &lost) {
		t.Errorf("err = %v, want *LostError", err)
	}
	if _, err := client.Start(t.Context(), "true"); err == nil {
		t.Error("a closed client starts programs")
	}
}

func TestStart_opens_another_connection_when_one_is_full(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 3, 1} {
		t.Run(fmt.Sprintf("MaxSessions %d", limit), func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t, testhost.MaxSessions(limit))
			client := srv.Dial(srv.Options())
			var sessions []remote.Session
			for range 20 {
				s := start(t, client, "echo ready; cat")
				firstLine(t, s)
				sessions = append(sessions, s)
			}
			for _, s := range sessions {
				_ = s.Stdin().Close()
				if err := s.Wait(); err != nil {
					t.Error(err)
				}
			}
			if limit == 0 && srv.Counts().Connections != 3 {
				t.Errorf("%d connections for 20 sessions", srv.Counts().Connections)
			}
		})
	}
}

// The warm session takes the only place; another line needs a connection of its own.
func TestStart_of_another_line_than_the_warm_one(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.MaxSessions(1))
	opts := srv.Options()
	opts.Warm = "read -r line; echo got $line"
	client := srv.Dial(opts)
	for range 3 {
		if got := run(t.Context(), client, "echo other", ""); got.stdout != "other\n" {
			t.Errorf("%+v", got)
		}
		if got := run(t.Context(), client, opts.Warm, "input\n"); got.stdout != "got input\n" {
			t.Errorf("%+v", got)
		}
	}
}

func TestStart_leaves_a_warm_session_that_is_too_old(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	opts.Warm, opts.WarmFor = "read -r line; echo got $line", time.Nanosecond
	client := srv.Dial(opts)
	for i := range 3 {
		eventually(t, "the warm session is ready", func() bool { return srv.Counts().Execs == 2*i+1 })
		if got := run(t.Context(), client, opts.Warm, "input\n"); got.stdout != "got input\n" {
			t.Errorf("%+v", got)
		}
	}
}

func TestStart_tells_that_a_server_runs_nothing(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.NoExec())
	got := run(t.Context(), srv.Dial(srv.Options()), "true", "")
	var refused *remote.RefusedError
	if !errors.As(got.err, &refused) || refused.Hint() == "" {
		t.Fatalf("err = %v", got.err)
	}
}

// The relay lets one flight of the client's bytes through and no other: were a second one
// needed, the output would never come.
func TestStart_costs_one_round_trip(t *testing.T) {
	t.Parallel()
	const reader = `read -r line; echo "got $line"`
	for name, test := range map[string]struct{ warm, line, stdin, want string }{
		"without input":           {"", "echo out #" + strings.Repeat("x", 2000), "", "out"},
		"with input, a warm line": {reader, reader, strings.Repeat("y", 2000), "got " + strings.Repeat("y", 2000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t)
			relay := testhost.NewRelay(t, srv.Addr(), 0)
			opts := srv.Options()
			opts.Warm = test.warm
			client := dial(t, relay.Addr(), opts)
			eventually(t, "a session is ready", func() bool {
				n := srv.Counts()
				return n.Sessions == 1 && (test.warm == "" || n.Execs == 1)
			})
			relay.Hold()
			s := start(t, client, test.line)
			if test.stdin != "" {
				_, _ = io.WriteString(s.Stdin(), test.stdin+"\n")
			}
			relay.AwaitHeld(2000)
			relay.Pass()
			if got := firstLine(t, s); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func dial(t *testing.T, host string, opts remote.Options) *remote.Client {
	t.Helper()
	c, err := tryDial(t, host, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryDial(t *testing.T, host string, opts remote.Options) (*remote.Client, error) {
	t.Helper()
	target, err := remote.ParseTarget(host)
	if err != nil {
		t.Fatal(err)
	}
	c, err := remote.Dial(t.Context(), target, opts)
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}
