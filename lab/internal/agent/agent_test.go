package agent

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func connected(t *testing.T) *Client {
	t.Helper()
	mine, its := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(its) }()
	t.Cleanup(func() {
		mine.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return NewClient(mine)
}

func TestRun_tells_what_a_program_says_and_how_it_ends(t *testing.T) {
	t.Parallel()
	c := connected(t)
	odd := bytes.Repeat([]byte("\x00\xff\n部"), 100_000)
	for name, tt := range map[string]struct {
		stdin                   []byte
		args                    []string
		stdout, stderr, failure string
	}{
		"both streams and a status":   {nil, []string{"sh", "-c", "echo out; echo err >&2; exit 3"}, "out\n", "err\n", "exit status 3"},
		"any bytes":                   {odd, []string{"cat"}, string(odd), "", ""},
		"nothing to read":             {nil, []string{"cat"}, "", "", ""},
		"no such program":             {nil, []string{"no-such-program"}, "", "", "executable file not found"},
		"killed":                      {nil, []string{"sh", "-c", "kill -9 $$"}, "", "", "signal: killed"},
		"something stays in the back": {nil, []string{"sh", "-c", "sleep 60 & echo started"}, "started\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := c.Run(t.Context(), tt.stdin, tt.args...)
			if err != nil || string(r.Stdout) != tt.stdout || string(r.Stderr) != tt.stderr || !strings.Contains(r.Failure, tt.failure) || (tt.failure == "") != (r.Failure == "") {
				t.Errorf("%v, %d bytes, %q, %q", err, len(r.Stdout), r.Stderr, r.Failure)
			}
		})
	}
}

func TestRun_kills_what_is_no_longer_wanted(t *testing.T) {
	t.Parallel()
	c := connected(t)
	fifo := filepath.Join(t.TempDir(), "alive")
	if r, err := c.Run(t.Context(), nil, "mkfifo", fifo); err != nil || r.Failure != "" {
		t.Fatal(err, r.Failure)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	ended := make(chan error, 1)
	go func() {
		_, err := c.Run(ctx, nil, "sh", "-c", "exec 9<>"+fifo+"; echo >&9; sleep 60; :")
		ended <- err
	}()
	held, err := os.Open(fifo) // opens when the program has
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if _, err := held.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	_ = held.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, err := held.Read(make([]byte, 1)); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it still runs: %v", err)
	}
}

// A stream that ends, as with the process that has asked, leaves nothing running.
func TestServe_kills_what_runs_when_the_stream_ends(t *testing.T) {
	t.Parallel()
	mine, its := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(its) }()
	go NewClient(mine).Run(t.Context(), nil, "sleep", "600")
	time.AfterFunc(50*time.Millisecond, func() { mine.Close() })
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits for what runs")
	}
}

func TestRun_tells_of_a_stream_that_has_ended(t *testing.T) {
	t.Parallel()
	mine, its := net.Pipe()
	its.Close()
	c := NewClient(mine)
	for {
		if _, err := c.Run(t.Context(), nil, "true"); errors.Is(err, ErrGone) {
			return
		}
	}
}
