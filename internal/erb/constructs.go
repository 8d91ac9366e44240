package erb

import (
	"path"
)

// construct reads what begins with a keyword; done is false for any other word.
func (p *parser) construct(at int, word string) (e expr, done bool) {
	read, found := constructs()[word]
	if !found {
		if reserved[word] {
			p.fail("%s is not understood here", word)
		}
		return expr{}, false
	}
	p.pos += len(word)
	p.fresh(func() { e = read(p, at) })
	return e, true
}

// reserved are the words that no name can be and that begin nothing that is understood.
var reserved = map[string]bool{
	"end": true, "else": true, "elsif": true, "when": true, "in": true, "then": true, "do": true, "ensure": true,
	"rescue": true, "and": true, "or": true, "class": true, "module": true, "alias": true, "undef": true,
	"redo": true, "retry": true, "super": true, "BEGIN": true, "END": true,
}

// erbFile is what a template of Ruby's ERB takes for its own name. It is in no folder, so that __dir__
// is the working directory.
const erbFile = "(erb)"

func constructs() map[string]func(*parser, int) expr {
	return map[string]func(*parser, int) expr{
		"nil":   func(_ *parser, at int) expr { return constant(at, nil) },
		"true":  func(_ *parser, at int) expr { return constant(at, true) },
		"false": func(_ *parser, at int) expr { return constant(at, false) },
		"self":  func(_ *parser, at int) expr { return constant(at, module("self")) },
		"__FILE__": func(_ *parser, at int) expr {
			return expr{at: at, eval: func(*frame) any { return erbFile }}
		},
		"__dir__": func(_ *parser, at int) expr {
			return expr{at: at, eval: func(*frame) any { return path.Dir(erbFile) }}
		},
		"if":     (*parser).ifThen,
		"unless": (*parser).unless,
		"case":   (*parser).caseOf,
		"while":  func(p *parser, at int) expr { return p.while(at, true) },
		"until":  func(p *parser, at int) expr { return p.while(at, false) },
		"for":    (*parser).forIn,
		"begin":  (*parser).begin,
		"def":    (*parser).define,
		"yield":  (*parser).yield,
		"next":   func(p *parser, at int) expr { return p.leap(at, "next") },
		"break":  func(p *parser, at int) expr { return p.leap(at, "break") },
		"return": func(p *parser, at int) expr { return p.leap(at, "return") },
		"not":    func(p *parser, at int) expr { return not(at, p.negation()) },
	}
}

// define reads a method.
func (p *parser) define(at int) expr {
	p.blanks()
	name := p.methodName()
	if name == "" || p.peek(0) == '.' {
		p.fail("such a method is not understood")
	}
	outer := p.vars
	p.vars = map[string]bool{}
	params := p.methodParams()
	var body expr
	if p.blanks(); p.peek(0) == '=' {
		p.pos++
		p.gap()
		body = p.statement()
	} else {
		body = p.begin(at)
	}
	p.vars = outer
	return expr{at: at, eval: func(f *frame) any {
		f.in.methods[name] = &proc{params: params, body: body, strict: true, in: f.in}
		return symbol(name)
	}}
}

func (p *parser) methodParams() []param {
	p.blanks()
	if p.take("(") {
		return p.params(")")
	}
	if c := p.peek(0); c == '\n' || c == ';' || c == 0 || c == '=' || c == '#' {
		return nil
	}
	return p.params("")
}

// yield calls the block of the method.
func (p *parser) yield(at int) expr {
	args := p.argumentsOf()
	return expr{at: at, eval: func(f *frame) any {
		if f.block == nil {
			raise(at, "LocalJumpError", "no block given (yield)")
		}
		values, _ := f.evaluate(args)
		return f.block.call(at, values...)
	}}
}

// definedness reads defined?(x), which asks without failing.
func (p *parser) definedness(at int) expr {
	p.blanks()
	var e expr
	if p.take("(") {
		p.fresh(func() { e = p.expression() })
		p.expect(")")
	} else {
		e = p.unary()
	}
	return expr{at: at, eval: func(f *frame) any {
		var v any
		if caught(func() { v = e.eval(f) }) != nil || e.name != "" && e.name[0] == '@' && v == nil {
			return nil
		}
		switch {
		case e.name != "" && isUpper(e.name[0]):
			return "constant"
		case e.name != "":
			return "local-variable"
		}
		return "expression"
	}}
}
