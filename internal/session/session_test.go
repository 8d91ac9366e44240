package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/remote"
	"mrsk/internal/shell"
	"mrsk/internal/testhost"
)

func connect(t *testing.T, opts ...testhost.Option) (*testhost.Server, *remote.Client) {
	t.Helper()
	s := testhost.New(t, opts...)
	return s, s.Dial(s.Options())
}

func line(text string) shell.Line { return shell.Text(text) }

func TestRun_passes_every_byte_on_and_tells_the_status(t *testing.T) {
	t.Parallel()
	_, host := connect(t)
	var out, errs bytes.Buffer
	c := Command{Line: line(`printf 'a\000b\r\nc'; printf 'why' >&2; exit 7`), Stdout: &out, Stderr: &errs}
	err := c.Run(t.Context(), host)
	var exit *remote.ExitError
	if !errors.As(err, &exit) || exit.Status != 7 {
		t.Errorf("err = %v", err)
	}
	if out.String() != "a\x00b\r\nc" || errs.String() != "why" {
		t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
	}
}

// A login shell may print before the program begins, as .bashrc of some people does.
func TestRun_leaves_out_what_the_login_shell_prints(t *testing.T) {
	t.Parallel()
	_, host := connect(t, testhost.Shell("/bin/sh", "-c", `echo "Welcome! $0"; eval "$0"`))
	var out bytes.Buffer
	if err := (Command{Line: line("echo hello"), Stdout: &out}).Run(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	if out.String() != "hello\n" {
		t.Errorf("stdout %q", out.String())
	}
}

func TestRun_asks_for_the_agent_only_where_the_command_needs_it(t *testing.T) {
	t.Parallel()
	s := testhost.New(t)
	opts := s.Options()
	opts.Keys.ForwardAgent, opts.Local.AgentSocket = remote.ForwardUnlessForbidden, testhost.Agent(t)
	for range 2 { // the host's key is accepted in the first run
		host := s.Dial(opts)
		for _, agent := range []bool{false, true} {
			if err := (Command{Line: line("true"), Agent: agent}).Run(t.Context(), host); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := s.Counts().Agents; got != 1 {
		t.Errorf("%d sessions were led to the agent, want 1", got)
	}
}

func TestRun_gives_input_to_the_command_alone(t *testing.T) {
	t.Parallel()
	_, host := connect(t)
	var out bytes.Buffer
	c := Command{Line: line("cat; echo end"), Input: strings.NewReader("one\ntwo\x00"), Stdout: &out}
	if err := c.Run(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	if out.String() != "one\ntwo\x00end\n" {
		t.Errorf("stdout %q", out.String())
	}
	out.Reset()
	if err := (Command{Line: line("cat; echo end"), Stdout: &out}).Run(t.Context(), host); err != nil || out.String() != "end\n" {
		t.Errorf("without input: %v, stdout %q", err, out.String())
	}
}

func TestRun_ends_what_it_started_with_the_context(t *testing.T) {
	t.Parallel()
	s, host := connect(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	out := writer(func(p []byte) (int, error) { cancel(enough); return len(p), nil })
	c := Command{Line: line(`echo $$ >"$HOME/pid"; echo begun; sleep 60`), Stdout: out}
	if err := c.Run(ctx, host); !errors.Is(err, enough) {
		t.Errorf("err = %v", err)
	}
	pid, err := os.ReadFile(filepath.Join(s.Home(), "pid"))
	if err != nil {
		t.Fatal(err)
	}
	gone := func() bool {
		_, err := os.Stat("/proc/" + strings.TrimSpace(string(pid)) + "/fd")
		return err != nil
	}
	for deadline := time.Now().Add(5 * time.Second); !gone(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the command still runs on the host")
		}
	}
}

// A reader that has gone away, such as head, ends the command.
func TestRun_ends_when_nobody_takes_its_output(t *testing.T) {
	t.Parallel()
	_, host := connect(t)
	full := writer(func([]byte) (int, error) { return 0, io.ErrClosedPipe })
	c := Command{Line: line("while echo more; do :; done"), Stdout: full}
	if err := c.Run(t.Context(), host); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("err = %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestInteract_leaves_no_file_and_gives_the_terminal_back(t *testing.T) {
	t.Parallel()
	s, host := connect(t)
	var out bytes.Buffer
	restored := false
	resized := make(chan struct{}, 1)
	resized <- struct{}{}
	term := Terminal{
		In: strings.NewReader("typed\n"), Out: &out, Kind: "xterm-test",
		Size:    func() (int, int) { return 100, 40 },
		Resized: resized,
		Raw:     func() (func(), error) { return func() { restored = true }, nil },
	}
	c := Command{Prelude: "greet() { echo hello; }", Line: line(`greet; echo "$TERM"; ls "$HOME/.mrsk"; read -r l; echo "got $l"; exit 9`)}
	err := Interact(t.Context(), host, c, term)
	var exit *remote.ExitError
	if !errors.As(err, &exit) || exit.Status != 9 {
		t.Errorf("err = %v", err)
	}
	if out.String() != "hello\nxterm-test\ngot typed\n" || !restored {
		t.Errorf("output %q, restored: %t", out.String(), restored)
	}
	if sizes := s.Sizes(); len(sizes) == 0 || sizes[0] != (testhost.Size{Width: 100, Height: 40}) {
		t.Errorf("sizes %v", sizes)
	}
	for _, exec := range s.Execs() {
		if strings.Contains(exec, "greet") {
			t.Errorf("the command is in an argument list: %s", exec)
		}
	}
}

func TestInteract_needs_a_terminal_in_raw_mode(t *testing.T) {
	t.Parallel()
	s, host := connect(t)
	broken := errors.New("no such device")
	err := Interact(t.Context(), host, Command{Line: line("true")}, Terminal{Raw: func() (func(), error) { return nil, broken }})
	if !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.Home(), ".mrsk", "run-*")); len(left) > 0 {
		t.Errorf("left on the host: %v", left)
	}
}

func TestMerge_keeps_lines_whole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := Merge(&out)
	a, b := m.From("a: "), m.From("b: ")
	for _, w := range []struct {
		s    *Source
		text string
	}{{a, "one "}, {b, "first\nsec"}, {a, "line\n"}, {b, "ond\n\n"}, {a, "last"}} {
		if _, err := w.s.Write([]byte(w.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(a.Flush(), b.Flush()); err != nil {
		t.Fatal(err)
	}
	const want = "b: first\na: one line\nb: second\nb: \na: last\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestRun_keeps_nothing_of_endless_output_before_the_command(t *testing.T) {
	t.Parallel()
	_, host := connect(t, testhost.Shell("/bin/sh", "-c", `head -c 50000000 /dev/zero; eval "$0"`))
	var out bytes.Buffer
	if err := (Command{Line: line("echo hello"), Stdout: &out}).Run(t.Context(), host); err != nil || out.String() != "hello\n" {
		t.Errorf("%v, stdout %.100q", err, out.String())
	}
}

func TestBuffer_ends_a_command_that_says_too_much(t *testing.T) {
	t.Parallel()
	_, host := connect(t)
	var out Buffer
	err := (Command{Line: line("yes"), Stdout: &out}).Run(t.Context(), host)
	if !errors.Is(err, ErrTooLong) || out.Len() > Most {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

func TestTail_keeps_the_end(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("x", 999) + "\n"
	for _, size := range []int{1, 1000, 4096, 3 * kept} {
		var tail Tail
		text := []byte(strings.Repeat(line, 1000) + "the end\n")
		for part := range slices.Chunk(text, size) {
			if n, err := tail.Write(part); n != len(part) || err != nil || len(tail.text) > 2*kept {
				t.Fatalf("%d, %v, %d bytes held", n, err, cap(tail.text))
			}
		}
		if got := tail.String(); !strings.HasPrefix(got, line) || !strings.HasSuffix(got, line+"the end\n") || len(got) > kept {
			t.Errorf("in pieces of %d: %d bytes", size, len(got))
		}
	}
	var short Tail
	_, _ = short.Write([]byte("docker: no such container\n"))
	if got := short.String(); got != "docker: no such container\n" {
		t.Errorf("got %q", got)
	}
}

func TestMerge_splits_lines_without_end(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	source := Merge(&out).From("vm1: ")
	block := bytes.Repeat([]byte("x"), 1<<15)
	for range 100 {
		if _, err := source.Write(block); err != nil {
			t.Fatal(err)
		}
		if cap(source.partial) > 3*longLine {
			t.Fatalf("%d bytes held", cap(source.partial))
		}
	}
	_ = source.Flush()
	if got := strings.ReplaceAll(strings.ReplaceAll(out.String(), "vm1: ", ""), "\n", ""); len(got) != 100<<15 {
		t.Errorf("%d bytes", len(got))
	}
}
