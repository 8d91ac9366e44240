package erb

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// on makes a method without arguments of a function on texts.
func on(do func(string) any) method {
	return method{0, 0, func(c *call) any { return do(c.self.(string)) }}
}

func onText(do func(string) string) method {
	return on(func(s string) any { return do(s) })
}

func textMethods() methods {
	return over(textJoins(), textConversions(), textForms(), textParts(), textLayouts())
}

// textJoins put texts together.
func textJoins() methods {
	return methods{
		"+":  {1, 1, func(c *call) any { return c.self.(string) + c.text(0) }},
		"*":  {1, 1, func(c *call) any { return repeated(c.self.(string), c.int(0)) }},
		"%":  {1, 1, func(c *call) any { return format(c, c.self.(string), formatArgs(c.args[0])) }},
		"<<": {1, 1, func(c *call) any { return c.self.(string) + c.text(0) }},
		"concat": {0, -1, func(c *call) any {
			s := c.self.(string)
			for i := range c.args {
				s += c.text(i)
			}
			return s
		}},
		"prepend": {1, 1, func(c *call) any { return c.text(0) + c.self.(string) }},
		"replace": {1, 1, func(c *call) any { return c.text(0) }},
		"clear":   {0, 0, func(*call) any { return "" }},
		"insert":  {2, 2, insertText},
	}
}

// textConversions make something else of a text, or measure it.
func textConversions() methods {
	length := on(func(s string) any { return utf8.RuneCountInString(s) })
	return methods{
		"to_s":   {0, 0, func(c *call) any { return c.self }},
		"to_str": {0, 0, func(c *call) any { return c.self }},
		"to_sym": on(func(s string) any { return symbol(s) }),
		"intern": on(func(s string) any { return symbol(s) }),
		"to_i":   {0, 1, textToInt},
		"to_f":   on(func(s string) any { return leadingFloat(s) }),
		"length": length, "size": length, "count": {1, 1, countChars},
		"bytesize": on(func(s string) any { return len(s) }),
		"bytes": on(func(s string) any {
			all := &array{}
			for i := range len(s) {
				all.items = append(all.items, int(s[i]))
			}
			return all
		}),
		"empty?": on(func(s string) any { return s == "" }),
	}
}

// textParts take a text apart, and ask for its parts.
func textParts() methods {
	return methods{
		"ord": on(func(s string) any {
			r, _ := utf8.DecodeRuneInString(s)
			return int(r)
		}),
		"hex": on(func(s string) any {
			n, _ := strconv.ParseInt(strings.TrimPrefix(s, "0x"), 16, 64)
			return int(n)
		}),
		"chars":         on(func(s string) any { return textList(strings.Split(s, "")) }),
		"each_char":     {0, 0, func(c *call) any { return c.eachOf(textList(strings.Split(c.self.(string), "")).items) }},
		"lines":         {0, 1, func(c *call) any { return lines(c, c.self.(string)) }},
		"each_line":     {0, 1, func(c *call) any { return c.eachOf(lines(c, c.self.(string)).items) }},
		"include?":      {1, 1, func(c *call) any { return strings.Contains(c.self.(string), c.text(0)) }},
		"exclude?":      {1, 1, func(c *call) any { return !strings.Contains(c.self.(string), c.text(0)) }},
		"start_with?":   {0, -1, func(c *call) any { return c.anyAffix(strings.HasPrefix) }},
		"end_with?":     {0, -1, func(c *call) any { return c.anyAffix(strings.HasSuffix) }},
		"starts_with?":  {0, -1, func(c *call) any { return c.anyAffix(strings.HasPrefix) }},
		"ends_with?":    {0, -1, func(c *call) any { return c.anyAffix(strings.HasSuffix) }},
		"delete_prefix": {1, 1, func(c *call) any { return strings.TrimPrefix(c.self.(string), c.text(0)) }},
		"delete_suffix": {1, 1, func(c *call) any { return strings.TrimSuffix(c.self.(string), c.text(0)) }},
	}
}

// white is what strip takes away.
const white = " \t\n\v\f\r\x00"

func strip(s string) string { return strings.Trim(s, white) }

// formatArgs are the values of a format: those of a list, or the one value that is given.
func formatArgs(v any) []any {
	if list, ok := v.(*array); ok {
		return list.items
	}
	return []any{v}
}

func firstSize(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}

func reverse(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func textList(all []string) *array {
	list := &array{items: make([]any, len(all))}
	for i, s := range all {
		list.items[i] = s
	}
	return list
}

// lines are those of a text, each with its end unless chomp: true takes that away.
func lines(c *call, s string) *array {
	all := &array{}
	for line := range strings.Lines(s) {
		if truthy(c.option("chomp")) {
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		}
		all.items = append(all.items, line)
	}
	return all
}

func (c *call) anyAffix(has func(s, affix string) bool) bool {
	for i, arg := range c.args {
		if r, ok := arg.(*regex); ok {
			if m := c.f.in.match(r, c.self.(string)); m != nil && m.places[0] == 0 && c.name[0] == 's' {
				return true
			}
			continue
		}
		if has(c.self.(string), c.text(i)) {
			return true
		}
	}
	return false
}

func textToInt(c *call) any {
	base := 10
	if len(c.args) == 1 {
		if base = c.int(0); base < 2 || base > 36 {
			c.raise("ArgumentError", "invalid radix %d", base)
		}
	}
	return leadingInt(c.self.(string), base)
}

// leadingInt is the number that a text begins with, 0 without one.
func leadingInt(s string, base int) int {
	s = strings.ReplaceAll(strings.TrimLeft(s, white), "_", "")
	end := 0
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		end = 1
	}
	for end < len(s) {
		if _, err := strconv.ParseInt(s[end:end+1], base, 64); err != nil {
			break
		}
		end++
	}
	n, _ := strconv.ParseInt(s[:end], base, 64)
	return int(n)
}

func leadingFloat(s string) float64 {
	s = strings.ReplaceAll(strings.TrimLeft(s, white), "_", "")
	for end := min(len(s), 64); end > 0; end-- {
		if last := s[end-1]; last != '.' && isDigit(last) {
			if n, err := strconv.ParseFloat(s[:end], 64); err == nil {
				return n
			}
		}
	}
	return 0
}

func insertText(c *call) any {
	runes, at := []rune(c.self.(string)), c.int(0)
	if at < 0 {
		at += len(runes) + 1
	}
	if at < 0 || at > len(runes) {
		c.raise("IndexError", "index %d out of string", c.int(0))
	}
	return string(runes[:at]) + c.text(1) + string(runes[at:])
}

func textStart(c *call) string {
	runes, n := []rune(c.self.(string)), 1
	if len(c.args) == 1 {
		n = c.int(0)
	}
	return string(runes[:max(0, min(n, len(runes)))])
}

func textEnd(c *call) string {
	runes, n := []rune(c.self.(string)), 1
	if len(c.args) == 1 {
		n = c.int(0)
	}
	return string(runes[len(runes)-max(0, min(n, len(runes))):])
}
