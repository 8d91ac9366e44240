package simulation

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// process is a script that runs on a host. Its protocol is that of script/sh/session.sh and plain.sh;
// the names of its fields are those of the variables there.
type process struct {
	host    *Host
	s       *session
	boot    context.Context // ends when the host goes down
	random  *rand.Rand
	program *program
	printed *strings.Builder // where output goes while it is caught, else nil

	partial []byte // of an order
	order   string
	silent  int    // seconds without an order
	gone    string // how the operator was lost, "" while it was not
	done    []string
	status  int // of the last step
	undoing bool
	locks   []*lockFile
}

// killed ends a process at once. It is raised as a panic.
type killed struct{}

// silence is the silence timeout of all sessions, in seconds.
const silence = 20

// serve starts a process for a session.
func (h *Host) serve(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.processes++
	h.started++
	p := &process{host: h, s: s, boot: h.boot, random: rand.New(rand.NewPCG(h.seed, h.started)), order: "0"}
	go p.run()
}

func (p *process) run() {
	defer p.exit()
	defer func() {
		switch v := recover().(type) {
		case nil, killed, returned:
		default:
			panic(v)
		}
	}()
	text := p.receive()
	program, err := parse(text)
	if err != nil {
		p.host.world.bug("%v", err)
		return
	}
	p.program = program
	p.stmts(program.main)
}

// exit is what the kernel does at the end of a process.
func (p *process) exit() {
	p.host.mu.Lock()
	for _, l := range p.locks {
		l.holder = nil
	}
	p.host.processes--
	p.host.mu.Unlock()
	p.s.out.finish(io.EOF)
	p.s.errs.finish(io.EOF)
}

// receive reads the length of the program and the program.
func (p *process) receive() string {
	length := 0
	var text []byte
	for {
		chunk, changed, end := p.s.in.next(1 << 20)
		switch {
		case chunk == nil && end != nil:
			panic(killed{})
		case chunk == nil:
			if !p.await(changed, 300*time.Second) {
				panic(killed{})
			}
		}
		text = append(text, chunk...)
		if head, rest, found := bytes.Cut(text, []byte("\n")); length == 0 && found {
			length, _ = strconv.Atoi(string(head))
			text = rest
		}
		if length > 0 && len(text) >= length {
			p.partial = text[length:]
			return string(text[:length])
		}
	}
}

// await waits until the channel is closed, and reports whether it was within d.
func (p *process) await(changed <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-changed:
		return true
	case <-timer.C:
		return false
	case <-p.boot.Done():
		panic(killed{})
	}
}

// sleep lets time pass. A script that is not a session ends with the connection: a process beside it
// watches the channel.
func (p *process) sleep(d time.Duration) {
	watched := p.s.in.over
	if p.program.session {
		watched = nil
	}
	if p.await(watched, d) {
		panic(killed{})
	}
}

// between draws a duration.
func (p *process) between(least, most time.Duration) time.Duration {
	return least + time.Duration(p.random.Int64N(int64(most-least)))
}

// listen waits so many seconds for an order.
func (p *process) listen(seconds int) {
	if p.gone != "" {
		return
	}
	until := time.Now().Add(time.Duration(seconds) * time.Second)
	for {
		if line, rest, found := bytes.Cut(p.partial, []byte("\n")); found {
			p.partial, p.silent, p.order = rest, 0, string(line)
			return
		}
		chunk, changed, end := p.s.in.next(1)
		p.partial = append(p.partial, chunk...)
		switch {
		case chunk != nil:
		case end != nil:
			p.gone = "lost"
			return
		case !p.await(changed, time.Until(until)):
			if p.silent += seconds; p.silent >= silence {
				p.gone = "silent"
			}
			return
		}
	}
}

func (p *process) wanted() bool { return p.gone == "" && p.order != "u" }

// pause waits inside a step and reports whether the step should go on.
func (p *process) pause(d time.Duration) bool {
	if p.undoing || !p.program.session {
		p.sleep(d)
		return true
	}
	p.listen(max(1, int(d.Seconds())))
	return p.wanted()
}

func (p *process) frame(s *stream, words ...string) {
	s.send(p.program.nonce + " " + strings.Join(words, " ") + "\n")
}

func (p *process) both(words ...string) int {
	select {
	case <-p.s.in.over:
		if p.program.session {
			p.gone = "lost"
		}
		return 0
	default:
	}
	p.frame(p.s.out, words...)
	p.frame(p.s.errs, words...)
	return 0
}

func (p *process) print(format string, args ...any) {
	if p.printed != nil {
		fmt.Fprintf(p.printed, format+"\n", args...)
		return
	}
	p.s.out.send(fmt.Sprintf(format+"\n", args...))
}

// fail complains and returns 1.
func (p *process) fail(format string, args ...any) int {
	p.s.errs.send(fmt.Sprintf(format+"\n", args...))
	return 1
}

// protocol are the functions that run, order and undo steps.
var protocol map[string]func(p *process, args []string) int

func init() {
	protocol = map[string]func(p *process, args []string) int{
		"_main":  func(p *process, args []string) int { return p.step(args[0]) },
		"_sub":   (*process).sub,
		"_firm":  (*process).sub,
		"_both":  func(p *process, args []string) int { return p.both(args...) },
		"_obey":  (*process).obey,
		"_back":  (*process).back,
		"return": func(*process, []string) int { panic(returned{}) },
		"[":      func(p *process, args []string) int { return test(args) },
		":":      func(*process, []string) int { return 0 },
		"kill":   func(*process, []string) int { return 0 },
	}
}

// test is [ A != B ] and [ A = B ].
func test(args []string) int {
	if (args[0] == args[2]) == (args[1] == "=") {
		return 0
	}
	return 1
}

func (p *process) step(i string) int {
	p.both("B", i)
	p.status = p.call("_do" + i)
	p.both("E", i, strconv.Itoa(p.status))
	return p.status
}

// sub runs a step in a shell of its own: what the step hears of the operator is lost with it, but for
// the end of the channel, which can be heard again.
func (p *process) sub(args []string) int {
	p.done = slices.Insert(p.done, 0, args[0])
	order, silent := p.order, p.silent
	p.both("B", args[0])
	status := p.call("_do" + args[0])
	p.order, p.silent = order, silent
	if p.gone == "silent" {
		p.gone = ""
	}
	p.status = status
	p.both("E", args[0], strconv.Itoa(status))
	return status
}

func (p *process) obey(args []string) int {
	stage, _ := strconv.Atoi(args[0])
	for p.wanted() {
		if order, err := strconv.Atoi(p.order); err == nil && order >= stage {
			return 0
		}
		p.listen(8)
	}
	return 1
}

// back undoes what was done, last first.
func (p *process) back([]string) int {
	if p.status == gaveUp {
		p.listen(1)
	}
	p.host.world.trace(p.host.name, "goes back: gone %q, order %s, status %d", p.gone, p.order, p.status)
	p.undoing = true
	p.call("_ready")
	end := "undone"
	for _, i := range p.done {
		p.frame(p.s.out, "UB", i)
		status := p.call("_undo" + i)
		p.frame(p.s.out, "UE", i, strconv.Itoa(status))
		if status != 0 {
			p.host.world.trace(p.host.name, "undo of step %s failed", i)
			end = "broken"
		}
	}
	p.call("_report")
	return p.both("Z", end)
}
