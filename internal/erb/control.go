package erb

import (
	"path"
	"slices"
)

// erbFile is the name that ERB gives a template. It is in no folder, so __dir__ is the working
// directory.
const erbFile = "(erb)"

// construct reads what begins with a keyword.
func (p *parser) construct() node {
	t := p.peek()
	p.pos++
	switch t.text {
	case "nil":
		return nothing
	case "true", "false":
		return constant(t.text == "true")
	case "__FILE__":
		return constant(erbFile)
	case "__dir__":
		return constant(path.Dir(erbFile))
	case "if":
		cond, yes, no := p.branches(t.at)
		return ifElse(cond, yes, no)
	case "unless":
		cond, yes, no := p.branches(t.at)
		return ifElse(cond, no, yes)
	case "begin":
		return p.begin(t.at)
	}
	p.pos--
	p.fail("%s is not supported here", t.text)
	return nil
}

// branches reads from behind if, unless or elsif to the end.
func (p *parser) branches(begin int) (cond, yes, no node) {
	cond = p.condition()
	p.keyword("then")
	yes, no = p.statements(begin, "elsif", "else", "end"), nothing
	switch {
	case p.keyword("elsif"):
		no = ifElse(p.branches(begin))
		return cond, yes, no
	case p.keyword("else"):
		no = p.statements(begin, "end")
	}
	p.pos++ // end
	return cond, yes, no
}

// begin reads from behind begin to the end.
func (p *parser) begin(begin int) node {
	body := p.statements(begin, "rescue", "end")
	var clauses []rescueClause
	for p.keyword("rescue") {
		clauses = append(clauses, p.rescue(begin))
	}
	p.pos++ // end
	return rescued(body, clauses)
}

func (p *parser) rescue(begin int) rescueClause {
	var r rescueClause
	for p.peek().kind == constToken {
		r.classes = append(r.classes, p.peek().text)
		p.pos++
		if !p.operator(",") {
			break
		}
		p.skipNewlines()
	}
	if p.operator("=>") {
		to := &variable{p.peek().text}
		p.pos++
		p.declare(to)
		r.into = to
	}
	p.keyword("then")
	r.body = p.statements(begin, "rescue", "end")
	return r
}

// rescueClause is what follows a rescue.
type rescueClause struct {
	classes []string // none is StandardError
	into    place    // nil where the exception has no name
	body    node
}

// rescued evaluates body, and the first clause that takes its exception.
func rescued(body node, clauses []rescueClause) node {
	return code(func(s *scope) (value any) {
		failed := caught(func() { value = body.eval(s) })
		if failed == nil {
			return value
		}
		i := slices.IndexFunc(clauses, func(r rescueClause) bool { return r.takes(failed.exception) })
		if i < 0 {
			panic(failed)
		}
		if into := clauses[i].into; into != nil {
			into.assign(s, failed.exception)
		}
		return clauses[i].body.eval(s)
	})
}

// takes reports whether the clause is for an exception, which is nil if no rescue may help.
func (r rescueClause) takes(x *exception) bool {
	classes := r.classes
	if len(classes) == 0 {
		classes = []string{"StandardError"}
	}
	return x != nil && slices.ContainsFunc(classes, func(class string) bool { return isKind(x.class, class) })
}
