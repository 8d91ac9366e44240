package script

import (
	_ "embed"
	"fmt"
	"strings"
	"time"

	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// Bootstrap is the exec line that runs a program. It starts sh, which reads a length and so many bytes
// of program from its stdin. The client sends nothing more before the first frame, so a head that reads
// ahead loses nothing. "set +avx" is for hosts whose environment makes sh trace or export everything
// (SHELLOPTS of bash): secrets in the program would show.
//
// A connection can break without a sign while sh waits for its program. A background process therefore
// ends the whole process group after hostTimeout. The line keeps the ids of that process and of its
// sleep, and kills both when the program has arrived; timeout(1) is missing on some hosts, and
// "read -t" in dash.
//
// The line has the same meaning in every login shell, fish and csh among them: one pair of single
// quotes, no newline, and "!" only behind a backslash, since csh looks for its history in quotes, too.
const Bootstrap = `exec sh -c 'set +avx; ` +
	`k=$( (sleep 300 >/dev/null & eval s=\$\!; echo $s; exec >/dev/null; wait $s && kill 0) 2>/dev/null & eval echo \$\!); ` +
	`read -r n; eval "$(head -c "${n:-0}"; kill $k)"'`

// hostTimeout is how long a host waits until its program has arrived: the sleep in Bootstrap.
const hostTimeout = 300 * time.Second

// WarmFor is how long a session in which Bootstrap waits may be kept ready. The host still leaves the
// program the time that the client gives it.
const WarmFor = hostTimeout - 2*startTimeout

var (
	//go:embed sh/base.sh
	baseSh string
	//go:embed sh/plain.sh
	plainSh string
	//go:embed sh/session.sh
	sessionSh string
)

// program gathers the text of a script. The whole is one function, called on its last line: a
// program of which only a part arrives is a syntax error, and none of it runs.
type program struct {
	body  strings.Builder
	steps []Step
}

func newProgram(nonce string, texts ...string) *program {
	p := &program{}
	p.line("_nonce=%s", nonce)
	p.line("%s", statuses())
	for _, t := range texts {
		p.body.WriteString(strings.TrimRight(t, "\n") + "\n")
	}
	return p
}

func (p *program) line(format string, args ...any) {
	fmt.Fprintf(&p.body, format+"\n", args...)
}

// define writes a step's functions and returns the call that runs it, by a function of the shell
// unless the step is one of the main program.
func (p *program) define(s Step, by string) string {
	i := len(p.steps)
	p.steps = append(p.steps, s)
	p.line("_do%d() {\n%s\n}", i, orNothing(s.Run.Wire().Reveal()))
	p.line("_undo%d() {\n%s\n}", i, orNothing(s.Undo.Wire().Reveal()))
	if s.Main {
		by = "_main"
	}
	call := fmt.Sprintf("%s %d", by, i)
	if s.goesOn() {
		call = fmt.Sprintf("{ %s || :; }", call)
	}
	return call
}

func orNothing(text string) string {
	if text == "" {
		return ":"
	}
	return text
}

func (p *program) text() redact.String {
	return redact.New("_program() {\n" + p.body.String() + "}\n_program\n")
}

// lines are all that steps may run.
func lines(steps []Step) []shell.Line {
	all := make([]shell.Line, 0, 2*len(steps))
	for _, s := range steps {
		all = append(all, s.Run, s.Undo)
	}
	return all
}

func (s Session) lines() []shell.Line {
	all := append(lines(s.Setup), s.Ready, s.Report)
	for _, stage := range s.Stages {
		all = append(all, lines(stage.Steps)...)
	}
	return all
}

// compile renders a Script.
func (s Script) compile(nonce string) *program {
	p := newProgram(nonce, baseSh, plainSh, shell.Definitions(lines(s.Steps)...), s.Prelude)
	calls := make([]string, len(s.Steps))
	for i, step := range s.Steps {
		calls[i] = p.define(step, "_sub")
	}
	p.line("_watch & _watcher=$!")
	p.line("%s", strings.Join(append(calls, "_both Z done"), " &&\n"))
	p.line(`kill "$_watcher"`)
	return p
}

// compile renders a Session. Up to the commit, whatever goes wrong leads to the undo; from the
// commit on only an order does; the last stage is carried through in any case.
func (s Session) compile(nonce string) *program {
	p := newProgram(nonce, baseSh, sessionSh, shell.Definitions(s.lines()...), s.Prelude)
	p.line("_silence_timeout=%d", int(s.SilenceTimeout.Seconds()))
	p.line("_report() {\n%s\n}", orNothing(s.Report.Wire().Reveal()))
	p.line("_ready() {\n%s\n}", orNothing(s.Ready.Wire().Reveal()))
	for _, step := range s.Setup {
		p.line("%s || { _both Z refused; return; }", p.define(step, "_sub"))
	}
	stages := make([][]string, len(s.Stages))
	for k, stage := range s.Stages {
		by := "_sub"
		if k >= s.commit() {
			by = "_firm"
		}
		for _, step := range stage.Steps {
			stages[k] = append(stages[k], p.define(step, by))
		}
	}
	for k := range s.Stages {
		s.compileStage(p, k, stages[k])
	}
	p.line("_both Z done")
	return p
}

func (s Session) compileStage(p *program, k int, calls []string) {
	forward := strings.Join(append(calls, fmt.Sprintf("_both S %d", k)), " &&\n")
	switch {
	case k > s.commit():
		p.line("_obey %d || { [ \"$_order\" != u ] || _back; return; }\n%s", k, forward)
	case k > 0:
		p.line("{ _obey %d &&\n%s; } || { _back; return; }", k, forward)
	default:
		p.line("{ %s; } || { _back; return; }", forward)
	}
}
