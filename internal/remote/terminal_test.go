package remote_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

func TestTerminal_has_a_size_a_kind_and_a_status(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	opts.Warm = "cat" // a terminal cannot be given to what already runs
	client := srv.Dial(opts)
	stdin, typed := io.Pipe()
	defer typed.Close()
	sizes := make(chan remote.Size)
	var out bytes.Buffer
	go func() {
		sizes <- remote.Size{Width: 120, Height: 40}
		sizes <- remote.Size{Width: 100, Height: 30}
		_, _ = io.WriteString(typed, "hello\n")
	}()
	err := client.Terminal(t.Context(), `read -r line; echo "$TERM $line"; exit 7`, remote.TerminalOptions{
		Stdin: stdin, Stdout: &out, PTY: true, Term: "xterm", Width: 80, Height: 24, Resize: sizes,
	})
	var exit *remote.ExitError
	if !errors.As(err, &exit) || exit.Status != 7 {
		t.Errorf("err = %v", err)
	}
	if out.String() != "xterm hello\n" {
		t.Errorf("out %q", out.String())
	}
	if diff := cmp.Diff([]testhost.Size{{Width: 80, Height: 24}, {Width: 120, Height: 40}}, srv.Sizes()[:2]); diff != "" {
		t.Error(diff)
	}
}

func TestTerminal_without_a_terminal_keeps_the_streams_apart(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	var out, errs bytes.Buffer
	err := srv.Dial(srv.Options()).Terminal(t.Context(), "cat; echo trouble >&2", remote.TerminalOptions{
		Stdin: strings.NewReader("data"), Stdout: &out, Stderr: &errs,
	})
	if err != nil || out.String() != "data" || errs.String() != "trouble\n" {
		t.Errorf("out %q, stderr %q, err %v", out.String(), errs.String(), err)
	}
	if srv.Counts().Terminals != 0 {
		t.Error("a terminal was asked for")
	}
}
