package erb

import "strings"

// node is code that can be evaluated.
type node interface {
	eval(s *scope) any
}

// place is a node that can be assigned to.
type place interface {
	node
	assign(s *scope, v any)
}

// code is a node that can only be evaluated.
type code func(s *scope) any

func (c code) eval(s *scope) any { return c(s) }

func constant(value any) node { return code(func(*scope) any { return value }) }

var nothing = constant(nil)

// statement is a node and its offset in the template.
type statement struct {
	at int
	node
}

// sequence evaluates statements. Its value is that of the last one.
func sequence(all []statement) node {
	return code(func(s *scope) (last any) {
		for _, one := range all {
			s.in.step(one.at)
			last = one.eval(s)
		}
		return last
	})
}

// templateText writes text of the template.
func templateText(t token) node {
	return code(func(s *scope) any {
		s.in.out.text(t.text, t.at)
		return nil
	})
}

// output writes the value of <%= %>. Its failure is kept, and the template goes on.
func output(tag *outputTag, value node) node {
	return code(func(s *scope) any {
		var text string
		if failed := caught(func() { text = s.in.text(value.eval(s), tag.tag) }); failed != nil && !tag.inComment {
			s.in.keep(failed)
		}
		s.in.out.value(text, tag.tag)
		return nil
	})
}

// text joins the parts of a string, command or regular expression.
type text struct {
	at    int
	parts []node
}

func (n *text) eval(s *scope) any { return n.join(s) }

func (n *text) join(s *scope) string {
	var b strings.Builder
	for _, part := range n.parts {
		b.WriteString(s.in.text(part.eval(s), n.at))
		s.in.fits(n.at, b.Len())
	}
	return b.String()
}

// ifElse evaluates one of two nodes.
func ifElse(cond, yes, no node) node {
	return code(func(s *scope) any {
		if truthy(cond.eval(s)) {
			return yes.eval(s)
		}
		return no.eval(s)
	})
}

func and(a, b node) node {
	return code(func(s *scope) any {
		if v := a.eval(s); !truthy(v) {
			return v
		}
		return b.eval(s)
	})
}

func or(a, b node) node {
	return code(func(s *scope) any {
		if v := a.eval(s); truthy(v) {
			return v
		}
		return b.eval(s)
	})
}

func not(a node) node { return code(func(s *scope) any { return !truthy(a.eval(s)) }) }

// variable is a name that has, or will have, a value.
type variable struct{ name string }

func (n *variable) eval(s *scope) any {
	v, _ := s.get(n.name)
	return v
}

func (n *variable) assign(s *scope, v any) { s.set(n.name, v) }

// constantName is a module such as ENV, or a constant of the template.
func constantName(t token) node {
	return code(func(s *scope) any {
		if v, found := s.get(t.text); found {
			return v
		}
		return s.in.module(t.at, t.text)
	})
}

// assignment is to = value, or to op= value.
func assignment(at int, to place, op string, value node) node {
	switch op {
	case "||":
		return or(to, assignment(at, to, "", value))
	case "&&":
		return and(to, assignment(at, to, "", value))
	}
	return code(func(s *scope) any {
		var old any
		if op != "" {
			old = to.eval(s)
		}
		v := value.eval(s)
		if op != "" {
			v = s.in.send(at, old, op, v)
		}
		to.assign(s, v)
		return v
	})
}

// listOf is […].
func listOf(items []argument) node {
	return code(func(s *scope) any {
		values, _ := s.arguments(items)
		return &list{values}
	})
}

// hashOf is {…}.
func hashOf(at int, items []argument) node {
	return code(func(s *scope) any {
		h := newHash()
		for _, item := range items {
			if item.key == nil {
				unsupported(at, "", "a value without a key is not supported in a hash")
			}
			h.set(item.key.eval(s), item.value.eval(s))
		}
		return h
	})
}

// callNode calls a method, or a function if on is nil.
type callNode struct {
	at    int
	on    node
	name  string
	args  []argument
	block *blockNode
	safe  bool // &.
}

func (n *callNode) eval(s *scope) any {
	var receiver any
	if n.on != nil {
		receiver = n.on.eval(s)
		if n.safe && receiver == nil {
			return nil
		}
	}
	args, block := s.arguments(n.args)
	c := &call{in: s.in, at: n.at, name: n.name, self: receiver, args: args, block: block}
	if n.block != nil {
		c.block = n.block.bind(s)
	}
	return c.run(n.on == nil)
}

// index is on[…].
type index struct {
	at   int
	on   node
	args []argument
}

func (n *index) eval(s *scope) any {
	on := n.on.eval(s)
	args, _ := s.arguments(n.args)
	return s.in.send(n.at, on, "[]", args...)
}

func (n *index) assign(s *scope, v any) {
	on := n.on.eval(s)
	args, _ := s.arguments(n.args)
	s.in.send(n.at, on, "[]=", append(args, v)...)
}

// blockNode is the code of a block.
type blockNode struct {
	at     int
	params []string
	body   node
}

// block is a block that can be called.
type block func(args ...any) any

// bind makes a block that sees the variables of s.
func (n *blockNode) bind(s *scope) block {
	return func(args ...any) any {
		s.in.step(n.at)
		if pair, isList := nth(args, 0).(*list); isList && len(args) == 1 && len(n.params) > 1 {
			args = pair.items
		}
		inner := newScope(s.in, s)
		for i, name := range n.params {
			inner.vars[name] = nth(args, i)
		}
		return n.body.eval(inner)
	}
}
