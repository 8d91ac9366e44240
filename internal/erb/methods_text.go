package erb

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// white is the white space that Ruby's strip removes.
const white = " \t\n\v\f\r\x00"

// string returns the receiver, which is a string or symbol.
func (c *call) string() string {
	if s, isSymbol := c.self.(symbol); isSymbol {
		return string(s)
	}
	return c.self.(string)
}

// textMethods are the methods of strings and symbols.
func textMethods() methods {
	m := methods{}
	for name, change := range map[string]func(string) string{
		"strip":    func(s string) string { return strings.Trim(s, white) },
		"lstrip":   func(s string) string { return strings.TrimLeft(s, white) },
		"rstrip":   func(s string) string { return strings.TrimRight(s, white) },
		"upcase":   strings.ToUpper,
		"downcase": strings.ToLower,
		"chomp":    func(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r") },
	} {
		m[name] = method{0, 0, func(c *call) any { return change(c.string()) }}
	}
	for name, change := range map[string]func(s, by string) string{
		"delete_prefix": strings.TrimPrefix,
		"delete_suffix": strings.TrimSuffix,
		"+":             func(a, b string) string { return a + b },
	} {
		m[name] = method{1, 1, func(c *call) any { return change(c.string(), c.text(0)) }}
	}
	for name, question := range map[string]func(s, of string) bool{
		"include?": strings.Contains, "start_with?": strings.HasPrefix, "end_with?": strings.HasSuffix,
	} {
		m[name] = method{1, 20, func(c *call) any {
			for i := range c.args {
				if question(c.string(), c.text(i)) {
					return true
				}
			}
			return false
		}}
	}
	addConversions(m)
	addComparisons(m)
	addPatterns(m)
	return m
}

// addConversions adds methods that convert a string.
func addConversions(m methods) {
	m.add(method{0, 0, func(c *call) any { return symbol(c.string()) }}, "to_sym", "intern")
	m.add(method{0, 0, func(c *call) any { return utf8.RuneCountInString(c.string()) }}, "length", "size")
	m["empty?"] = method{0, 0, func(c *call) any { return c.string() == "" }}
	m["to_i"] = method{0, 0, func(c *call) any { return leadingInt(c.string()) }}
	m["*"] = method{1, 1, func(c *call) any {
		s, n := c.string(), c.int(0)
		n = max(0, min(n, maxText+1))
		c.in.fits(c.at, len(s)*n)
		return strings.Repeat(s, n)
	}}
	m["lines"] = method{0, 0, func(c *call) any { return textList(slices.Collect(strings.Lines(c.string()))) }}
}

func leadingInt(s string) int {
	s = strings.ReplaceAll(strings.TrimLeft(s, white), "_", "")
	end := 0
	for end < len(s) && (isDigit(s[end]) || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}

func textList(all []string) *list {
	l := &list{make([]any, len(all))}
	for i, s := range all {
		l.items[i] = s
	}
	return l
}

// addComparisons adds the methods of values that have an order.
func addComparisons(m methods) {
	for name, holds := range map[string]func(order int) bool{
		"<":  func(order int) bool { return order < 0 },
		"<=": func(order int) bool { return order <= 0 },
		">":  func(order int) bool { return order > 0 },
		">=": func(order int) bool { return order >= 0 },
	} {
		m[name] = method{1, 1, func(c *call) any { return holds(c.order(c.self, c.args[0])) }}
	}
}

// order compares values and fails if they have no order.
func (c *call) order(a, b any) int {
	order, ok := compare(a, b)
	if !ok {
		if a != nil && b != nil {
			unsupported(c.at, "", "comparing %s with %s is not supported", className(a), className(b))
		}
		c.raise("ArgumentError", "comparison of %s with %s failed", described(a), described(b))
	}
	return order
}
