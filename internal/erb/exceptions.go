package erb

import (
	"slices"
	"strings"
)

// exception is what a template raises and rescues.
type exception struct {
	class   string
	message string
}

// shown is the exception for people.
func (x *exception) shown() string {
	if x.class == "RuntimeError" || x.message == "" {
		return cmpOr(x.message, x.class)
	}
	return x.class + ": " + x.message
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// parents are the classes of exceptions, each with what it is a kind of.
var parents = map[string]string{
	"StandardError": "Exception", "ScriptError": "Exception", "SystemExit": "Exception", "SecurityError": "Exception",
	"LoadError": "ScriptError", "NotImplementedError": "ScriptError", "SyntaxError": "ScriptError",
	"ArgumentError": "StandardError", "IOError": "StandardError", "IndexError": "StandardError",
	"KeyError": "IndexError", "StopIteration": "IndexError", "NameError": "StandardError",
	"NoMethodError": "NameError", "RangeError": "StandardError", "FloatDomainError": "RangeError",
	"RegexpError": "StandardError", "RuntimeError": "StandardError", "FrozenError": "RuntimeError",
	"SystemCallError": "StandardError", "TypeError": "StandardError", "ZeroDivisionError": "StandardError",
	"Errno::ENOENT": "SystemCallError", "Errno::EACCES": "SystemCallError", "Errno::EISDIR": "SystemCallError",
	"JSON::ParserError": "StandardError", "Psych::SyntaxError": "StandardError", "URI::InvalidURIError": "StandardError",
	"Psych::Exception": "StandardError", "URI::Error": "StandardError",
}

// isKind reports whether a class of exceptions is, or descends from, another one.
func isKind(class, of string) bool {
	for class != of {
		parent, found := parents[class]
		if !found {
			return false
		}
		class = parent
	}
	return true
}

// rescued is a with another value where it raises a StandardError.
func rescued(a, other expr) expr {
	clause := rescue{body: other}
	return expr{at: a.at, eval: func(f *frame) any {
		return f.try(a, []rescue{clause}, nothing)
	}}
}

// rescue is a clause of begin.
type rescue struct {
	classes []string // none is StandardError
	into    expr     // the variable, if any
	body    expr
}

func (r rescue) takes(x *exception) bool {
	if len(r.classes) == 0 {
		return isKind(x.class, "StandardError")
	}
	return slices.ContainsFunc(r.classes, func(of string) bool { return of == "Exception" || isKind(x.class, of) })
}

// begin reads from behind begin, or def, or do, to its end: the body and what catches its
// exceptions.
func (p *parser) begin(at int) expr {
	body := p.body(at, "rescue", "else", "ensure", "end")
	var clauses []rescue
	for p.keyword("rescue") {
		clauses = append(clauses, p.rescue(at))
	}
	if p.keyword("else") {
		body = sequence([]expr{body, p.body(at, "ensure", "end")})
	}
	finally := nothing
	if p.keyword("ensure") {
		finally = p.body(at, "end")
	}
	p.expectEnd(at)
	return expr{at: at, eval: func(f *frame) any { return f.try(body, clauses, finally) }}
}

func (p *parser) rescue(at int) rescue {
	var r rescue
	for p.blanks(); isUpper(p.peek(0)) || p.has("::"); p.blanks() {
		p.take("::")
		r.classes = append(r.classes, p.constant())
		if p.blanks(); !p.take(",") {
			break
		}
		p.gap()
	}
	if p.blanks(); p.take("=>") {
		p.blanks()
		if r.into = p.operand(); r.into.set == nil {
			p.fail("an exception needs a variable here")
		}
		p.vars[r.into.name] = true
	}
	p.then()
	r.body = p.body(at, "rescue", "else", "ensure", "end")
	return r
}

// try evaluates body, and the clause that takes the exception that it raises.
func (f *frame) try(body expr, clauses []rescue, finally expr) (value any) {
	defer finally.eval(f)
	failed := caught(func() { value = body.eval(f) })
	if failed == nil {
		return value
	}
	if failed.exception == nil {
		panic(failed)
	}
	i := slices.IndexFunc(clauses, func(r rescue) bool { return r.takes(failed.exception) })
	if i < 0 {
		panic(failed)
	}
	if into := clauses[i].into; into.set != nil {
		into.set(f, failed.exception)
	}
	outer := f.in.rescuing
	f.in.rescuing = failed
	defer func() { f.in.rescuing = outer }()
	return clauses[i].body.eval(f)
}

// raising is the function raise: with a class, a message, both, or nothing for the exception
// that is being rescued.
func raising(c *call) any {
	x := &exception{class: "RuntimeError", message: "unhandled exception"}
	for i, arg := range c.args {
		switch v := arg.(type) {
		case string:
			x.message = v
		case *exception:
			x = &exception{v.class, v.message}
		case module:
			x = &exception{string(v), string(v)}
		default:
			if i == 0 {
				raise(c.at, "TypeError", "exception class/object expected")
			}
		}
	}
	if len(c.args) == 0 && c.f.in.rescuing != nil {
		panic(c.f.in.rescuing)
	}
	panic(&failure{at: c.at, text: strings.TrimSpace(x.shown()), exception: x})
}
