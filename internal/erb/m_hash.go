package erb

import (
	"slices"
)

func hashMethods() methods {
	m := over(hashItems(), hashChanges())
	m.alias(method{2, 2, func(c *call) any {
		c.self.(*hash).set(c.args[0], c.args[1])
		c.f.in.bounded(c.at, len(c.self.(*hash).keys))
		return c.args[1]
	}}, "[]=", "store")
	m.alias(method{1, 1, func(c *call) any { return c.contains(c.args[0]) }}, "key?", "has_key?", "include?", "member?")
	m.alias(method{1, 1, func(c *call) any { return c.among(c.self.(*hash).list(), c.args[0]) }}, "value?", "has_value?")
	m.alias(method{0, -1, func(c *call) any { return c.merged(c.self.(*hash)) }}, "merge!", "update")
	m.alias(method{0, 0, func(c *call) any { return c.filtered(func(key, v any) bool { return c.holds(key, v) }) }}, "select", "filter")
	m.alias(method{0, 0, func(c *call) any { return c.eachOf(c.items()) }}, "each", "each_pair")
	m.alias(method{0, 0, func(c *call) any { return c.eachOf(c.self.(*hash).keys) }}, "each_key")
	m.alias(method{0, 0, func(c *call) any { return c.eachOf(c.self.(*hash).list()) }}, "each_value")
	m.alias(method{0, 0, func(c *call) any { return c.rekeyed(0, func(s string) any { return symbol(s) }, c.self, false) }}, "symbolize_keys", "to_options")
	m.alias(method{0, 0, func(c *call) any { return c.rekeyed(0, func(s string) any { return symbol(s) }, c.self, true) }}, "deep_symbolize_keys")
	m.alias(method{0, 0, func(c *call) any { return c.rekeyed(0, func(s string) any { return s }, c.self, false) }}, "stringify_keys")
	m.alias(method{0, 0, func(c *call) any { return c.rekeyed(0, func(s string) any { return s }, c.self, true) }}, "deep_stringify_keys", "with_indifferent_access")
	return m
}

// hashItems look values and keys up.
func hashItems() methods {
	return methods{
		"[]": {1, 1, func(c *call) any {
			h := c.self.(*hash)
			if v, found := h.get(c.args[0]); found {
				return v
			}
			if by, ok := h.standard.(*proc); ok {
				return by.call(c.at, h, c.args[0])
			}
			return h.standard
		}},
		"fetch": {1, 2, func(c *call) any {
			v, found := c.self.(*hash).get(c.args[0])
			return c.fetched(v, found)
		}},
		"dig":          {1, -1, dig},
		"values_at":    {0, -1, func(c *call) any { return &array{c.valuesAt(false)} }},
		"fetch_values": {0, -1, func(c *call) any { return &array{c.valuesAt(true)} }},
		"keys":         {0, 0, func(c *call) any { return &array{slices.Clone(c.self.(*hash).keys)} }},
		"values":       {0, 0, func(c *call) any { return &array{c.self.(*hash).list()} }},
		"key": {1, 1, func(c *call) any {
			for _, pair := range c.items() {
				if c.f.in.equal(pair.(*array).items[1], c.args[0]) {
					return pair.(*array).items[0]
				}
			}
			return nil
		}},
		"delete": {1, 1, func(c *call) any {
			v, _ := c.self.(*hash).get(c.args[0])
			c.self.(*hash).remove(c.args[0])
			return v
		}},
	}
}

// hashChanges make other hashes of a hash.
func hashChanges() methods {
	return methods{
		"to_h": {0, 0, func(c *call) any {
			if c.block == nil {
				return c.self
			}
			return listToHash(c)
		}},
		"invert": {0, 0, func(c *call) any {
			h := newHash()
			for _, pair := range c.items() {
				h.set(pair.(*array).items[1], pair.(*array).items[0])
			}
			return h
		}},
		"merge": {0, -1, func(c *call) any { return c.merged(c.self.(*hash).copy()) }},
		"reverse_merge": {1, 1, func(c *call) any {
			h := c.hashArg(0).copy()
			h.merge(c.self.(*hash))
			return h
		}},
		"deep_merge":    {1, 1, func(c *call) any { return deepMerge(c, c.self.(*hash), c.hashArg(0), 0) }},
		"slice":         {0, -1, func(c *call) any { return c.filtered(func(key, _ any) bool { return c.among(c.args, key) }) }},
		"except":        {0, -1, func(c *call) any { return c.filtered(func(key, _ any) bool { return !c.among(c.args, key) }) }},
		"compact":       {0, 0, func(c *call) any { return c.filtered(func(_, v any) bool { return v != nil }) }},
		"compact_blank": {0, 0, func(c *call) any { return c.filtered(func(_, v any) bool { return !blank(v) }) }},
		"reject":        {0, 0, func(c *call) any { return c.filtered(func(key, v any) bool { return !c.holds(key, v) }) }},
		"partition": {0, 0, func(c *call) any {
			holds := func(pair any) bool { return c.holds(pair.(*array).items...) }
			return &array{[]any{&array{kept(c.items(), holds)}, &array{kept(c.items(), negation(holds))}}}
		}},
		"transform_values": {0, 0, func(c *call) any { return c.changed(func(key, v any) (any, any) { return key, c.yield(v) }) }},
		"transform_keys": {0, 1, func(c *call) any {
			if len(c.args) == 1 {
				beyond(c.at, "transform_keys is not understood with a hash")
			}
			return c.changed(func(key, v any) (any, any) { return c.yield(key), v })
		}},
		"default": {0, 0, func(c *call) any { return c.self.(*hash).standard }},
		"default=": {1, 1, func(c *call) any {
			c.self.(*hash).standard = c.args[0]
			return c.args[0]
		}},
		"to_query": {0, 0, func(c *call) any { return query(c) }},
	}
}

// fetched is what fetch gives: the value, or else the block's, or else the second argument.
func (c *call) fetched(v any, found bool) any {
	switch {
	case found:
		return v
	case c.block != nil:
		return c.yield(c.args[0])
	case len(c.args) == 2:
		return c.args[1]
	}
	return c.missingKey(c.args[0], "")
}

func (c *call) missingKey(key any, advice string) any {
	x := &exception{"KeyError", "key not found: " + c.f.in.inspect(key, c.at)}
	panic(&failure{at: c.at, text: x.shown(), advice: advice, exception: x})
}

func (c *call) valuesAt(mustBe bool) []any {
	var out []any
	for _, key := range c.args {
		v, found := c.self.(*hash).get(key)
		if !found && mustBe {
			c.missingKey(key, "")
		}
		out = append(out, v)
	}
	return out
}

func (c *call) hashArg(i int) *hash {
	h, ok := c.args[i].(*hash)
	if !ok {
		c.noConversion(c.args[i], "Hash")
	}
	return h
}

// merged puts the hashes of the arguments into h; a block decides what a key that both have
// gets.
func (c *call) merged(h *hash) *hash {
	for i := range c.args {
		other := c.hashArg(i)
		for _, key := range other.keys {
			v, _ := other.get(key)
			if old, found := h.get(key); found && c.block != nil {
				v = c.yield(key, old, v)
			}
			h.set(key, v)
		}
	}
	return h
}

func deepMerge(c *call, h, other *hash, depth int) *hash {
	if depth > maxWritten {
		limit(c.at, "this hash is nested too deeply")
	}
	out := h.copy()
	for _, key := range other.keys {
		v, _ := other.get(key)
		old, _ := out.get(key)
		a, isHash := old.(*hash)
		if b, areHashes := v.(*hash); isHash && areHashes {
			v = deepMerge(c, a, b, depth+1)
		}
		out.set(key, v)
	}
	return out
}

// filtered is a hash of the pairs for which keep holds.
func (c *call) filtered(keep func(key, v any) bool) *hash {
	out := newHash()
	for _, pair := range c.items() {
		if p := pair.(*array).items; keep(p[0], p[1]) {
			out.set(p[0], p[1])
		}
	}
	return out
}

func (c *call) changed(change func(key, v any) (any, any)) *hash {
	out := newHash()
	for _, pair := range c.items() {
		p := pair.(*array).items
		out.set(change(p[0], p[1]))
	}
	return out
}

// rekeyed changes keys that are texts or symbols; deep, those of the hashes inside, too.
func (c *call) rekeyed(depth int, change func(string) any, v any, deep bool) any {
	if depth > maxWritten {
		limit(c.at, "this value is nested too deeply")
	}
	switch v := v.(type) {
	case *array:
		out := &array{}
		for _, item := range v.items {
			out.items = append(out.items, c.rekeyed(depth+1, change, item, deep))
		}
		return out
	case *hash:
		out := newHash()
		for _, key := range v.keys {
			item, _ := v.get(key)
			if deep {
				item = c.rekeyed(depth+1, change, item, deep)
			}
			if s, ok := textOf(key); ok {
				key = change(s)
			}
			out.set(key, item)
		}
		return out
	}
	return v
}
