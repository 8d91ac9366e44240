package erb

import (
	"slices"
	"strings"
)

// levels are the binary operators, from those that bind least to those that bind most.
var levels = [][]string{
	{"..", "..."},
	{"||"},
	{"&&"},
	{"==", "=~", "!="},
	{"<", "<=", ">", ">="},
	{"<<"},
	{"+", "-"},
	{"*", "/", "%"},
}

// expression reads an assignment, or what binds more.
func (p *parser) expression() node {
	defer p.nested()()
	at := p.at()
	left := p.ternary()
	to, assignable := left.(place)
	op, isAssignment := strings.CutSuffix(p.peek().text, "=")
	if !assignable || p.peek().kind != operatorToken || !isAssignment || slices.ContainsFunc(levels, p.isBinary) {
		return left
	}
	p.declare(to)
	p.pos++
	p.skipNewlines()
	value := p.expression()
	if p.keyword("rescue") {
		value = rescued(value, []rescueClause{{body: p.expression()}})
	}
	return assignment(at, to, op, value)
}

// isBinary reports whether the next token is one of these operators.
func (p *parser) isBinary(level []string) bool {
	return p.peek().kind == operatorToken && slices.Contains(level, p.peek().text)
}

// ternary reads cond ? a : b, or what binds more.
func (p *parser) ternary() node {
	cond := p.binary(0)
	if !p.operator("?") {
		return cond
	}
	p.skipNewlines()
	yes := p.expression()
	p.expect(":")
	p.skipNewlines()
	return ifElse(cond, yes, p.expression())
}

// binary reads the operators of a level, and all that bind more.
func (p *parser) binary(level int) node {
	if level == len(levels) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for p.isBinary(levels[level]) {
		op := p.peek()
		p.pos++
		if t := p.peek(); level == 0 && (t.isOperator("]") || t.isOperator(")")) { // [1..]
			left = operation(op, left, nothing)
			continue
		}
		p.skipNewlines()
		left = operation(op, left, p.binary(level+1))
	}
	return left
}

// operation is a op b.
func operation(op token, a, b node) node {
	switch op.text {
	case "||":
		return or(a, b)
	case "&&":
		return and(a, b)
	case "..", "...":
		return code(func(s *scope) any { return &span{a.eval(s), b.eval(s), op.text == "..."} })
	case "!=":
		return not(send(op.at, a, "==", b))
	}
	return send(op.at, a, op.text, b)
}

// send is the call of an operator.
func send(at int, on node, name string, args ...node) node {
	c := &callNode{at: at, on: on, name: name}
	for _, a := range args {
		c.args = append(c.args, argument{value: a})
	}
	return c
}

// unary reads signs and !.
func (p *parser) unary() node {
	defer p.nested()()
	at := p.at()
	switch {
	case p.operator("!"):
		return not(p.unary())
	case p.operator("-"):
		return send(at, p.unary(), "-@")
	}
	return p.calls()
}

// calls reads a value, with the calls and indexes behind it.
func (p *parser) calls() node {
	n := p.primary()
	for {
		t := p.peek()
		switch {
		case t.isOperator(".") || t.isOperator("&."):
			p.pos++
			p.skipNewlines()
			n = p.method(n, t.text == "&.")
		case t.isOperator("[") && !t.spaced:
			p.pos++
			n = &index{t.at, n, p.arguments("]")}
		default:
			return n
		}
	}
}

// method reads a call behind its dot.
func (p *parser) method(on node, safe bool) node {
	t := p.peek()
	if t.kind != nameToken || strings.HasPrefix(t.text, "@") {
		p.fail("%s is not supported as a method", t.shown())
	}
	p.pos++
	c := &callNode{at: t.at, on: on, name: t.text, safe: safe}
	p.call(c, t)
	return c
}

// call reads the arguments and the block of a call.
func (p *parser) call(c *callNode, name token) {
	switch {
	case name.tight && p.operator("("):
		c.args = p.arguments(")")
	case p.startsArgument():
		c.args = p.arguments("")
	}
	c.block = p.block()
}

// startsArgument reports whether an argument without brackets follows. As in Ruby, blanks decide:
// x -1 calls x with -1, x - 1 and x-1 subtract.
func (p *parser) startsArgument() bool {
	t := p.peek()
	if !t.spaced {
		return false
	}
	switch t.kind {
	case nameToken, constToken, labelToken, valueToken, stringToken, commandToken, wordsToken, regexToken:
		return true
	case keywordToken:
		return slices.Contains([]string{"nil", "true", "false", "__dir__", "__FILE__"}, t.text)
	case operatorToken:
		return t.text == "(" || t.text == "[" || t.text == "!" || (t.text == "-" || t.text == "&") && t.tight
	}
	return false
}

// argument is one of a call: a value, key: value or key => value, or &block.
type argument struct {
	key, value node
	at         int
	block      bool
}

// arguments reads them up to the closing bracket, which it takes; without one, to the end of the
// line.
func (p *parser) arguments(closing string) []argument {
	var all []argument
	for {
		if closing != "" {
			p.skipNewlines()
			if p.operator(closing) {
				return all
			}
		}
		all = append(all, p.argument())
		if closing != "" {
			p.skipNewlines()
		}
		switch t := p.peek(); {
		case p.operator(","):
			p.skipNewlines()
		case closing == "":
			return all
		case !t.isOperator(closing):
			p.fail("a comma or %s is missing before %s", closing, t.shown())
		}
	}
}

func (p *parser) argument() argument {
	t := p.peek()
	switch {
	case t.kind == labelToken:
		p.pos++
		p.skipNewlines()
		return argument{key: constant(symbol(t.text)), value: p.expression()}
	case p.operator("&"):
		return argument{value: p.ternary(), at: t.at, block: true}
	}
	value := p.expression()
	if !p.operator("=>") {
		return argument{value: value}
	}
	p.skipNewlines()
	return argument{key: value, value: p.expression()}
}

// primary reads a value: a literal, a name, or a construct with an end of its own.
func (p *parser) primary() node {
	t := p.peek()
	switch t.kind {
	case valueToken:
		p.pos++
		return constant(t.value)
	case wordsToken: // each evaluation makes a new list, because the template may change it
		p.pos++
		return code(func(*scope) any { return &list{slices.Clone(t.value.(*list).items)} })
	case stringToken:
		p.pos++
		return p.text(t)
	case commandToken:
		p.pos++
		line := p.text(t)
		return code(func(s *scope) any { return s.in.run(t.at, line.join(s)) })
	case regexToken:
		p.pos++
		source := p.text(t)
		return code(func(s *scope) any { return compile(t.at, source.join(s), t.text) })
	case nameToken, constToken:
		return p.name()
	case keywordToken:
		return p.construct()
	case operatorToken:
		return p.bracket()
	}
	p.fail("a value is missing before %s", t.shown())
	return nil
}

// text joins the parts of a literal.
func (p *parser) text(t token) *text {
	v := &text{at: t.at}
	for _, part := range t.parts {
		if part.code != nil {
			v.parts = append(v.parts, p.inner(part.code))
		} else if part.text != "" {
			v.parts = append(v.parts, constant(part.text))
		}
	}
	return v
}

// bracket reads a list, a hash, or an expression in brackets.
func (p *parser) bracket() node {
	t := p.peek()
	switch {
	case p.operator("["):
		return listOf(p.arguments("]"))
	case p.operator("{"):
		return hashOf(t.at, p.arguments("}"))
	case p.operator("("):
		n := p.statements(t.at, ")")
		p.pos++
		return n
	}
	p.fail("%s is not supported here", t.shown())
	return nil
}

// name reads a variable, a constant, or a call without a receiver.
func (p *parser) name() node {
	t := p.peek()
	p.pos++
	next := p.peek()
	isCall := t.tight && next.isOperator("(") || t.kind == constToken && next.kind == stringToken && next.spaced
	switch {
	case isCall:
	case strings.HasPrefix(t.text, "@"), p.vars[t.text]:
		return &variable{t.text}
	case next.isOperator("="), next.isOperator("||="):
		return &variable{t.text}
	case t.kind == constToken:
		return constantName(t)
	}
	c := &callNode{at: t.at, name: t.text}
	p.call(c, t)
	return c
}
