package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/testhost"
)

// named is a host on which nothing can be run.
type named string

func (n named) Name() string { return string(n) }

func (n named) Start(context.Context, string) (remote.Session, error) {
	return nil, fmt.Errorf("%s: connection refused", string(n))
}

// inOrder is a fleet of such hosts, reached one after the other. It knows the names that it was asked for.
type inOrder struct{ asked []string }

func (f *inOrder) Each(ctx context.Context, names []string, fn func(context.Context, remote.Host) error) error {
	f.asked = names
	var all []error
	for _, name := range names {
		all = append(all, fn(ctx, named(name)))
	}
	return errors.Join(all...)
}

func TestEach_works_on_every_target_and_joins_all_failures(t *testing.T) {
	t.Parallel()
	targets := []Target{{Host: "vm1", Role: "web"}, {Host: "vm2", Role: "web", Alone: true}, {Host: "vm1", Role: "workers"}}
	fleet := &inOrder{}
	var mu sync.Mutex
	var done []string
	err := Each(t.Context(), fleet, targets, func(_ context.Context, h remote.Host, target Target) error {
		mu.Lock()
		defer mu.Unlock()
		done = append(done, h.Name()+" "+target.String())
		if target.Host == "vm1" {
			return fmt.Errorf("%s: disk full", target)
		}
		return nil
	})
	if want := []string{"vm1", "vm2"}; !slices.Equal(fleet.asked, want) {
		t.Errorf("connected to %v, want each host once: %v", fleet.asked, want)
	}
	slices.Sort(done)
	if want := []string{"vm1 vm1, role web", "vm1 vm1, role workers", "vm2 vm2"}; !slices.Equal(done, want) {
		t.Errorf("worked on %q, want %q", done, want)
	}
	if want := "vm1, role web: disk full\nvm1, role workers: disk full"; err == nil || err.Error() != want {
		t.Errorf("err = %v, want both failures in the order of the targets", err)
	}
}

// A target that failed must not keep the one beside it from ending: logs of it may be followed.
func TestEach_waits_for_the_targets_of_a_host_together(t *testing.T) {
	t.Parallel()
	var met sync.WaitGroup
	met.Add(2)
	err := Each(t.Context(), &inOrder{}, []Target{{Host: "vm1", Role: "a"}, {Host: "vm1", Role: "b"}}, func(context.Context, remote.Host, Target) error {
		met.Done()
		met.Wait() // hangs unless both work at the same time
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTarget_is_told_apart_by_its_role_only_where_there_are_others(t *testing.T) {
	t.Parallel()
	for want, target := range map[string]Target{
		"vm1":            {Host: "vm1"},
		"vm2":            {Host: "vm2", Role: "web", Alone: true},
		"vm3, role web":  {Host: "vm3", Role: "web"},
		"::1, role jobs": {Host: "::1", Role: "jobs"},
	} {
		if got := target.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRun_and_Interact_report_a_host_that_is_not_reached(t *testing.T) {
	t.Parallel()
	if err := (Command{Line: line("true")}).Run(t.Context(), named("vm1")); err == nil || err.Error() != "vm1: connection refused" {
		t.Errorf("Run: %v", err)
	}
	raw := func() (func(), error) { t.Error("the terminal is raw although nothing runs"); return func() {}, nil }
	if err := Interact(t.Context(), named("vm1"), Command{Line: line("true")}, Terminal{Raw: raw}); !errors.Is(err, errNoTerminal) {
		t.Errorf("Interact: %v", err)
	}
}

// With a full disk the program cannot be brought. The terminal stays as it is, and so does the host.
func TestInteract_does_not_begin_without_its_program(t *testing.T) {
	t.Parallel()
	s, host := connect(t)
	raw := func() (func(), error) { t.Error("the terminal is raw although nothing runs"); return func() {}, nil }
	s.Put("mkdir", "#!/bin/sh\necho 'mkdir: no space left on device' >&2; exit 1\n")
	err := Interact(t.Context(), host, Command{Line: line("true")}, Terminal{Raw: raw})
	if err == nil || began(err) {
		t.Errorf("err = %v", err)
	}
	if n := s.Counts().Terminals; n != 0 {
		t.Errorf("%d terminals were opened", n)
	}
}

func TestBegan_is_known_only_from_an_exit_status(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{nil, true},
		{&remote.ExitError{Status: 1}, true},
		{fmt.Errorf("vm1: %w", &remote.ExitError{Status: 130, Signal: "INT"}), true},
		{io.EOF, false},
		{context.Canceled, false},
	} {
		if got := began(tt.err); got != tt.want {
			t.Errorf("%v: began %t, want %t", tt.err, got, tt.want)
		}
	}
}

// A login shell that ends before the program began, such as that of a user without one, must not wait for input.
func TestRun_reports_a_program_that_never_began(t *testing.T) {
	t.Parallel()
	_, host := connect(t, testhost.Shell("/bin/sh", "-c", `echo 'This account is not available.'; exit 1`))
	var out Buffer
	err := (Command{Line: line("echo hello"), Stdout: &out}).Run(t.Context(), host)
	var exit *remote.ExitError
	if !errors.As(err, &exit) || exit.Status != 1 {
		t.Errorf("err = %v", err)
	}
	if out.String() != "" {
		t.Errorf("stdout %q: what the login shell says is not the command's", out.String())
	}
}

// A login shell may end before it has read the program or after: the error is the same.
func TestRun_reports_a_login_shell_that_reads_no_program(t *testing.T) {
	t.Parallel()
	err := (Command{Line: line("echo hello")}).Run(t.Context(), closedShell{&remote.ExitError{Status: 1}})
	var exit *remote.ExitError
	if !errors.As(err, &exit) || exit.Status != 1 {
		t.Errorf("err = %v", err)
	}
	if err := (Command{Line: line("echo hello")}).Run(t.Context(), closedShell{}); !errors.Is(err, script.ErrNotBegun) {
		t.Errorf("without a status: %v", err)
	}
}

// closedShell is a host whose login shell has ended, with end, before a program is sent.
type closedShell struct{ end error }

func (closedShell) Name() string { return "vm1" }

func (h closedShell) Start(context.Context, string) (remote.Session, error) { return h, nil }

func (closedShell) Stdin() io.WriteCloser {
	r, w := io.Pipe()
	_ = r.Close()
	return w
}
func (closedShell) Stdout() io.Reader { return strings.NewReader("") }
func (closedShell) Stderr() io.Reader { return strings.NewReader("") }
func (h closedShell) Wait() error     { return h.end }
func (closedShell) Close() error      { return nil }

func TestRun_reports_a_login_shell_that_runs_nothing(t *testing.T) {
	t.Parallel()
	_, host := connect(t, testhost.Shell("/bin/sh", "-c", `read -r _; exit 0`))
	if err := (Command{Line: line("echo hello")}).Run(t.Context(), host); !errors.Is(err, script.ErrNotBegun) {
		t.Errorf("a command that did not run: err = %v", err)
	}
}

// What a screen does not take ends the command, and the streams beside it go on.
func TestMerge_reports_a_stream_that_cannot_be_written(t *testing.T) {
	t.Parallel()
	full := writer(func([]byte) (int, error) { return 0, io.ErrClosedPipe })
	s := Merge(full).From("vm1: ")
	if n, err := s.Write([]byte("no end yet")); n != 10 || err != nil {
		t.Errorf("a part of a line is held: %d, %v", n, err)
	}
	if _, err := s.Write([]byte("\n")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Write: %v", err)
	}
	if err := s.Flush(); err != nil {
		t.Errorf("there is nothing to flush, and yet: %v", err)
	}
}

func TestMerge_passes_on_bytes_that_are_no_text(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"empty lines", "\n\n", "> \n> \n"},
		{"carriage returns of a progress bar", "10%\r20%\r\n", "> 10%\r20%\r\n"},
		{"zero bytes and invalid UTF-8", "a\x00\xff\nb", "> a\x00\xff\n> b\n"},
	} {
		var out Buffer
		s := Merge(&out).From("> ")
		for i := range len(tt.in) { // byte by byte, as the network may
			if _, err := s.Write([]byte(tt.in[i : i+1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Flush(); err != nil || out.String() != tt.want {
			t.Errorf("%s: %v, got %q, want %q", tt.name, err, out.String(), tt.want)
		}
	}
}

func TestBuffer_keeps_exactly_what_it_may(t *testing.T) {
	t.Parallel()
	var b Buffer
	if n, err := b.Write(make([]byte, Most)); n != Most || err != nil {
		t.Errorf("%d, %v: that much is allowed", n, err)
	}
	if n, err := b.Write([]byte("x")); n != 0 || !errors.Is(err, ErrTooLong) || b.Len() != Most {
		t.Errorf("%d, %v, %d bytes held", n, err, b.Len())
	}
	if n, err := b.Write(nil); n != 0 || err != nil {
		t.Errorf("nothing still fits: %d, %v", n, err)
	}
}
