package erb

import (
	"slices"
)

// proc is a block, a lambda or a method.
type proc struct {
	in     *interp
	params []param
	body   expr
	outer  *frame // nil of methods
	strict bool   // of lambdas and methods: return ends them, and a list is not spread over parameters
	native func(args []any) any
	given  *proc // the block that a method was called with
}

func (f *frame) closure(b *blockCode) *proc {
	return &proc{in: f.in, params: b.params, body: b.body, outer: f}
}

// blockOf is the block of a call: the one that is written behind it, or the one given with &.
func (f *frame) blockOf(written *blockCode, given *proc) *proc {
	if written == nil {
		return given
	}
	return f.closure(written)
}

// call runs the block with arguments.
func (b *proc) call(at int, args ...any) any {
	if b.native != nil {
		return b.native(args)
	}
	b.in.step(at)
	b.in.calls++
	defer func() { b.in.calls-- }()
	if b.in.calls > maxCalls {
		limit(at, "this calls itself without an end")
	}
	f := &frame{in: b.in, vars: inner(nil), block: b.given}
	if b.outer != nil {
		f.vars.outer, f.block = b.outer.vars, b.outer.block
	}
	f.bind(at, b, args)
	if b.strict {
		return taking("return", func() any { return skippable(func() any { return b.body.eval(f) }) })
	}
	return skippable(func() any { return b.body.eval(f) })
}

// bind gives the parameters of b their values.
func (f *frame) bind(at int, b *proc, args []any) {
	if b.params == nil && !b.strict {
		f.vars.vars["it"], f.vars.vars["_1"], f.vars.vars["_2"] = nth(args, 0), nth(args, 0), nth(args, 1)
		return
	}
	if list, ok := soleList(args); ok && !b.strict && positional(b.params) > 1 {
		args = list
	}
	if b.strict {
		b.checkCount(at, args)
	}
	f.bindParams(at, b.params, args)
	for _, x := range b.params {
		if x.kind == "&" {
			f.vars.vars[x.name] = procOrNil(b.given)
		}
	}
}

func procOrNil(b *proc) any {
	if b == nil {
		return nil
	}
	return b
}

func soleList(args []any) ([]any, bool) {
	if len(args) != 1 {
		return nil, false
	}
	list, ok := args[0].(*array)
	if !ok {
		return nil, false
	}
	return list.items, true
}

// positional counts the parameters that a list is spread over.
func positional(params []param) int {
	n := 0
	for _, x := range params {
		if x.kind == "" || x.kind == "*" {
			n++
		}
	}
	return n
}

func (b *proc) checkCount(at int, args []any) {
	least, most := 0, 0
	for _, x := range b.params {
		switch {
		case x.kind == "*" || x.kind == ":" || x.kind == "**":
			most = len(args)
		case x.kind == "" && x.standard.eval == nil:
			least++
			most = max(most, most+1)
		case x.kind == "":
			most++
		}
	}
	if len(args) < least || len(args) > most {
		raise(at, "ArgumentError", "wrong number of arguments (given %d, expected %d)", len(args), least)
	}
}

func (f *frame) bindParams(at int, params []param, args []any) {
	named := newHash()
	if wantsNames(params) && len(args) > 0 {
		if h, ok := args[len(args)-1].(*hash); ok {
			named, args = h.copy(), args[:len(args)-1]
		}
	}
	behind := 0 // parameters that follow the rest
	for i, x := range params {
		if x.kind == "*" {
			behind = positional(params[i+1:])
		}
	}
	for _, x := range params {
		switch x.kind {
		case "":
			var v any
			v, args = f.shifted(x, args)
			f.bindParam(at, x, v)
		case "*":
			n := max(0, len(args)-behind)
			f.vars.vars[x.name] = &array{slices.Clone(args[:n])}
			args = args[n:]
		case ":":
			f.bindNamed(at, x, named)
		case "**":
			f.vars.vars[x.name] = named
		}
	}
}

func (f *frame) shifted(x param, args []any) (any, []any) {
	switch {
	case len(args) > 0:
		return args[0], args[1:]
	case x.standard.eval != nil:
		return x.standard.eval(f), nil
	}
	return nil, nil
}

func (f *frame) bindParam(at int, x param, v any) {
	if x.inner != nil {
		f.bindParams(at, x.inner, spread(v))
		return
	}
	f.vars.vars[x.name] = v
}

func (f *frame) bindNamed(at int, x param, named *hash) {
	v, found := named.get(symbol(x.name))
	switch {
	case found:
		named.remove(symbol(x.name))
	case x.standard.eval != nil:
		v = x.standard.eval(f)
	default:
		raise(at, "ArgumentError", "missing keyword: :%s", x.name)
	}
	f.vars.vars[x.name] = v
}

func wantsNames(params []param) bool {
	return slices.ContainsFunc(params, func(x param) bool { return x.kind == ":" || x.kind == "**" })
}

// toProc makes a block of :name, of a lambda, or of nothing.
func (f *frame) toProc(at int, v any) *proc {
	switch v := v.(type) {
	case nil:
		return nil
	case *proc:
		return v
	case symbol:
		return &proc{native: func(args []any) any {
			if len(args) == 0 {
				raise(at, "ArgumentError", "no receiver given")
			}
			return f.call(at, args[0], string(v), args[1:], nil)
		}}
	}
	raise(at, "TypeError", "wrong argument type %s (expected Proc)", className(v))
	return nil
}
