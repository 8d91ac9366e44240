package agent

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// held runs a program for a minute and returns when it runs: the file has an end when it has ended.
func held(t *testing.T, run func(args ...string)) *os.File {
	t.Helper()
	fifo := filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	go run("sh", "-c", "exec 9<>"+fifo+"; echo >&9; sleep 60; :")
	file, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	if _, err := file.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return file
}

func ends(t *testing.T, held *os.File) {
	t.Helper()
	_ = held.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, err := held.Read(make([]byte, 1)); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it still runs: %v", err)
	}
}

func TestRun_kills_what_is_no_longer_wanted(t *testing.T) {
	t.Parallel()
	c := connected(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	ended := make(chan error, 1)
	program := held(t, func(args ...string) {
		_, err := c.Run(ctx, nil, args...)
		ended <- err
	})
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	ends(t, program)
}

// A stream that ends, as with the process that has asked, leaves nothing running.
func TestServe_kills_what_runs_when_the_stream_ends(t *testing.T) {
	t.Parallel()
	mine, its := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(its) }()
	c := NewClient(mine)
	program := held(t, func(args ...string) { _, _ = c.Run(t.Context(), nil, args...) })
	mine.Close()
	ends(t, program)
	if err := <-served; err != nil {
		t.Error(err)
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
