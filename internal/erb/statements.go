package erb

import (
	"slices"
)

// parse reads a whole template.
func parse(template string) (program expr, err *failure) {
	err = caught(func() {
		p := &parser{vars: map[string]bool{}, skips: map[int]int{}}
		for _, piece := range scan(template) {
			if piece.kind == output && inComment(template, piece.tag) {
				piece.kind = muted
			}
			p.pieces = append(p.pieces, piece)
		}
		program = p.body(0)
	})
	return program, err
}

// body reads statements up to one of the words, or brackets, that stop it, which it leaves
// there. Without any, it reads to the end: of the template, or of the piece when that is sealed.
func (p *parser) body(opened int, stops ...string) expr {
	defer p.nested()()
	var all []expr
	for {
		p.separators()
		switch {
		case slices.ContainsFunc(stops, p.atStop):
			return sequence(all)
		case p.pos < len(p.piece.body):
			all = append(all, p.statement())
			p.endOfStatement(stops)
		case !p.sealed && p.next < len(p.pieces):
			all = append(all, p.turn()...)
		case len(stops) == 0:
			return sequence(all)
		default:
			beyond(opened, "what begins here has no %s", stops[len(stops)-1])
		}
	}
}

func (p *parser) atStop(stop string) bool {
	if isWord(stop[0]) {
		return p.atKeyword(stop)
	}
	return p.has(stop)
}

// separators skips what stands between statements.
func (p *parser) separators() {
	p.gap()
	for p.take(";") {
		p.gap()
	}
}

// endOfStatement fails when something follows a statement that does not belong to it.
func (p *parser) endOfStatement(stops []string) {
	p.blanks()
	c := p.peek(0)
	if c == 0 || c == '\n' || c == ';' || c == '#' || slices.ContainsFunc(stops, p.atStop) {
		return
	}
	p.fail("%s is not understood here", p.found())
}

// muted is an output tag in a comment of YAML: what is wrong with it does no harm.
const muted kind = -1

// turn goes on to the next piece, and returns what it puts out.
func (p *parser) turn() []expr {
	piece := p.pieces[p.next]
	p.next++
	switch piece.kind {
	case text:
		return []expr{{at: piece.begin, eval: func(f *frame) any {
			f.in.out.text(piece.body, piece.begin)
			return nil
		}}}
	case code:
		p.piece, p.pos = piece, 0
	case output:
		return []expr{p.output(piece)}
	case muted:
		var tag expr
		if caught(func() { tag = p.output(piece) }) == nil {
			return []expr{{at: tag.at, eval: func(f *frame) any {
				caught(func() { tag.eval(f) })
				return nil
			}}}
		}
	}
	return nil
}

// output is a tag whose value is put out. What is wrong with it is told with all else that is
// wrong: the rest of the template does not depend on it.
func (p *parser) output(piece piece) expr {
	inner := *p
	inner.piece, inner.pos, inner.sealed = piece, 0, true
	inner.noDo, inner.noColon = 0, 0
	value := inner.body(0)
	tolerant := piece.kind == output
	return expr{at: piece.tag, eval: func(f *frame) any {
		var text string
		if err := caught(func() { text = f.in.toText(value.eval(f), piece.tag) }); err != nil {
			f.in.complain(err, tolerant)
		}
		f.in.out.value(text, piece.tag)
		return nil
	}}
}

func sequence(all []expr) expr {
	if len(all) == 1 {
		return all[0]
	}
	return expr{eval: func(f *frame) any {
		var last any
		for _, e := range all {
			f.in.step(e.at)
			last = e.eval(f)
		}
		return last
	}}
}

// statement reads one, with the conditions that follow it.
func (p *parser) statement() expr {
	defer p.nested()()
	e := p.simple()
	for {
		p.blanks()
		at := p.at()
		switch {
		case p.keyword("if"):
			e = when(at, p.junction(), e, nothing)
		case p.keyword("unless"):
			e = when(at, p.junction(), nothing, e)
		case p.keyword("while"):
			e = loop(at, p.junction(), true, e)
		case p.keyword("until"):
			e = loop(at, p.junction(), false, e)
		case p.keyword("rescue"):
			e = rescued(e, p.junction())
		default:
			return e
		}
	}
}

// simple reads a statement without the conditions behind it.
func (p *parser) simple() expr {
	if p.peek(0) == '*' && isWord(p.peek(1)) {
		p.pos++
		return p.multiple(p.operand(), true)
	}
	p.listed = true
	e := p.junction()
	p.listed = false
	if p.blanks(); e.set != nil && p.peek(0) == ',' {
		return p.multiple(e, false)
	}
	return e
}

var nothing = expr{eval: func(*frame) any { return nil }}

// junction reads expressions joined by and, or, not.
func (p *parser) junction() expr {
	left := p.negation()
	for {
		p.blanks()
		switch {
		case p.keyword("and"):
			p.gap()
			left = both(left, p.negation())
		case p.keyword("or"):
			p.gap()
			left = either(left, p.negation())
		default:
			return left
		}
	}
}

func (p *parser) negation() expr {
	p.blanks()
	at := p.at()
	if p.keyword("not") {
		defer p.nested()()
		return not(at, p.negation())
	}
	return p.expression()
}

func both(a, b expr) expr {
	return expr{at: a.at, eval: func(f *frame) any {
		if v := a.eval(f); !truthy(v) {
			return v
		}
		return b.eval(f)
	}}
}

func either(a, b expr) expr {
	return expr{at: a.at, eval: func(f *frame) any {
		if v := a.eval(f); truthy(v) {
			return v
		}
		return b.eval(f)
	}}
}

func not(at int, e expr) expr {
	return expr{at: at, eval: func(f *frame) any { return !truthy(e.eval(f)) }}
}
