package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/remote"
	"mrsk/internal/shell"
)

// liar is a host that sends what a test wants instead of running the program. out and err get the
// nonce of the run.
type liar struct {
	out, err func(nonce string) io.Reader
	deaf     bool // it does not read orders
}

func (*liar) Name() string { return "vm1" }

func (h *liar) Start(context.Context, string) (remote.Session, error) {
	s := &liarSession{host: h, program: make(chan string, 1), closed: make(chan struct{})}
	return s, nil
}

type liarSession struct {
	host    *liar
	mu      sync.Mutex
	got     bytes.Buffer
	program chan string // the nonce, once the program has arrived
	once    sync.Once
	closed  chan struct{}
}

var nonceLine = regexp.MustCompile(`(?m)^_nonce=(mrsk[0-9a-f]+)$`)

func (s *liarSession) Write(p []byte) (int, error) {
	if s.host.deaf && len(p) <= len("10\n") {
		<-s.closed
		return 0, io.ErrClosedPipe
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got.Write(p)
	if found := nonceLine.FindSubmatch(s.got.Bytes()); found != nil && cap(s.program) > len(s.program) {
		s.program <- string(found[1])
	}
	return len(p), nil
}

func (s *liarSession) Stdin() io.WriteCloser {
	return struct {
		io.Writer
		io.Closer
	}{s, io.NopCloser(nil)}
}

func (s *liarSession) Stdout() io.Reader { return &untilClosed{s, s.host.out, nil} }
func (s *liarSession) Stderr() io.Reader { return &untilClosed{s, s.host.err, nil} }
func (s *liarSession) Wait() error       { return nil }
func (s *liarSession) Close() error      { s.once.Do(func() { close(s.closed) }); return nil }

// untilClosed reads what the host sends once the program has arrived; nil sends nothing until the
// session is closed.
type untilClosed struct {
	s    *liarSession
	make func(nonce string) io.Reader
	r    io.Reader
}

func (u *untilClosed) Read(p []byte) (int, error) {
	if u.make == nil {
		<-u.s.closed
		return 0, io.EOF
	}
	if u.r == nil {
		nonce := <-u.s.program
		u.s.program <- nonce
		u.r = u.make(nonce)
	}
	return u.r.Read(p)
}

func says(format string) func(string) io.Reader {
	return func(nonce string) io.Reader { return strings.NewReader(strings.ReplaceAll(format, "@", nonce)) }
}

func TestFrames_that_a_host_repeats_or_makes_up_change_nothing(t *testing.T) {
	t.Parallel()
	frames := "@ B 0\n@ B 0\none\n@ E 0 0\n@ E 0 0\n@ E 0 0\n@ S 0\n@ S 0\n@ S 7\n@ S -1\n@ UE 0 0\n@ UB 0\n@ UB 0\n@ UE 0 0\n@ UE 0 0\n" +
		"@ B 99\n@ E 99 0\n@ E\n@ \n@ Q 1 2 3\n@ Z nonsense\n@ Z undone\n@ Z done\n@ Z\n@ B 0\n@ E 0 7\n"
	h := &liar{out: says(frames), err: says(frames)}
	rec := &recorder{}
	r, err := Session{Stages: []Stage{{Name: "start", Steps: []Step{{Name: "a", Run: shell.Cmd("true")}}}}}.Start(t.Context(), h, rec.sink)
	if err != nil {
		t.Fatal(err)
	}
	if outcome, _ := r.Wait(t.Context()); outcome != Undone {
		t.Errorf("outcome %q", outcome)
	}
	if got := r.Results()[0]; string(got.Stdout) != "one\n" || got.Status != 0 {
		t.Errorf("result %+v", got)
	}
	results, err := Script{Steps: []Step{{Name: "a", Run: shell.Cmd("true")}}}.Run(t.Context(), h, rec.sink)
	if err != nil || string(results[0].Stdout) != "one\n" {
		t.Errorf("%v, %+v", err, results)
	}
}

// All orders of a rollout are given one after the other, also to hosts that are in order.
func TestOrders_do_not_wait_for_a_host_that_does_not_read(t *testing.T) {
	t.Parallel()
	silence, end := io.Pipe()
	stream := func(nonce string) io.Reader { return io.MultiReader(says("@ B 0\n@ E 0 0\n@ S 0\n")(nonce), silence) }
	step := []Step{{Name: "a", Run: shell.Cmd("true")}}
	r, err := Session{Stages: []Stage{{Name: "start", Steps: step}, {Name: "switch", Steps: step}}}.
		Start(t.Context(), &liar{out: stream, err: stream, deaf: true}, (&recorder{}).sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Stage(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	r.Order(1)
	r.Order(1)
	r.Undo()
	r.Hangup()
	_ = end.Close()
	if outcome, _ := r.Wait(t.Context()); outcome != Unknown {
		t.Errorf("outcome %q", outcome)
	}
}

// endless is n times the text.
func endless(before, text string, n int) func(string) io.Reader {
	return func(nonce string) io.Reader {
		parts := []io.Reader{strings.NewReader(strings.ReplaceAll(before, "@", nonce)), &repeated{text: strings.ReplaceAll(text, "@", nonce), n: n}}
		return io.MultiReader(parts...)
	}
}

type repeated struct {
	text string
	at   int
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.n == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:])
	if r.at += n; r.at == len(r.text) {
		r.at = 0
		r.n--
	}
	return n, nil
}

func TestOutput_without_end_takes_no_memory(t *testing.T) {
	const size = 96 << 20
	block := strings.Repeat("x", 1<<15)
	blocks := size / len(block)
	lines := strings.Repeat(strings.Repeat("x", 63)+"\n", 1<<9)
	for name, send := range map[string]func(string) io.Reader{
		"before the first frame":  endless("", block, blocks),
		"one line":                endless("@ B 0\n", block, blocks),
		"lines":                   endless("@ B 0\n", lines, blocks),
		"of an undo":              endless("@ UB 0\n", block, blocks),
		"a frame that never ends": endless("@ ", block, blocks),
		"marks":                   endless("", "@ ", size/100),
	} {
		for _, private := range []bool{false, true} {
			t.Run(fmt.Sprint(name, private), func(t *testing.T) {
				before := heap()
				var peak uint64
				sink := func(event.Event) { peak = max(peak, heap()) }
				if name == "lines" {
					sink = func(event.Event) {}
				}
				s := Script{Steps: []Step{{Name: "a", Run: shell.Cmd("true"), Captured: private}}}
				results, err := s.Run(t.Context(), &liar{out: send, err: says("")}, sink)
				if err == nil {
					t.Error("no error")
				}
				if after := max(peak, heap()); after > before+(80<<20) {
					t.Errorf("%d MiB more on the heap", (after-before)>>20)
				}
				if n := len(results[0].Stdout) + len(err.Error()); n > keep+keepNoise+1000 {
					t.Errorf("%d bytes kept", n)
				}
			})
		}
	}
}

// A gigabyte costs no more memory than an eighth of it, and eight times the work.
func TestOutput_of_a_gigabyte_takes_little_memory_and_linear_time(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector takes half a minute: make test runs it without")
	}
	block := strings.Repeat("x", 1<<15)
	lines := strings.Repeat(strings.Repeat("x", 63)+"\n", 1<<9)
	for name, send := range map[string]func(blocks int) func(string) io.Reader{
		"before the first frame": func(n int) func(string) io.Reader { return endless("", block, n) },
		"one line":               func(n int) func(string) io.Reader { return endless("@ B 0\n", block, n) },
		"captured lines":         func(n int) func(string) io.Reader { return endless("@ B 0\n", lines, n) },
	} {
		t.Run(name, func(t *testing.T) {
			const gigabyte = 1 << 30
			before, peak := heap(), uint64(0)
			// work is the CPU time that a host with so many bytes of output costs.
			work := func(size int) time.Duration {
				sent := 0
				watch := func(nonce string) io.Reader {
					return &counted{send(size / len(block))(nonce), &sent, func() { peak = max(peak, heap()) }}
				}
				began := cpu(t)
				s := Script{Steps: []Step{{Name: "a", Run: shell.Cmd("true"), Captured: name == "captured lines"}}}
				if _, err := s.Run(t.Context(), &liar{out: watch, err: says("")}, func(event.Event) {}); err == nil {
					t.Error("no error")
				}
				if sent < size {
					t.Fatalf("only %d bytes were read", sent)
				}
				return cpu(t) - began
			}
			eighth, whole := work(gigabyte/8), work(gigabyte)
			if peak > before+(80<<20) {
				t.Errorf("%d MiB more on the heap", (peak-before)>>20)
			}
			if whole > 8*3*eighth+time.Second {
				t.Errorf("an eighth takes %s, a gigabyte %s", eighth, whole)
			}
		})
	}
}

// counted counts what is read, and calls look every 16 MiB.
type counted struct {
	io.Reader
	sent *int
	look func()
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if (*c.sent+n)>>24 > *c.sent>>24 {
		c.look()
	}
	*c.sent += n
	return n, err
}

// cpu is the CPU time that this process has taken.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}

// A list that was cut off would be taken for a shorter list.
func TestRun_refuses_captured_output_that_is_too_long(t *testing.T) {
	t.Parallel()
	h := &liar{out: func(nonce string) io.Reader {
		return io.MultiReader(strings.NewReader(nonce+" B 0\n"), &repeated{text: "x\n", n: keep}, strings.NewReader(nonce+" E 0 0\n"+nonce+" Z done\n"))
	}, err: says("@ B 0\n@ E 0 0\n@ Z done\n")}
	_, err := Script{Steps: []Step{{Name: "look", Run: shell.Cmd("true"), Captured: true}}}.Run(t.Context(), h, (&recorder{}).sink)
	var long *LongError
	if !errors.As(err, &long) || err.Error() != "look: the host sent more than 4 MiB" {
		t.Errorf("got %v", err)
	}
}

func TestRun_gives_up_on_a_host_that_never_starts_the_program(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, err := Script{}.Run(t.Context(), &liar{}, (&recorder{}).sink)
		var silent *SilentError
		if !errors.As(err, &silent) {
			t.Errorf("got %v", err)
		}
		r, err := Session{Stages: []Stage{{Name: "start"}}}.Start(t.Context(), &liar{}, (&recorder{}).sink)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Wait(t.Context()); !errors.As(err, &silent) {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzFrames(f *testing.F) {
	f.Add("@ B 0\nout@ E 0 0\n@ Z done\n", "@ B 0\n@ E 0 0\n@ Z done\n")
	f.Add("@ S 0\n@ S 0\n@ UB 0\nx@ UE 0 1\n@ Z undone\n@ Z", "@")
	f.Add("@ B -1\n@ E 99999999999999999999 0\n@ B 1\n@ E 1", "@ \n@  \n@ B\n")
	f.Fuzz(func(t *testing.T, out, err string) {
		h := &liar{out: says(out), err: says(err)}
		sink := func(event.Event) {}
		steps := []Step{{Name: "a", Run: shell.Cmd("true"), Undo: shell.Cmd("true")}, {Name: "b", Run: shell.Cmd("true"), Captured: true}}
		_, _ = Script{Steps: steps}.Run(t.Context(), h, sink)
		r, startErr := Session{Stages: []Stage{{Name: "1", Steps: steps}, {Name: "2"}}}.Start(t.Context(), h, sink)
		if startErr != nil {
			t.Fatal(startErr)
		}
		_, _ = r.Wait(t.Context())
		_ = r.Results()
	})
}
