package erb

import (
	"slices"
)

// listGroups order and group items.
func listGroups() methods {
	return methods{
		"sort":     {0, 0, func(c *call) any { return &array{c.sorted(c.items())} }},
		"sort_by":  {0, 0, func(c *call) any { return &array{c.sortedBy(c.items())} }},
		"to_h":     {0, 0, listToHash},
		"to_set":   {0, 0, func(c *call) any { return &array{c.unique(c.items(), nil)} }},
		"zip":      {1, 1, zip},
		"group_by": {0, 0, groupBy},
		"index_by": {0, 0, func(c *call) any {
			h := newHash()
			for _, item := range c.items() {
				h.set(c.yield(item), item)
			}
			return h
		}},
		"index_with": {0, 0, func(c *call) any {
			h := newHash()
			for _, item := range c.items() {
				h.set(item, c.yield(item))
			}
			return h
		}},
		"tally": {0, 0, func(c *call) any {
			h := newHash()
			for _, item := range c.items() {
				n, _ := h.get(item)
				count, _ := n.(int)
				h.set(item, count+1)
			}
			return h
		}},
		"partition": {0, 0, func(c *call) any {
			items, holds := c.items(), c.chosen()
			return &array{[]any{&array{kept(items, holds)}, &array{kept(items, negation(holds))}}}
		}},
	}
}

// listSums make one value of all items.
func listSums() methods {
	return methods{
		"inject": {0, 2, reduce}, "reduce": {0, 2, reduce}, "sum": {0, 1, sum},
		"min":        {0, 0, func(c *call) any { return nth(c.sorted(c.items()), 0) }},
		"max":        {0, 0, func(c *call) any { all := c.sorted(c.items()); return nth(all, len(all)-1) }},
		"min_by":     {0, 0, func(c *call) any { return nth(c.sortedBy(c.items()), 0) }},
		"max_by":     {0, 0, func(c *call) any { all := c.sortedBy(c.items()); return nth(all, len(all)-1) }},
		"minmax":     {0, 0, func(c *call) any { all := c.sorted(c.items()); return &array{[]any{nth(all, 0), nth(all, len(all)-1)}} }},
		"take_while": {0, 0, func(c *call) any { return &array{c.items()[:c.holding()]} }},
		"drop_while": {0, 0, func(c *call) any { return &array{c.items()[c.holding():]} }},
		"lazy":       {0, 0, func(c *call) any { return c.self }}, "force": {0, 0, func(c *call) any { return c.self }},
		"each_index": {0, 0, func(c *call) any {
			for i := range c.items() {
				c.yield(i)
			}
			return c.self
		}},
	}
}

func (c *call) sorted(items []any) []any {
	out := slices.Clone(items)
	slices.SortStableFunc(out, func(a, b any) int {
		c.f.in.step(c.at)
		if c.block == nil {
			return c.order(a, b)
		}
		order, ok := c.yield(a, b).(int)
		if !ok {
			c.raise("ArgumentError", "comparison of %s with %s failed", className(a), describe(b))
		}
		return order
	})
	return out
}

func (c *call) sortedBy(items []any) []any {
	keys := make([]any, len(items))
	order := make([]int, len(items))
	for i, item := range items {
		keys[i], order[i] = c.yield(item), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return c.order(keys[a], keys[b]) })
	out := make([]any, len(items))
	for i, from := range order {
		out[i] = items[from]
	}
	return out
}

func listToHash(c *call) any {
	h := newHash()
	for _, item := range c.mapped(c.items()) {
		pair, ok := item.(*array)
		if !ok || len(pair.items) != 2 {
			c.raise("TypeError", "wrong element type %s (expected array)", className(item))
		}
		h.set(pair.items[0], pair.items[1])
	}
	return h
}

func zip(c *call) any {
	other := spread(c.args[0])
	out := &array{}
	for i, item := range c.items() {
		out.items = append(out.items, &array{[]any{item, nth(other, i)}})
	}
	return out
}

func groupBy(c *call) any {
	h := newHash()
	for _, item := range c.items() {
		key := c.yield(item)
		group, _ := h.get(key)
		list, ok := group.(*array)
		if !ok {
			list = &array{}
			h.set(key, list)
		}
		list.items = append(list.items, item)
	}
	return h
}

// reduce is inject: with a first value, an operator, both, or a block.
func reduce(c *call) any {
	items, args := c.items(), c.args
	op := ""
	if len(args) > 0 && c.block == nil {
		name, ok := textOf(args[len(args)-1])
		if !ok {
			c.noConversion(args[len(args)-1], "Symbol")
		}
		op, args = name, args[:len(args)-1]
	}
	if len(args) == 0 && len(items) > 0 {
		args, items = items[:1], items[1:]
	}
	sum := nth(args, 0)
	for _, item := range items {
		if op != "" {
			sum = c.f.send(c.at, sum, op, item)
		} else {
			sum = c.yield(sum, item)
		}
	}
	return sum
}

func sum(c *call) any {
	var total any = 0
	if len(c.args) == 1 {
		total = c.args[0]
	}
	for _, item := range c.mapped(c.items()) {
		total = c.f.send(c.at, total, "+", item)
	}
	return total
}

// unique keeps the first of items that are the same, or of those that by makes the same of.
func (c *call) unique(items []any, by *proc) []any {
	seen := map[string]bool{}
	return kept(items, func(item any) bool {
		if by != nil {
			item = by.call(c.at, item)
		}
		key := keyText(item)
		first := !seen[key]
		seen[key] = true
		return first
	})
}

func slicesOf(c *call, items []any, n int) []any {
	if n <= 0 {
		c.raise("ArgumentError", "invalid slice size")
	}
	var all []any
	for chunk := range slices.Chunk(items, n) {
		all = append(all, &array{slices.Clone(chunk)})
	}
	return all
}
