package erb

import (
	"strconv"
	"strings"
)

// operand reads a value with all that is called on it.
func (p *parser) operand() expr {
	defer p.nested()()
	p.blanks()
	e := p.primary()
	for {
		next, more := p.suffix(e)
		if !more {
			return e
		}
		e = next
	}
}

// primary reads a value: a literal, a name, or a construct with an end of its own.
func (p *parser) primary() expr {
	at := p.at()
	c := p.peek(0)
	switch {
	case isDigit(c), c == '-' && isDigit(p.peek(1)):
		return p.number()
	case c == '"' || c == '\'' || c == '`':
		return p.strings()
	case c == ':':
		return p.symbol()
	case c == '[':
		p.pos++
		return p.list(at)
	case c == '{':
		p.pos++
		return p.hash(at)
	case c == '(':
		p.pos++
		return p.parenthesis(at)
	case c == '%' && p.percentLiteral():
		return p.percent()
	case c == '/':
		p.pos++
		return p.regexp('/', '/')
	case p.has("->"):
		p.pos += 2
		return p.lambda(at)
	case p.has("<<"):
		return p.heredoc()
	case c == '@' || c == '$':
		return p.global(at)
	case p.has("::"):
		p.pos += 2
		return p.constantValue(at)
	case isUpper(c):
		return p.constantValue(at)
	case isWord(c):
		return p.word(at)
	}
	p.fail("a value should stand here, not %s", p.found())
	return expr{}
}

// list reads the items of an array.
func (p *parser) list(at int) expr {
	var items []argument
	p.fresh(func() { items = p.arguments("]") })
	return listOf(at, items)
}

// parenthesis reads statements in brackets.
func (p *parser) parenthesis(at int) expr {
	var inner expr
	p.inside(func() { inner = p.body(at, ")") })
	p.expect(")")
	return expr{at: at, eval: inner.eval}
}

// inside reads what must end in the tag that it begins in.
func (p *parser) inside(read func()) {
	sealed := p.sealed
	p.sealed = true
	p.fresh(read)
	p.sealed = sealed
}

func constant(at int, v any) expr {
	return expr{at: at, eval: func(*frame) any { return v }}
}

// number reads an integer or a float.
func (p *parser) number() expr {
	at, begin := p.at(), p.pos
	p.take("-")
	for isWord(p.peek(0)) || p.peek(0) == '.' && isDigit(p.peek(1)) {
		if e := p.peek(0); (e == 'e' || e == 'E') && (p.peek(1) == '-' || p.peek(1) == '+') && isDigit(p.peek(2)) {
			p.pos++
		}
		p.pos++
	}
	literal := p.piece.body[begin:p.pos]
	if i, err := strconv.ParseInt(literal, 0, 64); err == nil {
		return constant(at, int(i))
	}
	if n, err := strconv.ParseFloat(strings.ReplaceAll(literal, "_", ""), 64); err == nil && strings.ContainsAny(literal, ".eE") {
		return constant(at, n)
	}
	beyond(at, "%s is no number that is understood", literal)
	return expr{}
}

// symbol reads :name, :"text" and :name?.
func (p *parser) symbol() expr {
	at := p.at()
	p.pos++
	if c := p.peek(0); c == '"' || c == '\'' {
		text := p.strings()
		return expr{at: at, eval: func(f *frame) any { return symbol(text.eval(f).(string)) }}
	}
	if name := p.methodName(); name != "" {
		if p.peek(0) == '=' && p.peek(1) != '=' && p.peek(1) != '>' && p.peek(1) != '~' {
			p.pos++
			name += "="
		}
		return constant(at, symbol(name))
	}
	for _, op := range []string{"[]", "<=>", "===", "==", "=~", "**", "<<", ">>", "<=", ">=", "+", "-", "*", "/", "%", "<", ">", "!", "&", "|", "^"} {
		if p.take(op) {
			return constant(at, symbol(op))
		}
	}
	p.fail("a name should follow the colon, not %s", p.found())
	return expr{}
}

// global reads $name and @name.
func (p *parser) global(at int) expr {
	begin := p.pos
	p.pos++
	p.take("@")
	if name := p.peekWord(); name != "" || isDigit(p.peek(0)) {
		for isWord(p.peek(0)) {
			p.pos++
		}
	} else if p.pos++; p.pos > len(p.piece.body) { // not even such as $?
		beyond(at, "a name should follow")
	}
	name := p.piece.body[begin:p.pos]
	return expr{
		at: at, name: name,
		eval: func(f *frame) any { return f.in.global(at, name) },
		set:  func(f *frame, v any) { f.in.globals[name] = v },
	}
}

// constant takes a name such as Errno::ENOENT.
func (p *parser) constant() string {
	name := p.peekWord()
	p.pos += len(name)
	for p.has("::") && isUpper(p.peek(2)) {
		p.pos += 2
		part := p.peekWord()
		p.pos += len(part)
		name += "::" + part
	}
	return name
}

// constantValue reads a constant, or a call of a function that is named like one: URI(…).
func (p *parser) constantValue(at int) expr {
	name := p.constant()
	if c := p.peek(0); c == '(' || c == ' ' && (p.peek(1) == '"' || p.peek(1) == '\'') {
		return p.invocation(at, expr{}, name, false)
	}
	return expr{
		at: at, name: name,
		eval: func(f *frame) any { return f.in.constant(at, name) },
		set:  func(f *frame, v any) { f.in.globals[name] = v },
	}
}

// word reads what begins with a name: a keyword's construct, a variable or a call.
func (p *parser) word(at int) expr {
	word := p.peekWord()
	if p.atKeyword(word) {
		if e, done := p.construct(at, word); done {
			return e
		}
	}
	name := p.methodName()
	if p.vars[name] && p.peek(0) != '(' {
		return variable(at, name)
	}
	return p.invocation(at, expr{}, name, false)
}

// variable is one that has been seen before.
func variable(at int, name string) expr {
	return expr{
		at: at, name: name,
		eval: func(f *frame) any {
			if v, found := f.vars.get(name); found {
				return v
			}
			return f.free(at, name)
		},
		set: func(f *frame, v any) { f.vars.set(name, v) },
	}
}

// free is a name that has no value: nil where an assignment to it was skipped, else a function.
func (f *frame) free(at int, name string) any {
	if _, known := f.in.tables.functions[name]; known || f.in.methods[name] != nil {
		return f.function(at, name, nil, nil)
	}
	return nil
}
