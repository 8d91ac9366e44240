package erb

import (
	"slices"
)

// listMethods are those of everything that has items: lists, hashes and ranges.
func listMethods() methods {
	m := over(listWalks(), listParts(), listQuestions(), listGroups(), listSums())
	m.alias(method{0, 0, func(c *call) any { return &array{c.mapped(c.items())} }}, "map", "collect")
	m.alias(method{0, 0, func(c *call) any { return &array{flattened(c, c.mapped(c.items()), 1, 0)} }}, "flat_map", "collect_concat")
	m.alias(method{0, 0, func(c *call) any { return &array{kept(c.mapped(c.items()), truthy)} }}, "filter_map")
	m.alias(method{0, 0, func(c *call) any { return &array{kept(c.items(), c.chosen())} }}, "select", "filter")
	m.alias(method{1, 1, func(c *call) any { return &array{kept(c.items(), c.chosen())} }}, "grep")
	m.alias(method{1, 1, func(c *call) any { return &array{kept(c.items(), negation(c.chosen()))} }}, "grep_v")
	m.alias(method{0, 0, func(c *call) any { return &array{kept(c.items(), negation(c.chosen()))} }}, "reject")
	m.alias(method{0, 0, func(c *call) any {
		items := c.items()
		return nth(items, slices.IndexFunc(items, c.chosen()))
	}}, "find", "detect")
	m.alias(method{0, 1, func(c *call) any {
		if i := slices.IndexFunc(c.items(), c.chosen()); i >= 0 {
			return i
		}
		return nil
	}}, "index", "find_index")
	return m
}

// listWalks call the block for items.
func listWalks() methods {
	return methods{
		"to_a": {0, 0, func(c *call) any { return &array{slices.Clone(c.items())} }}, "entries": {0, 0, func(c *call) any { return &array{slices.Clone(c.items())} }},
		"each":       {0, 0, func(c *call) any { return c.eachOf(c.items()) }},
		"each_entry": {0, 0, func(c *call) any { return c.eachOf(c.items()) }},
		"reverse_each": {0, 0, func(c *call) any {
			items := slices.Clone(c.items())
			slices.Reverse(items)
			return c.eachOf(items)
		}},
		"each_with_index": {0, 0, func(c *call) any {
			if c.block == nil {
				return indexed(c.items(), 0)
			}
			for i, item := range c.items() {
				c.yield(item, i)
			}
			return c.self
		}},
		"each_with_object": {1, 1, func(c *call) any {
			for _, item := range c.items() {
				c.yield(item, c.args[0])
			}
			return c.args[0]
		}},
		"with_index": {0, 1, func(c *call) any { return &array{c.mapped(indexed(c.items(), c.start()).items)} }},
		"each_slice": {1, 1, func(c *call) any { return c.eachOrList(slicesOf(c, c.items(), c.int(0))) }},
		"each_cons": {1, 1, func(c *call) any {
			var all []any
			items, n := c.items(), max(1, c.int(0))
			for i := 0; i+n <= len(items); i++ {
				all = append(all, &array{items[i : i+n]})
			}
			return c.eachOrList(all)
		}},
	}
}

// listParts take items, and count them.
func listParts() methods {
	return methods{
		"first": {0, 1, func(c *call) any {
			if len(c.args) == 0 {
				return nth(c.items(), 0)
			}
			return &array{slices.Clone(c.items()[:c.count()])}
		}},
		"take": {1, 1, func(c *call) any { return &array{slices.Clone(c.items()[:c.count()])} }},
		"drop": {1, 1, func(c *call) any { return &array{slices.Clone(c.items()[c.count():])} }},
		"size": {0, 0, func(c *call) any { return len(c.items()) }}, "length": {0, 0, func(c *call) any { return len(c.items()) }},
		"count":  {0, 1, countItems},
		"empty?": {0, 0, func(c *call) any { return len(c.items()) == 0 }},
	}
}

// listQuestions ask about items.
func listQuestions() methods {
	return methods{
		"any?":     {0, 1, func(c *call) any { return slices.ContainsFunc(c.items(), c.chosen()) }},
		"all?":     {0, 1, func(c *call) any { return !slices.ContainsFunc(c.items(), negation(c.chosen())) }},
		"none?":    {0, 1, func(c *call) any { return !slices.ContainsFunc(c.items(), c.chosen()) }},
		"one?":     {0, 1, func(c *call) any { return len(kept(c.items(), c.chosen())) == 1 }},
		"many?":    {0, 0, func(c *call) any { return len(c.items()) > 1 }},
		"include?": {1, 1, func(c *call) any { return c.contains(c.args[0]) }},
		"member?":  {1, 1, func(c *call) any { return c.contains(c.args[0]) }},
		"exclude?": {1, 1, func(c *call) any { return !c.contains(c.args[0]) }},
	}
}

// alias enters a method under names.
func (m methods) alias(what method, names ...string) {
	for _, name := range names {
		m[name] = what
	}
}

// items are the members of what a method is called on.
func (c *call) items() []any {
	switch v := c.self.(type) {
	case *array:
		return v.items
	case *hash:
		return v.pairs()
	case *span:
		if all, finite := v.items(); finite {
			c.f.in.bounded(c.at, len(all))
			return all
		}
	}
	beyond(c.at, "a range without an end is not understood here")
	return nil
}

// eachOf calls the block with every item.
func (c *call) eachOf(items []any) any {
	if c.block == nil {
		return &array{slices.Clone(items)}
	}
	for _, item := range items {
		c.yield(item)
	}
	return c.self
}

func (c *call) eachOrList(items []any) any {
	if c.block == nil {
		return &array{items}
	}
	return c.eachOf(items)
}

// mapped is what the block makes of the items; without one, they themselves.
func (c *call) mapped(items []any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item
		if c.block != nil {
			out[i] = c.yield(item)
		}
	}
	return out
}

// chosen is what select and its like ask of an item: the argument's case, the block, or truth.
func (c *call) chosen() func(any) bool {
	switch {
	case len(c.args) == 1 && (c.name == "index" || c.name == "find_index" || c.name == "count"):
		return func(item any) bool { return c.f.in.equal(item, c.args[0]) }
	case len(c.args) == 1:
		return func(item any) bool { return c.f.matches(c.at, c.args[0], item) }
	case c.block != nil:
		return func(item any) bool { return c.holds(item) }
	}
	if _, wants := map[string]bool{"any?": true, "all?": true, "none?": true, "one?": true}[c.name]; !wants {
		beyond(c.at, "%s is not understood without a block", c.name)
	}
	return truthy
}

func negation(holds func(any) bool) func(any) bool {
	return func(item any) bool { return !holds(item) }
}

func kept(items []any, holds func(any) bool) []any {
	var out []any
	for _, item := range items {
		if holds(item) {
			out = append(out, item)
		}
	}
	return out
}

// count is an argument that is a number of items, at most as many as there are.
func (c *call) count() int {
	n := c.int(0)
	if n < 0 {
		c.raise("ArgumentError", "negative array size")
	}
	return min(n, len(c.items()))
}

func (c *call) start() int {
	if len(c.args) == 0 {
		return 0
	}
	return c.int(0)
}

func countItems(c *call) any {
	if len(c.args) == 0 && c.block == nil {
		return len(c.items())
	}
	return len(kept(c.items(), c.chosen()))
}

// contains is include?: of a hash, the key.
func (c *call) contains(v any) bool {
	switch on := c.self.(type) {
	case *hash:
		_, found := on.get(v)
		return found
	case *span:
		return on.covers(c.f.in, v)
	}
	return slices.ContainsFunc(c.items(), func(item any) bool { return c.f.in.equal(item, v) })
}

func indexed(items []any, from int) *array {
	all := &array{}
	for i, item := range items {
		all.items = append(all.items, &array{[]any{item, i + from}})
	}
	return all
}

// holding is the number of items at the beginning for which the block holds.
func (c *call) holding() int {
	items := c.items()
	if i := slices.IndexFunc(items, negation(c.chosen())); i >= 0 {
		return i
	}
	return len(items)
}
