package erb

import (
	"strings"
)

// suffix reads one call, or index, on e; more is false when none follows.
func (p *parser) suffix(e expr) (next expr, more bool) {
	at := p.at()
	switch {
	case p.peek(0) == '[':
		p.pos++
		var index []argument
		p.fresh(func() { index = p.arguments("]") })
		return element(at, e, index), true
	case p.has("::") && isUpper(p.peek(2)):
		p.fail("%s is not understood here", p.found())
	case p.has("::") && isWord(p.peek(2)):
		p.pos += 2
		return p.method(at, e, false), true
	}
	begin := p.pos
	p.continued()
	switch {
	case p.has("&."):
		p.pos += 2
		p.gap()
		return p.method(at, e, true), true
	case p.peek(0) == '.' && p.peek(1) != '.':
		p.pos++
		p.gap()
		return p.method(at, e, false), true
	}
	p.pos = begin
	return e, false
}

// continued skips to a dot that leads a line below. Who calls it goes back if there is none.
func (p *parser) continued() {
	p.blanks()
	if c := p.peek(0); c == '\n' || c == '#' {
		p.gap()
	}
}

// method reads a call behind its dot.
func (p *parser) method(at int, on expr, safe bool) expr {
	if p.peek(0) == '(' {
		return p.invocation(at, on, "call", safe)
	}
	at = p.at()
	name := p.methodName()
	if name == "" {
		p.fail("a method should follow the dot, not %s", p.found())
	}
	e := p.invocation(at, on, name, safe)
	return e
}

// element is e[…], which can be assigned to.
func element(at int, e expr, index []argument) expr {
	return expr{
		at: at,
		eval: func(f *frame) any {
			on := e.eval(f)
			args, _ := f.evaluate(index)
			return f.call(at, on, "[]", args, nil)
		},
		set: func(f *frame, v any) {
			on := e.eval(f)
			args, _ := f.evaluate(index)
			f.call(at, on, "[]=", append(args, v), nil)
		},
	}
}

// invocation reads what follows the name of a method: arguments and a block. on is what it is
// called on; a call of a function has none.
func (p *parser) invocation(at int, on expr, name string, safe bool) expr {
	if on.eval == nil && name == "defined?" {
		return p.definedness(at)
	}
	bare := p.pos
	args := p.argumentsOf()
	block := p.block()
	if on.eval == nil && p.pos == bare && isWord(name[len(name)-1]) {
		return bareName(at, name)
	}
	if on.eval == nil {
		return expr{at: at, eval: func(f *frame) any {
			values, given := f.evaluate(args)
			return f.function(at, name, values, f.blockOf(block, given))
		}}
	}
	return expr{
		at: at,
		eval: func(f *frame) any {
			receiver := on.eval(f)
			if safe && receiver == nil {
				return nil
			}
			values, given := f.evaluate(args)
			return f.change(at, on, receiver, name, values, f.blockOf(block, given))
		},
		set: func(f *frame, v any) { f.call(at, on.eval(f), name+"=", []any{v}, nil) },
	}
}

// bareName is a name that is a variable if it has a value when it is asked for, else a function.
func bareName(at int, name string) expr {
	e := variable(at, name)
	e.eval = func(f *frame) any {
		if v, found := f.vars.get(name); found {
			return v
		}
		return f.function(at, name, nil, nil)
	}
	return e
}

// argumentsOf reads the arguments of a call: in brackets, or without, up to the end of the line.
func (p *parser) argumentsOf() []argument {
	if p.take("(") {
		var args []argument
		p.fresh(func() { args = p.arguments(")") })
		return args
	}
	if !p.startsArgument() {
		return nil
	}
	p.blanks()
	p.noDo++
	args := p.arguments("")
	p.noDo--
	return args
}

// startsArgument reports whether an argument without brackets follows. As in Ruby, blanks decide:
// x -1 calls x with -1, x - 1 and x-1 subtract.
func (p *parser) startsArgument() bool {
	if p.peek(0) != ' ' && p.peek(0) != '\t' {
		return false
	}
	begin := p.pos
	p.blanks()
	defer func() { p.pos = begin }()
	c, after := p.peek(0), p.peek(1)
	switch {
	case c == '"' || c == '\'' || c == '`' || c == '@' || c == '$' || isDigit(c):
		return true
	case isWord(c):
		return !p.atReserved()
	case c == ':':
		return (isWord(after) || after == '"' || after == '\'') && p.noColon == 0 || after == ':' && isUpper(p.peek(2))
	case c == '[' || c == '!' && after != '=' && after != '~':
		return true
	case c == '-':
		return after == '>' || !isBlank(after) && after != '='
	case c == '*' || c == '&':
		return !isBlank(after) && after != '=' && after != c && after != '.'
	case c == '/' || c == '%':
		return !isBlank(after) && after != '='
	case c == '<':
		return p.atHeredoc()
	}
	return false
}

// atReserved reports whether a word follows that can begin no argument.
func (p *parser) atReserved() bool {
	word := p.peekWord()
	switch word {
	case "if", "unless", "while", "until", "for":
		return p.atKeyword(word)
	}
	return reserved[word] && p.atKeyword(word)
}

// argument is one of a call: a value, or one that stands for many.
type argument struct {
	expr
	key  *expr  // of key: value and key => value
	many string // * and **: all of a list or hash; &: the block
}

// arguments reads them up to a closing bracket, which it takes; with none, up to the end of the
// line.
func (p *parser) arguments(until string) []argument {
	var all []argument
	for {
		if until != "" {
			p.gap()
			if p.take(until) {
				return all
			}
		}
		all = append(all, p.argument())
		p.blanks()
		if until != "" {
			p.gap()
		}
		switch {
		case p.take(","):
			p.gap()
		case until == "":
			return all
		case !p.has(until):
			p.fail("there should be a comma or %s here, not %s", until, p.found())
		}
	}
}

func (p *parser) argument() argument {
	for _, many := range []string{"**", "*", "&"} {
		if p.has(many) && !p.has("&.") {
			p.pos += len(many)
			return argument{expr: p.ternary(), many: many}
		}
	}
	if key, isLabel := p.label(); isLabel {
		p.gap()
		if c := p.peek(0); c == ',' || c == ')' || c == '}' {
			return argument{expr: p.shorthand(key), key: &key} // f(x:)
		}
		return argument{expr: p.argumentValue(), key: &key}
	}
	e := p.argumentValue()
	p.blanks()
	if !p.take("=>") {
		return argument{expr: e}
	}
	p.gap()
	return argument{expr: p.argumentValue(), key: &e}
}

func (p *parser) argumentValue() expr {
	p.blanks()
	if p.atKeyword("not") {
		return p.negation()
	}
	return p.expression()
}

func (p *parser) shorthand(key expr) expr {
	return bareName(key.at, string(key.eval(nil).(symbol)))
}

// label reads the key of key: value.
func (p *parser) label() (key expr, found bool) {
	at, begin := p.at(), p.pos
	if c := p.peek(0); c == '"' || c == '\'' {
		end := strings.IndexByte(p.rest()[1:], c) + 2
		if end < 2 || p.peek(end) != ':' || p.peek(end+1) == ':' || strings.Contains(p.rest()[:end], "#{") || p.noColon > 0 {
			return expr{}, false
		}
		name := p.rest()[1 : end-1]
		p.pos += end + 1
		return constant(at, symbol(name)), true
	}
	name := p.methodName()
	if name != "" && p.peek(0) == ':' && p.peek(1) != ':' && (p.noColon == 0 || isBlank(p.peek(1))) {
		p.pos++
		return constant(at, symbol(name)), true
	}
	p.pos = begin
	return expr{}, false
}

// hash reads one behind its bracket.
func (p *parser) hash(at int) expr {
	var items []argument
	p.fresh(func() { items = p.arguments("}") })
	for _, item := range items {
		if item.key == nil && item.many != "**" {
			beyond(item.at, "a hash needs a key for this value")
		}
	}
	return expr{at: at, eval: func(f *frame) any {
		args, _ := f.evaluate(items)
		if len(args) == 0 {
			return newHash()
		}
		return args[0]
	}}
}

func listOf(at int, items []argument) expr {
	return expr{at: at, eval: func(f *frame) any {
		args, _ := f.evaluate(items)
		return &array{args}
	}}
}
