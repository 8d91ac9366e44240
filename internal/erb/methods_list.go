package erb

import (
	"slices"
	"strings"
)

// items returns the items of the receiver. Those of a hash are pairs.
func (c *call) items() []any {
	if h, isHash := c.self.(*hash); isHash {
		return h.pairs()
	}
	return c.self.(*list).items
}

// listMethods are the methods of lists.
func listMethods() methods {
	m := methods{
		"[]":    {1, 1, listIndex},
		"join":  {0, 1, join},
		"first": {0, 0, func(c *call) any { return nth(c.items(), 0) }},
		"last":  {0, 0, func(c *call) any { return nth(c.items(), len(c.items())-1) }},
		"compact": {0, 0, func(c *call) any {
			return c.filter(func(v any) bool { return v != nil })
		}},
		"flatten": {0, 0, func(c *call) any { return &list{flatten(c, c.items(), 0)} }},
		"+":       {1, 1, plus},
	}
	m.add(method{1, 20, func(c *call) any {
		c.self.(*list).items = append(c.items(), c.args...)
		return c.self
	}}, "<<", "push")
	addIteration(m)
	return m
}

// addIteration adds the methods of both lists and hashes.
func addIteration(m methods) {
	m.add(method{0, 0, func(c *call) any { return c.filter(func(v any) bool { return truthy(c.yield(v)) }) }}, "select", "filter")
	m.add(method{0, 0, func(c *call) any { return len(c.items()) }}, "size", "length", "count")
	m["reject"] = method{0, 0, func(c *call) any { return c.filter(func(v any) bool { return !truthy(c.yield(v)) }) }}
	m["include?"] = method{1, 1, func(c *call) any { return c.contains(c.items(), c.args[0]) }}
	m["empty?"] = method{0, 0, func(c *call) any { return len(c.items()) == 0 }}
	m["any?"] = method{0, 0, func(c *call) any {
		return slices.ContainsFunc(c.items(), func(v any) bool { return truthy(v) && (c.block == nil || truthy(c.yield(v))) })
	}}
	m["each"] = method{0, 0, func(c *call) any {
		for _, item := range c.items() {
			c.yield(item)
		}
		return c.self
	}}
	m["each_with_index"] = method{0, 0, func(c *call) any {
		for i, item := range c.items() {
			c.yield(item, i)
		}
		return c.self
	}}
	m["map"] = method{0, 0, func(c *call) any {
		out := &list{}
		for _, item := range c.items() {
			out.items = append(out.items, c.yield(item))
		}
		return out
	}}
	m["uniq"] = method{0, 0, uniq}
	m["sort"] = method{0, 0, func(c *call) any {
		return &list{slices.SortedFunc(slices.Values(c.items()), c.order)}
	}}
}

// filter returns a list of the items that are kept.
func (c *call) filter(keep func(any) bool) any {
	if _, isHash := c.self.(*hash); isHash {
		unsupported(c.at, "", "%s of Hash is not supported", c.name)
	}
	out := &list{}
	for _, item := range c.items() {
		if keep(item) {
			out.items = append(out.items, item)
		}
	}
	return out
}

func (c *call) contains(all []any, v any) bool {
	return slices.ContainsFunc(all, func(other any) bool { return c.in.equal(c.at, other, v) })
}

func uniq(c *call) any {
	out := &list{}
	for _, item := range c.items() {
		if !c.contains(out.items, item) {
			out.items = append(out.items, item)
		}
	}
	return out
}

func plus(c *call) any {
	more, isList := c.args[0].(*list)
	if !isList {
		c.wrongType(c.args[0], "Array")
	}
	return &list{slices.Concat(c.items(), more.items)}
}

func listIndex(c *call) any {
	all := c.items()
	from, n, inside := c.window(len(all))
	_, isInt := c.args[0].(int)
	switch {
	case !inside:
		return nil
	case isInt:
		return nth(all, from)
	}
	return &list{slices.Clone(all[from : from+n])}
}

// window is the part of size items that the argument of […] names: an index or a range. Negative
// indexes count from the end.
func (c *call) window(size int) (from, n int, inside bool) {
	wrap := func(i int) int {
		if i < 0 {
			return i + size
		}
		return i
	}
	s, isSpan := c.args[0].(*span)
	if !isSpan {
		s = &span{from: c.int(0), to: c.int(0)}
	}
	first, _ := s.from.(int)
	last, isFinite := s.to.(int)
	if !isFinite {
		last = -1
	}
	from, n = wrap(first), wrap(last)-wrap(first)+1
	if s.short && isFinite {
		n--
	}
	if from < 0 || from > size {
		return 0, 0, false
	}
	return from, max(0, min(n, size-from)), true
}

func join(c *call) any {
	by := ""
	if len(c.args) == 1 {
		by = c.text(0)
	}
	var b strings.Builder
	for i, item := range flatten(c, c.items(), 0) {
		if i > 0 {
			b.WriteString(by)
		}
		b.WriteString(c.in.text(item, c.at))
		c.in.fits(c.at, b.Len())
	}
	return b.String()
}

// flatten replaces lists in a list by their items.
func flatten(c *call, items []any, depth int) (all []any) {
	c.in.step(c.at)
	if depth > maxNesting {
		limit(c.at, "this list is nested too deeply")
	}
	for _, item := range items {
		if inner, isList := item.(*list); isList {
			all = append(all, flatten(c, inner.items, depth+1)...)
		} else {
			all = append(all, item)
		}
		c.in.bounded(c.at, len(all))
	}
	return all
}

// hashMethods are the methods of hashes.
func hashMethods() methods {
	self := func(c *call) *hash { return c.self.(*hash) }
	m := methods{}
	addIteration(m)
	m["[]"] = method{1, 1, func(c *call) any {
		v, _ := self(c).get(c.args[0])
		return v
	}}
	m["[]="] = method{2, 2, func(c *call) any {
		self(c).set(c.args[0], c.args[1])
		return c.args[1]
	}}
	m["fetch"] = method{1, 2, func(c *call) any {
		v, found := self(c).get(c.args[0])
		return c.fetched(v, found, "")
	}}
	m["keys"] = method{0, 0, func(c *call) any { return &list{slices.Clone(self(c).keys)} }}
	m.add(method{1, 1, func(c *call) any {
		_, found := self(c).get(c.args[0])
		return found
	}}, "key?", "include?")
	return m
}
