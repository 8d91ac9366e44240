package erb

import (
	"maps"
	"slices"
	"strings"
)

// inArray makes a method of a function on the items of a list.
func inArray(do func(c *call, items []any) []any) method {
	return method{0, 1, func(c *call) any { return &array{do(c, c.self.(*array).items)} }}
}

func arrayMethods() methods {
	m := over(arrayItems(), arraySums(), arrayChanges(), arrayOthers())
	pure := methods{
		"compact":       inArray(func(_ *call, items []any) []any { return kept(items, func(v any) bool { return v != nil }) }),
		"compact_blank": inArray(func(_ *call, items []any) []any { return kept(items, func(v any) bool { return !blank(v) }) }),
		"uniq":          inArray(func(c *call, items []any) []any { return c.unique(items, c.block) }),
		"reverse":       inArray(func(_ *call, items []any) []any { out := slices.Clone(items); slices.Reverse(out); return out }),
		"flatten": inArray(func(c *call, items []any) []any {
			levels := maxWritten
			if len(c.args) == 1 {
				levels = c.int(0)
			}
			return flattened(c, items, levels, 0)
		}),
		"rotate": inArray(func(c *call, items []any) []any {
			n := 1
			if len(c.args) == 1 {
				n = c.int(0)
			}
			if len(items) == 0 {
				return nil
			}
			n = ((n % len(items)) + len(items)) % len(items)
			return slices.Concat(items[n:], items[:n])
		}),
	}
	maps.Copy(m, pure)
	for name, what := range listMethods() {
		if slices.Contains([]string{"map", "collect", "select", "filter", "reject", "sort", "sort_by"}, name) {
			pure[name] = what
		}
	}
	for name, what := range pure {
		m[name+"!"] = method{what.least, what.most, func(c *call) any { return c.put(what.do(c).(*array).items) }}
	}
	return m
}

// arrayItems look items up.
func arrayItems() methods {
	return methods{
		"[]": {1, 2, arrayIndex}, "slice": {1, 2, arrayIndex},
		"[]=":   {2, 2, setItem},
		"at":    {1, 1, func(c *call) any { return c.self.(*array).at(c.int(0)) }},
		"dig":   {1, -1, dig},
		"fetch": {1, 2, fetchItem},
		"values_at": {0, -1, func(c *call) any {
			out := &array{}
			for i := range c.args {
				out.items = append(out.items, c.self.(*array).at(c.int(i)))
			}
			return out
		}},
		"last": {0, 1, func(c *call) any {
			items := c.self.(*array).items
			if len(c.args) == 0 {
				return nth(items, len(items)-1)
			}
			return &array{slices.Clone(items[len(items)-c.count():])}
		}},
		"second": {0, 0, func(c *call) any { return nth(c.self.(*array).items, 1) }},
		"third":  {0, 0, func(c *call) any { return nth(c.self.(*array).items, 2) }},
	}
}

// arraySums make a list, or a text, of lists.
func arraySums() methods {
	return methods{
		"join": {0, 1, join},
		"+":    {1, 1, func(c *call) any { return &array{slices.Concat(c.self.(*array).items, c.list(0))} }},
		"-":    {1, 1, func(c *call) any { return &array{c.without(c.self.(*array).items, c.list(0))} }},
		"&": {1, 1, func(c *call) any {
			other := c.list(0)
			return &array{c.unique(kept(c.self.(*array).items, func(v any) bool { return c.among(other, v) }), nil)}
		}},
		"|": {1, 1, func(c *call) any { return &array{c.unique(slices.Concat(c.self.(*array).items, c.list(0)), nil)} }},
		"*": {1, 1, func(c *call) any {
			if _, isText := c.args[0].(string); isText {
				return join(c)
			}
			n := max(0, c.int(0))
			c.f.in.bounded(c.at, min(n, maxSize+1)*len(c.self.(*array).items))
			return &array{slices.Repeat(c.self.(*array).items, n)}
		}},
	}
}

// arrayChanges change the list itself.
func arrayChanges() methods {
	return methods{
		"<<": {1, 1, appendItems}, "push": {0, -1, appendItems}, "append": {0, -1, appendItems},
		"concat": {0, -1, func(c *call) any {
			a := c.self.(*array)
			for i := range c.args {
				a.items = append(a.items, c.list(i)...)
			}
			return a
		}},
		"unshift": {0, -1, func(c *call) any {
			a := c.self.(*array)
			a.items = slices.Concat(c.args, a.items)
			return a
		}},
		"pop": {0, 0, func(c *call) any {
			a := c.self.(*array)
			last := nth(a.items, len(a.items)-1)
			a.items = a.items[:max(0, len(a.items)-1)]
			return last
		}},
		"shift": {0, 0, func(c *call) any {
			a := c.self.(*array)
			first := nth(a.items, 0)
			a.items = a.items[min(1, len(a.items)):]
			return first
		}},
		"delete": {1, 1, func(c *call) any {
			a, n := c.self.(*array), len(c.self.(*array).items)
			if a.items = c.without(a.items, c.args); len(a.items) == n {
				return nil
			}
			return c.args[0]
		}},
		"delete_if": {0, 0, func(c *call) any { return c.put(kept(c.items(), negation(c.chosen()))) }},
		"keep_if":   {0, 0, func(c *call) any { return c.put(kept(c.items(), c.chosen())) }},
		"clear":     {0, 0, func(c *call) any { return c.put(nil) }},
		"replace":   {1, 1, func(c *call) any { return c.put(slices.Clone(c.list(0))) }},
	}
}

// arrayOthers are what is left.
func arrayOthers() methods {
	return methods{
		"rindex": {1, 1, func(c *call) any {
			items := c.self.(*array).items
			for i, item := range slices.Backward(items) {
				if c.f.in.equal(item, c.args[0]) {
					return i
				}
			}
			return nil
		}},
		"to_sentence":  {0, 0, toSentence},
		"to_ary":       {0, 0, func(c *call) any { return c.self }},
		"in_groups_of": {1, 2, func(c *call) any { return c.eachOrList(slicesOf(c, c.items(), c.int(0))) }},
		"transpose":    {0, 0, transpose},
		"product": {1, 1, func(c *call) any {
			out := &array{}
			for _, a := range c.self.(*array).items {
				for _, b := range c.list(0) {
					out.items = append(out.items, &array{[]any{a, b}})
					c.f.in.bounded(c.at, len(out.items))
				}
			}
			return out
		}},
		"cycle": {1, 1, func(c *call) any {
			for range c.int(0) {
				c.eachOf(c.items())
			}
			return nil
		}},
	}
}

// put replaces the items of the list.
func (c *call) put(items []any) any {
	c.self.(*array).items = items
	return c.self
}

// at is the item at an index, which counts from the end when it is negative.
func (a *array) at(i int) any {
	if i < 0 {
		i += len(a.items)
	}
	return nth(a.items, i)
}

// list is an argument that must be a list.
func (c *call) list(i int) []any {
	switch v := c.args[i].(type) {
	case *array:
		return v.items
	case *span:
		return spread(v)
	}
	c.noConversion(c.args[i], "Array")
	return nil
}

func (c *call) among(items []any, v any) bool {
	return slices.ContainsFunc(items, func(item any) bool { return c.f.in.equal(item, v) })
}

func (c *call) without(items, others []any) []any {
	return kept(items, func(v any) bool { return !c.among(others, v) })
}

func arrayIndex(c *call) any {
	a := c.self.(*array)
	from, n, ok := 0, 0, false
	switch key := c.args[0].(type) {
	case *span:
		from, n, ok = key.bounds(len(a.items))
	default:
		if len(c.args) == 1 {
			return a.at(c.int(0))
		}
		from, n, ok = window(c.int(0), c.int(1), len(a.items))
	}
	if !ok {
		return nil
	}
	return &array{slices.Clone(a.items[from : from+n])}
}

func setItem(c *call) any {
	a, i := c.self.(*array), c.int(0)
	if i < 0 {
		i += len(a.items)
	}
	if i < 0 {
		c.raise("IndexError", "index %d too small for array", c.int(0))
	}
	c.f.in.bounded(c.at, i)
	for len(a.items) <= i {
		a.items = append(a.items, nil)
	}
	a.items[i] = c.args[1]
	return c.args[1]
}

func fetchItem(c *call) any {
	a, i := c.self.(*array), c.int(0)
	if i < 0 {
		i += len(a.items)
	}
	switch {
	case i >= 0 && i < len(a.items):
		return a.items[i]
	case c.block != nil:
		return c.yield(c.args[0])
	case len(c.args) == 2:
		return c.args[1]
	}
	c.raise("IndexError", "index %d outside of array bounds", c.int(0))
	return nil
}

// dig looks further into what it finds, and is nil where there is nothing.
func dig(c *call) any {
	v := c.f.send(c.at, c.self, "[]", c.args[0])
	if len(c.args) == 1 || v == nil {
		return v
	}
	return c.f.call(c.at, v, "dig", c.args[1:], nil)
}

func appendItems(c *call) any {
	a := c.self.(*array)
	a.items = append(a.items, c.args...)
	c.f.in.bounded(c.at, len(a.items))
	return a
}

func join(c *call) any {
	by := ""
	if len(c.args) == 1 && c.args[0] != nil {
		by = c.text(0)
	}
	all := make([]string, 0, len(c.items()))
	size := 0
	for _, item := range flattened(c, c.items(), maxWritten, 0) {
		s := c.f.in.toText(item, c.at)
		if size += len(s) + len(by); size > maxText {
			limit(c.at, "this grows to more than %d bytes", maxText)
		}
		all = append(all, s)
	}
	return strings.Join(all, by)
}

func flattened(c *call, items []any, levels, depth int) []any {
	if depth > maxWritten {
		limit(c.at, "this list is nested too deeply")
	}
	var out []any
	for _, item := range items {
		c.f.in.step(c.at)
		if inner, ok := item.(*array); ok && levels != 0 {
			out = append(out, flattened(c, inner.items, levels-1, depth+1)...)
		} else {
			out = append(out, item)
		}
		c.f.in.bounded(c.at, len(out))
	}
	return out
}

func toSentence(c *call) any {
	var all []string
	for _, item := range c.items() {
		all = append(all, c.f.in.toText(item, c.at))
	}
	switch n := len(all); n {
	case 0:
		return ""
	case 1, 2:
		return strings.Join(all, " and ")
	default:
		return strings.Join(all[:n-1], ", ") + ", and " + all[n-1]
	}
}

func transpose(c *call) any {
	out := &array{}
	for _, row := range c.items() {
		for i, item := range spread(row) {
			if i == len(out.items) {
				out.items = append(out.items, &array{})
			}
			column := out.items[i].(*array)
			column.items = append(column.items, item)
		}
	}
	return out
}

func spanMethods() methods {
	return methods{
		"first": {0, 1, func(c *call) any {
			if len(c.args) == 0 {
				return c.self.(*span).from
			}
			return &array{slices.Clone(c.items()[:c.count()])}
		}},
		"begin":  {0, 0, func(c *call) any { return c.self.(*span).from }},
		"end":    {0, 0, func(c *call) any { return c.self.(*span).to }},
		"last":   {0, 0, func(c *call) any { return c.self.(*span).to }},
		"cover?": {1, 1, func(c *call) any { return c.contains(c.args[0]) }},
		"step": {1, 1, func(c *call) any {
			s := c.self.(*span)
			from, isInt := s.from.(int)
			to, finite := s.last()
			if !isInt || !finite {
				beyond(c.at, "such a step is not understood")
			}
			return c.counted(from, to, c.int(0))
		}},
	}
}
