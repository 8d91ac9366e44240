package remote_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

func TestDial_gives_up_a_server_that_says_nothing(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.SlowAccept(time.Hour))
	opts := srv.Options()
	opts.Timing.Connect = 300 * time.Millisecond
	_, err := tryDial(t, srv.Addr(), opts)
	var failed *remote.ConnectError
	if !errors.As(err, &failed) || failed.Hint() == "" {
		t.Fatalf("err = %v", err)
	}
	if want := "greet: no answer in time"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestDial_ends_with_the_context(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.SlowAccept(time.Hour))
	target, _ := remote.ParseTarget(srv.Addr())
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(interrupted) })
	if _, err := remote.Dial(ctx, target, srv.Options()); !errors.Is(err, interrupted) {
		t.Errorf("err = %v", err)
	}
}

func TestDial_tells_a_refused_connection(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = tryDial(t, l.Addr().String(), bare(t))
	if want := "connect: connection refused"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestDial_works_whatever_the_login_shell_is(t *testing.T) {
	t.Parallel()
	// A shell that takes the line as one word and has a syntax of its own, as fish has.
	srv := testhost.New(t, testhost.Shell("/bin/sh", "-c", `exec /bin/sh -c "$0"`))
	if got := runLine(t, srv.Dial(srv.Options()), "sh -c 'echo posix'"); got != "posix\n" {
		t.Errorf("got %q", got)
	}
}

// A file that names a variable in the place of its value loads; ssh is not asked about such a host.
func TestDial_knows_a_variable_without_its_value(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"$APP_HOST", "${APP_HOST}"} {
		target, err := remote.ParseTarget(host)
		if err != nil {
			t.Fatal(err)
		}
		_, err = remote.Dial(t.Context(), target, remote.Options{})
		var failed *remote.ConnectError
		if !errors.As(err, &failed) || err.Error() != "look up: it is a variable without its value" || failed.Hint() == "" {
			t.Errorf("%s: %v", host, err)
		}
	}
}
