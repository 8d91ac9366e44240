package erb

import (
	"cmp"
	"slices"
	"strings"
)

// equal is ==.
func (in *interp) equal(a, b any) bool {
	defer in.deeper()()
	switch x := a.(type) {
	case int:
		if y, ok := b.(float64); ok {
			return float64(x) == y
		}
	case float64:
		if y, ok := b.(int); ok {
			return x == float64(y)
		}
	case *array:
		y, ok := b.(*array)
		return ok && (x == y || slices.EqualFunc(x.items, y.items, in.equal))
	case *hash:
		y, ok := b.(*hash)
		return ok && (x == y || in.sameHash(x, y))
	case *span:
		y, ok := b.(*span)
		return ok && x.short == y.short && in.equal(x.from, y.from) && in.equal(x.to, y.to)
	case *regex:
		y, ok := b.(*regex)
		return ok && x.source == y.source && x.flags == y.flags
	case *address:
		y, ok := b.(*address)
		return ok && x.String() == y.String()
	}
	return a == b
}

func (in *interp) sameHash(x, y *hash) bool {
	if len(x.keys) != len(y.keys) {
		return false
	}
	for _, key := range x.keys {
		v, _ := x.get(key)
		w, found := y.get(key)
		if !found || !in.equal(v, w) {
			return false
		}
	}
	return true
}

// compare is <=>; ok is false for what cannot be compared.
func (in *interp) compare(a, b any) (order int, ok bool) {
	defer in.deeper()()
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return strings.Compare(x, y), ok
	case symbol:
		y, ok := b.(symbol)
		return strings.Compare(string(x), string(y)), ok
	case int:
		if y, ok := b.(int); ok {
			return cmp.Compare(x, y), true
		}
	case *array:
		if y, ok := b.(*array); ok {
			return in.compareLists(x.items, y.items)
		}
	case moment:
		if y, ok := b.(moment); ok {
			return x.Compare(y.Time), true
		}
	}
	x, isNumber := toFloat(a)
	y, areNumbers := toFloat(b)
	if isNumber && areNumbers {
		return cmp.Compare(x, y), true
	}
	return 0, a == nil && b == nil
}

func (in *interp) compareLists(x, y []any) (order int, ok bool) {
	for i := range min(len(x), len(y)) {
		if order, ok := in.compare(x[i], y[i]); order != 0 || !ok {
			return order, ok
		}
	}
	return cmp.Compare(len(x), len(y)), true
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// order is compare for values that must have an order.
func (c *call) order(a, b any) int {
	order, ok := c.f.in.compare(a, b)
	if !ok {
		c.raise("ArgumentError", "comparison of %s with %s failed", className(a), describe(b))
	}
	return order
}

// matches is pattern === v, what when and grep ask.
func (f *frame) matches(at int, pattern, v any) bool {
	switch p := pattern.(type) {
	case *regex:
		text, isText := textOf(v)
		return isText && f.in.match(p, text) != nil
	case *span:
		return p.covers(f.in, v)
	case module:
		return isA(v, string(p))
	case *proc:
		return truthy(p.call(at, v))
	}
	return f.in.equal(pattern, v)
}

func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case symbol:
		return string(v), true
	}
	return "", false
}

// isA reports whether a value is of a class or has a module.
func isA(v any, class string) bool {
	own := className(v)
	switch class {
	case own, "Object", "BasicObject", "Kernel":
		return true
	case "Numeric":
		return own == "Integer" || own == "Float"
	case "Comparable":
		return own == "Integer" || own == "Float" || own == "String"
	case "Enumerable":
		return own == "Array" || own == "Hash" || own == "Range"
	case "Exception":
		_, is := v.(*exception)
		return is
	}
	return isKind(own, class)
}
