package erb

import (
	"math"
	"strconv"
	"strings"
)

func integerMethods() methods {
	m := methods{
		"to_i": {0, 0, func(c *call) any { return c.self }},
		"-@":   {0, 0, func(c *call) any { return c.arithmetic("-", 0, c.self) }},
	}
	for _, op := range []string{"+", "-", "*", "/", "%"} {
		m[op] = method{1, 1, func(c *call) any { return c.arithmetic(op, c.self, c.args[0]) }}
	}
	addComparisons(m)
	return m
}

// arithmetic is a op b. Divisions round down, as in Ruby.
func (c *call) arithmetic(op string, a, b any) any {
	x := a.(int)
	y, isInt := b.(int)
	switch {
	case b == nil:
		c.raise("TypeError", "%s can't be coerced into %s", described(b), className(a))
	case !isInt:
		unsupported(c.at, "", "arithmetic with %s and %s is not supported", className(a), className(b))
	case y == 0 && (op == "/" || op == "%"):
		c.raise("ZeroDivisionError", "divided by 0")
	}
	p, q := float64(x), float64(y)
	result := map[string]float64{"+": p + q, "-": p - q, "*": p * q, "/": math.Floor(p / q), "%": p - q*math.Floor(p/q)}[op]
	if math.Abs(result) >= 1<<53 {
		unsupported(c.at, "", "numbers as large as this are not supported")
	}
	return int(result)
}

// toInteger is Integer(): the whole string must be a number. The error does not quote it, because it
// may be a secret.
func toInteger(c *call) any {
	switch v := c.args[0].(type) {
	case int:
		return v
	case string:
		if n, err := strconv.ParseInt(strings.TrimSpace(v), 0, 64); err == nil {
			return int(n)
		}
		c.raise("ArgumentError", "invalid value for Integer()")
	}
	c.raise("TypeError", "can't convert %s into Integer", described(c.args[0]))
	return nil
}
