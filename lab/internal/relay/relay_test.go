package relay

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// through serves each connection with fn behind a relay and dials the relay.
func through(t *testing.T, rtt time.Duration, fn func(*net.TCPConn)) (*Relay, *net.TCPConn) {
	t.Helper()
	server := listen(t)
	go func() {
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); fn(conn.(*net.TCPConn)) }()
		}
	}()
	front := listen(t)
	r := New(server.Addr().String(), rtt)
	done := make(chan struct{})
	go func() { defer close(done); r.Serve(t.Context(), front) }()
	t.Cleanup(func() { <-done })
	return r, dial(t, front)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func dial(t *testing.T, l net.Listener) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

func echo(conn *net.TCPConn) { io.Copy(conn, conn) }

func ping(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	start, b := time.Now(), []byte{1}
	if _, err := conn.Write(b); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, b); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

func TestRelay_takes_two_round_trips_for_the_first_answer_then_one(t *testing.T) {
	t.Parallel()
	const rtt = 60 * time.Millisecond
	began := time.Now() // the handshake goes on while a test that was paused does nothing
	_, conn := through(t, rtt, echo)
	ping(t, conn)
	if took := time.Since(began); took < 2*rtt {
		t.Errorf("first answer after %s, want at least %s: handshake and request", took, 2*rtt)
	}
	if took := ping(t, conn); took < rtt {
		t.Errorf("second answer after %s, want at least %s", took, rtt)
	}
}

func TestRelay_takes_a_new_round_trip_time_on_an_open_connection(t *testing.T) {
	t.Parallel()
	r, conn := through(t, 0, echo)
	ping(t, conn)
	r.SetRTT(80 * time.Millisecond)
	if took := ping(t, conn); took < 80*time.Millisecond {
		t.Errorf("answer after %s, want at least 80ms", took)
	}
}

func TestRelay_does_not_limit_throughput(t *testing.T) {
	t.Parallel()
	const size = 32 << 20
	near, far := transfer(t, size, time.Millisecond), transfer(t, size, 200*time.Millisecond)
	// A relay that waits for each chunk takes 32 MB / 64 KB × 0.1 s = 50 s longer over the long way.
	if far-near > 10*time.Second {
		t.Errorf("32 MB took %s, and %s without latency", far, near)
	}
}

// transfer returns how long a relay takes to bring so many bytes to a server and back.
func transfer(t *testing.T, size int, rtt time.Duration) time.Duration {
	t.Helper()
	_, conn := through(t, rtt, echo)
	sent := make([]byte, size)
	rand.Read(sent)
	start := time.Now()
	go func() { conn.Write(sent); conn.CloseWrite() }()
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("%d bytes came back changed: %v", len(got), err)
	}
	return time.Since(start)
}

func TestRelay_passes_a_half_close_on(t *testing.T) {
	t.Parallel()
	_, conn := through(t, 10*time.Millisecond, func(server *net.TCPConn) {
		all, _ := io.ReadAll(server)
		server.Write(append([]byte("got "), all...))
	})
	conn.Write([]byte("all"))
	conn.CloseWrite()
	if got, err := io.ReadAll(conn); string(got) != "got all" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRelay_passes_a_reset_on(t *testing.T) {
	t.Parallel()
	_, conn := through(t, 10*time.Millisecond, func(server *net.TCPConn) {
		server.Read(make([]byte, 1))
		server.SetLinger(0)
	})
	conn.Write([]byte("x"))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset", err)
	}
}

func TestRelay_resets_the_client_when_nobody_listens(t *testing.T) {
	t.Parallel()
	gone := listen(t)
	gone.Close()
	front := listen(t)
	go New(gone.Addr().String(), 10*time.Millisecond).Serve(t.Context(), front)
	conn := dial(t, front)
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset", err)
	}
}
