package erb

import "strings"

// constant is a value that is written out.
type constant struct{ value any }

func (n *constant) eval(*scope) any { return n.value }

var nothing = &constant{nil}

// sequence is statements; its value is that of the last.
type sequence struct {
	places []int
	all    []node
}

func (n *sequence) add(at int, one node) {
	n.places = append(n.places, at)
	n.all = append(n.all, one)
}

func (n *sequence) eval(s *scope) (last any) {
	for i, one := range n.all {
		s.in.step(n.places[i])
		last = one.eval(s)
	}
	return last
}

// textNode is text of the template.
type textNode struct {
	text string
	at   int
}

func (n *textNode) eval(s *scope) any {
	s.in.out.text(n.text, n.at)
	return nil
}

// outputNode is <%= %>.
type outputNode struct {
	at        int
	inComment bool
	value     node
}

func (n *outputNode) eval(s *scope) any {
	var text string
	if failed := caught(func() { text = s.in.text(n.value.eval(s), n.at) }); failed != nil && !n.inComment {
		s.in.keep(failed)
	}
	s.in.out.value(text, n.at)
	return nil
}

// textValue is a string, with the values of #{} in it.
type textValue struct {
	at    int
	parts []node
}

func (n *textValue) eval(s *scope) any {
	var b strings.Builder
	for _, part := range n.parts {
		b.WriteString(s.in.text(part.eval(s), n.at))
		if b.Len() > maxText {
			limit(n.at, "this grows to more than %d bytes", maxText)
		}
	}
	return b.String()
}

// commandNode is the output of a command.
type commandNode struct {
	at   int
	line *textValue
}

func (n *commandNode) eval(s *scope) any { return s.in.run(n.at, n.line.eval(s).(string)) }

// regexNode is a regular expression.
type regexNode struct {
	at     int
	source *textValue
	flags  string
}

func (n *regexNode) eval(s *scope) any { return compile(n.at, n.source.eval(s).(string), n.flags) }

// wordsNode is %w[…]. Each evaluation makes a new list, which the template may change.
type wordsNode struct{ items []any }

func (n *wordsNode) eval(*scope) any { return &list{append([]any(nil), n.items...)} }

// listNode is […].
type listNode struct{ items []argument }

func (n *listNode) eval(s *scope) any {
	args, _ := s.arguments(n.items)
	return &list{args}
}

// hashNode is {…}.
type hashNode struct {
	at    int
	items []argument
}

func (n *hashNode) eval(s *scope) any {
	h := newHash()
	for _, item := range n.items {
		if item.key == nil {
			unsupported(n.at, "", "a value without a key is not supported in a hash")
		}
		h.set(item.key.eval(s), item.value.eval(s))
	}
	return h
}

// rangeNode is from..to or from...to.
type rangeNode struct {
	from, to node
	short    bool
}

func (n *rangeNode) eval(s *scope) any { return &span{n.from.eval(s), n.to.eval(s), n.short} }

type andNode struct{ a, b node }

func (n *andNode) eval(s *scope) any {
	if v := n.a.eval(s); !truthy(v) {
		return v
	}
	return n.b.eval(s)
}

type orNode struct{ a, b node }

func (n *orNode) eval(s *scope) any {
	if v := n.a.eval(s); truthy(v) {
		return v
	}
	return n.b.eval(s)
}

type notNode struct{ a node }

func (n *notNode) eval(s *scope) any { return !truthy(n.a.eval(s)) }

// variable is a name that has, or will have, a value.
type variable struct{ name string }

func (n *variable) eval(s *scope) any {
	v, _ := s.get(n.name)
	return v
}

func (n *variable) assign(s *scope, v any) { s.set(n.name, v) }

// constNode is a module such as ENV, or a constant of the template's own.
type constNode struct {
	name string
	at   int
}

func (n *constNode) eval(s *scope) any {
	if v, found := s.get(n.name); found {
		return v
	}
	return s.in.module(n.at, n.name)
}

// assignNode is to = value, or to op= value.
type assignNode struct {
	to    place
	op    string // "" of a plain assignment
	value node
	at    int
}

func (n *assignNode) eval(s *scope) any {
	var v any
	switch n.op {
	case "":
		v = n.value.eval(s)
	case "||", "&&":
		old := n.to.eval(s)
		if truthy(old) == (n.op == "||") {
			return old
		}
		v = n.value.eval(s)
	default:
		v = s.in.send(n.at, n.to.eval(s), n.op, n.value.eval(s))
	}
	n.to.assign(s, v)
	return v
}

// callNode is a call of a method, or of a function where on is nil.
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

// indexNode is on[…].
type indexNode struct {
	at   int
	on   node
	args []argument
}

func (n *indexNode) eval(s *scope) any {
	on := n.on.eval(s)
	args, _ := s.arguments(n.args)
	return s.in.send(n.at, on, "[]", args...)
}

func (n *indexNode) assign(s *scope, v any) {
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
