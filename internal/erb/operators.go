package erb

import (
	"slices"
	"strings"
)

// levels are the binary operators from those that bind least to those that bind most. Of each
// level, longer ones come first.
var levels = [][]string{
	{"...", ".."},
	{"||"},
	{"&&"},
	{"<=>", "===", "==", "=~", "!=", "!~"},
	{"<=", ">=", "<", ">"},
	{"|", "^"},
	{"&"},
	{"<<", ">>"},
	{"+", "-"},
	{"*", "/", "%"},
}

// expression reads one up to an assignment, the operator that binds least.
func (p *parser) expression() expr {
	defer p.nested()()
	p.blanks()
	listed := p.listed
	p.listed = false
	left := p.ternary()
	p.listed = listed
	if left.set == nil {
		return left
	}
	p.blanks()
	if op := p.assignment(); op != "" {
		if left.name != "" {
			p.vars[left.name] = true
		}
		p.gap()
		return assign(left, op, p.assigned())
	}
	return left
}

// assignment takes an operator that assigns: = or one such as ||=. "" is none.
func (p *parser) assignment() string {
	for _, op := range []string{"||", "&&", "<<", ">>", "**", "+", "-", "*", "/", "%", "|", "&", "^"} {
		if p.take(op + "=") {
			return op
		}
	}
	if p.peek(0) == '=' && p.peek(1) != '=' && p.peek(1) != '~' && p.peek(1) != '>' {
		p.pos++
		return "="
	}
	return ""
}

// assigned reads what is assigned: an expression with its rescue.
func (p *parser) assigned() expr {
	value := p.assignedValue()
	p.blanks()
	if p.keyword("rescue") {
		value = rescued(value, p.negation())
	}
	return value
}

// assignedValue is a list where commas follow and a statement is being read: a = 1, 2.
func (p *parser) assignedValue() expr {
	if p.listed {
		p.listed = false
		return p.listWithoutBrackets()
	}
	return p.negation()
}

func assign(left expr, op string, value expr) expr {
	return expr{at: left.at, eval: func(f *frame) any {
		var v any
		switch op {
		case "=":
			v = value.eval(f)
		case "||", "&&":
			old := current(f, left)
			if truthy(old) == (op == "||") {
				return old
			}
			v = value.eval(f)
		default:
			v = f.send(left.at, left.eval(f), op, value.eval(f))
		}
		left.set(f, v)
		return v
	}}
}

// current is what a place holds; a variable that has no value yet is nil there.
func current(f *frame, place expr) any {
	if place.name != "" && !f.vars.has(place.name) {
		return nil
	}
	return place.eval(f)
}

// target is a place of an assignment to more than one.
type target struct {
	expr
	rest bool // *place takes what the others leave
}

// multiple reads the rest of an assignment to more than one place: a, *b = 1, 2.
func (p *parser) multiple(first expr, rest bool) expr {
	targets := []target{{first, rest}}
	p.blanks()
	for p.take(",") {
		p.gap()
		rest := p.take("*")
		targets = append(targets, target{p.ternary(), rest})
		p.blanks()
	}
	for _, t := range targets {
		if t.set == nil {
			p.fail("the commas here belong to no list")
		}
		p.vars[t.name] = true
	}
	p.expect("=")
	p.gap()
	value := p.listWithoutBrackets()
	return expr{at: first.at, eval: func(f *frame) any {
		v := value.eval(f)
		distribute(f, targets, spread(v))
		return v
	}}
}

func distribute(f *frame, targets []target, values []any) {
	for i, t := range targets {
		if !t.rest {
			t.set(f, nth(values, 0))
			values = values[min(1, len(values)):]
			continue
		}
		n := max(0, len(values)-(len(targets)-i-1))
		t.set(f, &array{slices.Clone(values[:n])})
		values = values[n:]
	}
}

// listWithoutBrackets reads a value, or values with commas between them, which are a list.
func (p *parser) listWithoutBrackets() expr {
	at := p.at()
	items := []argument{p.listItem()}
	for p.blanks(); p.take(","); p.blanks() {
		p.gap()
		items = append(items, p.listItem())
	}
	if len(items) == 1 && items[0].many == "" {
		return items[0].expr
	}
	return listOf(at, items)
}

func (p *parser) listItem() argument {
	if p.take("*") {
		return argument{expr: p.ternary(), many: "*"}
	}
	return argument{expr: p.expression()}
}

// ternary reads cond ? a : b, and all that binds more.
func (p *parser) ternary() expr {
	cond := p.binary(0)
	p.blanks()
	if p.peek(0) != '?' {
		return cond
	}
	at := p.at()
	p.pos++
	p.gap()
	p.noColon++
	yes := p.expression()
	p.noColon--
	p.expect(":")
	p.gap()
	return when(at, cond, yes, p.expression())
}

// binary reads operators of a level and all that bind more.
func (p *parser) binary(level int) expr {
	if level == len(levels) {
		return p.unary()
	}
	left := p.binary(level + 1)
	for {
		p.blanks()
		at := p.at()
		op := p.operator(levels[level])
		if op == "" {
			return left
		}
		p.gap()
		left = operation(at, left, op, p.right(level))
	}
}

// right reads the right side of an operator; a range may lack it: (1..).
func (p *parser) right(level int) expr {
	if c := p.peek(0); level == 0 && (c == ']' || c == ')' || c == 0) {
		return nothing
	}
	return p.binary(level + 1)
}

// longer are the characters that make another operator of one.
var longer = map[string]string{
	"||": "=", "&&": "=", "<=": ">", "<": "<", ">": ">", "|": "|=", "^": "=", "&": "&.=", "<<": "=", ">>": "=",
	"+": "=", "-": "=", "*": "*=", "/": "=", "%": "=",
}

// operator takes one of these, unless it is the beginning of another one.
func (p *parser) operator(ops []string) string {
	for _, op := range ops {
		if !p.has(op) {
			continue
		}
		if after := p.peek(len(op)); after != 0 && strings.IndexByte(longer[op], after) >= 0 {
			return ""
		}
		p.pos += len(op)
		return op
	}
	return ""
}

func operation(at int, a expr, op string, b expr) expr {
	switch op {
	case "||":
		return either(a, b)
	case "&&":
		return both(a, b)
	case "..", "...":
		return expr{at: at, eval: func(f *frame) any { return &span{a.eval(f), b.eval(f), op == "..."} }}
	case "!=", "!~":
		return not(at, operation(at, a, "="+op[1:], b))
	case "<<":
		return shift(at, a, b)
	}
	return expr{at: at, eval: func(f *frame) any { return f.send(at, a.eval(f), op, b.eval(f)) }}
}

// shift is a << b. Strings here do not change, their places do.
func shift(at int, a, b expr) expr {
	return expr{at: at, eval: func(f *frame) any {
		v := f.send(at, a.eval(f), "<<", b.eval(f))
		if _, isText := v.(string); isText && a.set != nil {
			a.set(f, v)
		}
		return v
	}, set: a.set}
}

// unary reads signs and !.
func (p *parser) unary() expr {
	defer p.nested()()
	at := p.at()
	switch {
	case p.has("!") && p.peek(1) != '=' && p.peek(1) != '~':
		p.pos++
		p.blanks()
		return not(at, p.unary())
	case p.peek(0) == '-' && p.peek(1) != '>' && !isDigit(p.peek(1)):
		p.pos++
		p.blanks()
		return negative(at, p.unary())
	case p.has(".."):
		short := p.has("...")
		p.pos += len("..")
		p.take(".")
		to := p.binary(1)
		return expr{at: at, eval: func(f *frame) any { return &span{nil, to.eval(f), short} }}
	case p.peek(0) == '+' && p.peek(1) != '=':
		p.pos++
		p.blanks()
		return p.unary()
	}
	return p.power()
}

// negative is -e.
func negative(at int, e expr) expr {
	return expr{at: at, eval: func(f *frame) any {
		v := e.eval(f)
		if s, ok := v.(string); ok {
			return s // -"text" is a frozen text
		}
		return f.send(at, v, "-@")
	}}
}

// power reads a ** b, which binds more than a sign before it.
func (p *parser) power() expr {
	base := p.operand()
	p.blanks()
	at := p.at()
	if !p.has("**") || p.peek(2) == '=' {
		return base
	}
	p.pos += 2
	p.gap()
	return operation(at, base, "**", p.unary())
}
