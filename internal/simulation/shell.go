package simulation

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"
)

// program is a script as it arrives on a host, without the library: the definitions of its steps and
// the lines that run them. The model runs these lines, so the order in which package script runs, waits
// and undoes is that of the real program; only what the functions of the library do is modelled.
type program struct {
	nonce     string
	session   bool // it obeys orders
	functions map[string]*syntax.Stmt
	main      []*syntax.Stmt
}

var (
	nonceLine = regexp.MustCompile(`(?m)^_nonce=(\S+)$`)
	parsed    sync.Map // of the text behind the library: most runs of a simulation send the same
)

func parse(text string) (*program, error) {
	nonce := nonceLine.FindStringSubmatch(text)
	if nonce == nil {
		return nil, fmt.Errorf("a program without a nonce: %.100s", text)
	}
	p := &program{nonce: nonce[1]}
	at := strings.Index(text, "\n_silence_timeout=")
	if p.session = at >= 0; !p.session {
		at = strings.Index(text, "\n_do0() {")
	}
	if at < 0 {
		return nil, fmt.Errorf("a program without steps")
	}
	tail := strings.TrimSuffix(text[at+1:], "}\n_program\n")
	known, found := parsed.Load(tail)
	if !found {
		file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(tail), "")
		if err != nil {
			return nil, err
		}
		known, _ = parsed.LoadOrStore(tail, file.Stmts)
	}
	p.functions = map[string]*syntax.Stmt{}
	for _, s := range known.([]*syntax.Stmt) {
		if f, is := s.Cmd.(*syntax.FuncDecl); is {
			p.functions[f.Name.Value] = f.Body
		} else {
			p.main = append(p.main, s)
		}
	}
	return p, nil
}

// returned ends a function or the program. It is raised as a panic.
type returned struct{}

// call runs a function that the program defines.
func (p *process) call(name string) (status int) {
	body := p.program.functions[name]
	if body == nil {
		return p.host.world.bug("no function %s", name)
	}
	return p.stmt(body)
}

// stmts runs a list of statements.
func (p *process) stmts(all []*syntax.Stmt) (status int) {
	for _, s := range all {
		status = p.stmt(s)
	}
	return status
}

func (p *process) stmt(s *syntax.Stmt) int {
	if s.Background {
		return 0 // the watcher: see process.watch
	}
	status := p.command(s.Cmd)
	if s.Negated {
		return flip(status)
	}
	return status
}

func flip(status int) int {
	if status == 0 {
		return 1
	}
	return 0
}

func (p *process) command(c syntax.Command) int {
	switch c := c.(type) {
	case *syntax.Block:
		return p.stmts(c.Stmts)
	case *syntax.Subshell:
		return p.stmts(c.Stmts)
	case *syntax.BinaryCmd:
		return p.binary(c)
	case *syntax.CallExpr:
		return p.simple(c)
	}
	return p.host.world.bug("a command of the kind %T", c)
}

func (p *process) binary(c *syntax.BinaryCmd) int {
	if c.Op == syntax.Pipe { // what is piped are secrets and files, which the model has none of
		return p.stmt(c.Y)
	}
	status := p.stmt(c.X)
	if (c.Op == syntax.AndStmt) == (status == 0) {
		return p.stmt(c.Y)
	}
	return status
}

func (p *process) simple(c *syntax.CallExpr) int {
	if len(c.Args) == 0 {
		return 0
	}
	words := make([]string, len(c.Args))
	for i, w := range c.Args {
		words[i] = p.word(w)
	}
	return p.builtin(words)
}

func (p *process) word(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		b.WriteString(p.part(part))
	}
	return b.String()
}

func (p *process) part(part syntax.WordPart) string {
	switch part := part.(type) {
	case *syntax.Lit:
		return part.Value
	case *syntax.SglQuoted:
		return part.Value
	case *syntax.DblQuoted:
		var b strings.Builder
		for _, inner := range part.Parts {
			b.WriteString(p.part(inner))
		}
		return b.String()
	case *syntax.ParamExp:
		return p.variable(part.Param.Value)
	case *syntax.CmdSubst:
		return p.output(part.Stmts)
	}
	p.host.world.bug("a word of the kind %T", part)
	return ""
}

// output is what statements print.
func (p *process) output(stmts []*syntax.Stmt) string {
	before := p.printed
	p.printed = &strings.Builder{}
	defer func() { p.printed = before }()
	p.stmts(stmts)
	return strings.TrimRight(p.printed.String(), "\n")
}

// variable is one of the few that programs read outside of the library.
func (p *process) variable(name string) string {
	switch name {
	case "_order":
		return p.order
	case "_watcher":
		return "watcher"
	case "1", "2": // of the report about an undo
		return "reason"
	}
	p.host.world.bug("the variable %s", name)
	return ""
}
