package erb

import (
	"strings"
)

// call is a call of a method.
type call struct {
	f     *frame
	at    int
	name  string
	self  any
	args  []any
	block *proc
}

// method is a method that this package knows: with how many arguments it can be called (most is
// -1 for any number) and what it does.
type method struct {
	least, most int
	do          func(*call) any
}

type methods map[string]method

// send calls a method without a block.
func (f *frame) send(at int, on any, name string, args ...any) any {
	return f.call(at, on, name, args, nil)
}

// call calls a method.
func (f *frame) call(at int, on any, name string, args []any, block *proc) any {
	f.in.step(at)
	m, found := f.lookup(on, name)
	if !found {
		f.unknown(at, on, name)
	}
	c := &call{f, at, name, on, args, block}
	return c.run(m)
}

func (c *call) run(m method) any {
	if n := len(c.args); n < m.least || m.most >= 0 && n > m.most {
		if n < m.least && m.least <= 1 || m.most < 2 {
			beyond(c.at, "%s is not understood with %d arguments", c.name, n)
		}
		raise(c.at, "ArgumentError", "wrong number of arguments (given %d, expected %d)", n, m.least)
	}
	var v any
	f := c.f
	if c.block != nil {
		v = breakable(func() any { return m.do(c) })
	} else {
		v = m.do(c)
	}
	f.in.fits(c.at, v)
	return v
}

// fits ends a template whose values grow too large.
func (in *interp) fits(at int, v any) {
	switch v := v.(type) {
	case string:
		if len(v) > maxText {
			limit(at, "this grows to more than %d bytes", maxText)
		}
		in.steps += len(v) / 10_000
	case *array:
		in.bounded(at, len(v.items))
		in.steps += len(v.items) / 100
	case *hash:
		in.bounded(at, len(v.keys))
		in.steps += len(v.keys) / 100
	}
}

// lookup finds the method for a value.
func (f *frame) lookup(on any, name string) (method, bool) {
	if m, isModule := on.(module); isModule {
		if found, ok := f.in.tables.modules[string(m)+"."+name]; ok {
			return found, true
		}
	}
	m, found := f.in.tables.of(on)[name]
	return m, found
}

// unknown fails for a method that is not known. What nil has is known: it is nothing that Ruby
// could know better.
func (f *frame) unknown(at int, on any, name string) {
	if on == nil {
		x := &exception{"NoMethodError", "undefined method '" + name + "' for nil"}
		panic(&failure{at: at, text: x.shown(), exception: x, advice: "the value is missing: is a variable of the environment not set?"})
	}
	if m, isModule := on.(module); isModule {
		beyond(at, "%s.%s is not understood", m, name)
	}
	beyond(at, "%s of %s is not understood", name, className(on))
}

// function calls what has no receiver: a method of the template's own, or one that is always
// there.
func (f *frame) function(at int, name string, args []any, block *proc) any {
	f.in.step(at)
	if own := f.in.methods[name]; own != nil {
		called := *own
		called.given = block
		return called.call(at, args...)
	}
	if name == "block_given?" {
		return f.block != nil
	}
	m, found := f.in.tables.functions[name]
	if !found {
		beyond(at, "%s is not known here", name)
	}
	c := &call{f, at, name, nil, args, block}
	return c.run(m)
}

// change is call. As texts here do not change, a method that changes one puts another in its
// place.
func (f *frame) change(at int, place expr, on any, name string, args []any, block *proc) any {
	if _, isText := on.(string); isText {
		switch plain, bang := strings.CutSuffix(name, "!"); {
		case bang && place.set != nil:
			changed := f.call(at, on, plain, args, block)
			place.set(f, changed)
			if f.in.equal(changed, on) {
				return nil
			}
			return changed
		case (name == "concat" || name == "replace" || name == "prepend" || name == "insert" || name == "clear") && place.set != nil:
			changed := f.call(at, on, name, args, block)
			place.set(f, changed)
			return changed
		}
	}
	return f.call(at, on, name, args, block)
}

// text is an argument that must be a text.
func (c *call) text(i int) string {
	switch v := c.args[i].(type) {
	case string:
		return v
	case symbol:
		if c.name == "start_with?" || c.name == "fetch" || c.name == "send" {
			return string(v)
		}
	}
	c.noConversion(c.args[i], "String")
	return ""
}

func (c *call) noConversion(v any, to string) {
	raise(c.at, "TypeError", "no implicit conversion of %s into %s", describe(v), to)
}

// describe names a value's type as messages do.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return className(v)
}

// int is an argument that must be an integer.
func (c *call) int(i int) int {
	switch v := c.args[i].(type) {
	case int:
		return v
	case float64:
		return c.whole(v)
	}
	c.noConversion(c.args[i], "Integer")
	return 0
}

// arg is an argument, nil where it is not given.
func (c *call) arg(i int) any { return nth(c.args, i) }

// option is the value of a named argument.
func (c *call) option(name string) any {
	if len(c.args) == 0 {
		return nil
	}
	if h, ok := c.args[len(c.args)-1].(*hash); ok {
		v, _ := h.get(symbol(name))
		return v
	}
	return nil
}

// yield calls the block.
func (c *call) yield(args ...any) any {
	if c.block == nil {
		beyond(c.at, "%s is not understood without a block", c.name)
	}
	return c.block.call(c.at, args...)
}

// holds asks the block, which says yes or no.
func (c *call) holds(args ...any) bool { return truthy(c.yield(args...)) }

func (c *call) raise(class, format string, args ...any) { raise(c.at, class, format, args...) }
