package remote_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// outcome is all that a program has said.
type outcome struct {
	stdout, stderr string
	err            error
}

func run(ctx context.Context, h remote.Host, line, stdin string) outcome {
	s, err := h.Start(ctx, line)
	if err != nil {
		return outcome{err: err}
	}
	defer s.Close()
	var out, errs bytes.Buffer
	var streams sync.WaitGroup
	streams.Go(func() { _, _ = io.Copy(&out, s.Stdout()) })
	streams.Go(func() { _, _ = io.Copy(&errs, s.Stderr()) })
	_, _ = io.Copy(s.Stdin(), strings.NewReader(stdin))
	_ = s.Stdin().Close()
	streams.Wait()
	return outcome{out.String(), errs.String(), s.Wait()}
}

func TestStart_gives_output_input_and_status(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	client := srv.Dial(srv.Options())
	got := run(t.Context(), client, "cat; echo trouble >&2; exit 3", "hello\n")
	var exit *remote.ExitError
	if !errors.As(got.err, &exit) || exit.Status != 3 {
		t.Fatalf("err = %v, want exit status 3", got.err)
	}
	if got.stdout != "hello\n" || got.stderr != "trouble\n" {
		t.Fatalf("stdout %q, stderr %q", got.stdout, got.stderr)
	}
	if got := run(t.Context(), client, "true", ""); got.err != nil {
		t.Fatalf("true: %v", got.err)
	}
}
