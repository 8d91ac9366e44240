package erb

import (
	"slices"
	"strings"
)

// objectMethods are those of all values.
func objectMethods() methods {
	return over(objectQuestions(), objectCalls())
}

// objectQuestions write a value and compare it.
func objectQuestions() methods {
	return methods{
		"to_s":    {0, 0, func(c *call) any { return c.f.in.toText(c.self, c.at) }},
		"inspect": {0, 0, func(c *call) any { return c.f.in.inspect(c.self, c.at) }},
		"to_json": {0, 0, func(c *call) any { return toJSON(c, c.self) }},
		"class":   {0, 0, func(c *call) any { return module(className(c.self)) }},
		"nil?":    {0, 0, func(c *call) any { return c.self == nil }},
		"==":      {1, 1, func(c *call) any { return c.f.in.equal(c.self, c.args[0]) }},
		"equal?":  {1, 1, func(c *call) any { return c.f.in.equal(c.self, c.args[0]) }},
		"eql?": {1, 1, func(c *call) any {
			return className(c.self) == className(c.args[0]) && c.f.in.equal(c.self, c.args[0])
		}},
		"===": {1, 1, func(c *call) any { return c.f.matches(c.at, c.self, c.args[0]) }},
		"=~":  {1, 1, func(c *call) any { return nil }},
		"<=>": {1, 1, func(c *call) any {
			if order, ok := c.f.in.compare(c.self, c.args[0]); ok {
				return order
			}
			return nil
		}},
		"!": {0, 0, func(c *call) any { return !truthy(c.self) }},
	}
}

// objectCalls ask for presence, and call by name.
func objectCalls() methods {
	self := method{0, 0, func(c *call) any { return c.self }}
	is := method{1, 1, func(c *call) any {
		class, ok := c.args[0].(module)
		return ok && isA(c.self, string(class))
	}}
	return methods{
		"blank?":   {0, 0, func(c *call) any { return blank(c.self) }},
		"present?": {0, 0, func(c *call) any { return !blank(c.self) }},
		"presence": {0, 0, func(c *call) any {
			if blank(c.self) {
				return nil
			}
			return c.self
		}},
		"in?": {1, 1, func(c *call) any { return c.f.send(c.at, c.args[0], "include?", c.self) }},
		"presence_in": {1, 1, func(c *call) any {
			if truthy(c.f.send(c.at, c.args[0], "include?", c.self)) {
				return c.self
			}
			return nil
		}},
		"is_a?": is, "kind_of?": is, "instance_of?": is,
		"respond_to?": {1, 2, func(c *call) any {
			name, _ := textOf(c.args[0])
			_, found := c.f.lookup(c.self, name)
			return found
		}},
		"send": sending, "public_send": sending, "__send__": sending,
		"try": {1, -1, func(c *call) any {
			if c.self == nil {
				return nil
			}
			return sending.do(c)
		}},
		"tap": {0, 0, func(c *call) any {
			c.yield(c.self)
			return c.self
		}},
		"then": yielding, "yield_self": yielding,
		"itself": self, "freeze": self, "dup": {0, 0, duplicate}, "clone": {0, 0, duplicate},
		"frozen?":               {0, 0, func(*call) any { return false }},
		"instance_variable_get": {1, 1, func(c *call) any { return c.f.in.globals[c.text(0)] }},
	}
}

var yielding = method{0, 0, func(c *call) any { return c.yield(c.self) }}

var sending = method{1, -1, func(c *call) any {
	name, ok := textOf(c.args[0])
	if !ok {
		c.noConversion(c.args[0], "String")
	}
	return c.f.call(c.at, c.self, name, c.args[1:], c.block)
}}

func duplicate(c *call) any {
	switch v := c.self.(type) {
	case *array:
		return &array{slices.Clone(v.items)}
	case *hash:
		return v.copy()
	}
	return c.self
}

// blank is what Rails calls blank: nothing, false, empty, or nothing but white space.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return strings.TrimSpace(v) == ""
	case symbol:
		return v == ""
	case *array:
		return len(v.items) == 0
	case *hash:
		return len(v.keys) == 0
	}
	return false
}

func comparable() methods {
	compared := func(holds func(order int) bool) method {
		return method{1, 1, func(c *call) any { return holds(c.order(c.self, c.args[0])) }}
	}
	return methods{
		"<":  compared(func(order int) bool { return order < 0 }),
		"<=": compared(func(order int) bool { return order <= 0 }),
		">":  compared(func(order int) bool { return order > 0 }),
		">=": compared(func(order int) bool { return order >= 0 }),
		"between?": {2, 2, func(c *call) any {
			return c.order(c.self, c.args[0]) >= 0 && c.order(c.self, c.args[1]) <= 0
		}},
		"clamp": {2, 2, func(c *call) any {
			switch {
			case c.order(c.self, c.args[0]) < 0:
				return c.args[0]
			case c.order(c.self, c.args[1]) > 0:
				return c.args[1]
			}
			return c.self
		}},
	}
}

func nilMethods() methods {
	return methods{
		"to_a": {0, 0, func(*call) any { return &array{} }},
		"to_h": {0, 0, func(*call) any { return newHash() }},
		"to_i": {0, 0, func(*call) any { return 0 }},
		"to_f": {0, 0, func(*call) any { return 0.0 }},
		"&":    {1, 1, func(*call) any { return false }},
		"|":    {1, 1, func(c *call) any { return truthy(c.args[0]) }},
	}
}

func boolMethods() methods {
	return methods{
		"&": {1, 1, func(c *call) any { return truthy(c.self) && truthy(c.args[0]) }},
		"|": {1, 1, func(c *call) any { return truthy(c.self) || truthy(c.args[0]) }},
		"^": {1, 1, func(c *call) any { return truthy(c.self) != truthy(c.args[0]) }},
	}
}

func symbolMethods() methods {
	m := methods{
		"to_sym":  {0, 0, func(c *call) any { return c.self }},
		"to_proc": {0, 0, func(c *call) any { return c.f.toProc(c.at, c.self) }},
	}
	// What gives a text of a text gives a symbol of a symbol.
	for _, name := range []string{"upcase", "downcase", "capitalize", "swapcase", "succ", "next"} {
		m[name] = method{0, 0, func(c *call) any {
			return symbol(c.f.send(c.at, string(c.self.(symbol)), name).(string))
		}}
	}
	for _, name := range []string{"length", "size", "empty?", "start_with?", "end_with?", "[]", "=~", "match?", "match", "name"} {
		m[name] = method{0, -1, func(c *call) any {
			return c.f.call(c.at, string(c.self.(symbol)), name, c.args, c.block)
		}}
	}
	return m
}

func procMethods() methods {
	called := method{0, -1, func(c *call) any { return c.self.(*proc).call(c.at, c.args...) }}
	return methods{
		"call": called, "()": called, "[]": called, "yield": called, "===": called,
		"to_proc": {0, 0, func(c *call) any { return c.self }},
		"lambda?": {0, 0, func(c *call) any { return c.self.(*proc).strict }},
	}
}

func exceptionMethods() methods {
	message := method{0, 0, func(c *call) any { return c.self.(*exception).message }}
	return methods{
		"message": message, "full_message": message, "detailed_message": message,
		"backtrace": {0, 0, func(*call) any { return &array{} }},
		"inspect": {0, 0, func(c *call) any {
			x := c.self.(*exception)
			return "#<" + x.class + ": " + x.message + ">"
		}},
	}
}

func endedMethods() methods {
	succeeded := method{0, 0, func(c *call) any { return c.self.(*ended).status == 0 }}
	status := method{0, 0, func(c *call) any { return c.self.(*ended).status }}
	return methods{"success?": succeeded, "exitstatus": status, "to_i": status, "exited?": {0, 0, func(*call) any { return true }}}
}
