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
		return &constant{t.text == "true"}
	case "__FILE__":
		return &constant{erbFile}
	case "__dir__":
		return &constant{path.Dir(erbFile)}
	case "if":
		return p.ifElse(t.at)
	case "unless":
		n := p.ifElse(t.at)
		return &ifNode{n.cond, n.no, n.yes}
	case "begin":
		return p.begin(t.at)
	}
	p.pos--
	p.fail("%s is not supported here", t.text)
	return nil
}

// ifElse reads from behind if, unless or elsif to the end.
func (p *parser) ifElse(begin int) *ifNode {
	n := &ifNode{cond: p.condition(), no: nothing}
	p.keyword("then")
	n.yes = p.statements(begin, "elsif", "else", "end")
	switch {
	case p.keyword("elsif"):
		n.no = p.ifElse(begin)
		return n
	case p.keyword("else"):
		n.no = p.statements(begin, "end")
	}
	p.pos++ // end
	return n
}

type ifNode struct{ cond, yes, no node }

func (n *ifNode) eval(s *scope) any {
	if truthy(n.cond.eval(s)) {
		return n.yes.eval(s)
	}
	return n.no.eval(s)
}

// begin reads from behind begin to the end.
func (p *parser) begin(begin int) node {
	n := &rescueNode{body: p.statements(begin, "rescue", "end")}
	for p.keyword("rescue") {
		n.clauses = append(n.clauses, p.rescue(begin))
	}
	p.pos++ // end
	return n
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

type rescueNode struct {
	body    node
	clauses []rescueClause
}

type rescueClause struct {
	classes []string // none is StandardError
	into    place    // nil where the exception has no name
	body    node
}

func (n *rescueNode) eval(s *scope) (value any) {
	failed := caught(func() { value = n.body.eval(s) })
	if failed == nil {
		return value
	}
	if failed.exception != nil {
		for _, clause := range n.clauses {
			if !clause.takes(failed.exception) {
				continue
			}
			if clause.into != nil {
				clause.into.assign(s, failed.exception)
			}
			return clause.body.eval(s)
		}
	}
	panic(failed)
}

func (r rescueClause) takes(x *exception) bool {
	if len(r.classes) == 0 {
		return isKind(x.class, "StandardError")
	}
	return slices.ContainsFunc(r.classes, func(class string) bool { return isKind(x.class, class) })
}
