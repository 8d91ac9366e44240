package erb

import (
	"fmt"
	"regexp"
	"strings"
)

var directive = regexp.MustCompile(`%(?:%|([-+0 #]*)(\d+|\*)?(?:\.(\d+))?(?:([dfsixXobceEgGpu])|<(\w+)>([-+0 #]*)(\d+)?(?:\.(\d+))?([dfsixXobceEgGpu])|\{(\w+)\}))`)

// format is format and %: directives as those of printf, and names in %<name>d and %{name}.
func format(c *call, pattern string, args []any) string {
	next := 0
	var b strings.Builder
	at := 0
	for _, places := range directive.FindAllStringSubmatchIndex(pattern, -1) {
		m := &match{in: pattern, places: places}
		b.WriteString(pattern[at:places[0]])
		at = places[1]
		switch {
		case m.text(0) == "%%":
			b.WriteByte('%')
		case m.text(10) != "":
			b.WriteString(c.f.in.toText(named(c, args, m.text(10)), c.at))
		case m.text(5) != "":
			b.WriteString(formatted(c, m.text(6)+m.text(1), m.text(7), m.text(8), m.text(9), named(c, args, m.text(5))))
		default:
			if next >= len(args) {
				c.raise("ArgumentError", "too few arguments")
			}
			b.WriteString(formatted(c, m.text(1), m.text(2), m.text(3), m.text(4), args[next]))
			next++
		}
	}
	b.WriteString(pattern[at:])
	return b.String()
}

func named(c *call, args []any, name string) any {
	h, ok := nth(args, 0).(*hash)
	if !ok {
		c.raise("ArgumentError", "one hash required")
	}
	v, found := h.get(symbol(name))
	if !found {
		c.raise("KeyError", "key<%s> not found", name)
	}
	return v
}

// formatted writes one value.
func formatted(c *call, flags, width, precision, verb string, v any) string {
	if len(width) > 4 || len(precision) > 3 || width == "*" {
		beyond(c.at, "this format is not understood")
	}
	spec := "%" + flags + width
	if precision != "" {
		spec += "." + precision
	}
	switch verb {
	case "s":
		return fmt.Sprintf(spec+"s", c.f.in.toText(v, c.at))
	case "p":
		return fmt.Sprintf(spec+"s", c.f.in.inspect(v, c.at))
	case "d", "i", "u":
		return fmt.Sprintf(spec+"d", c.toInt(v))
	case "x", "X", "o", "b", "c":
		return fmt.Sprintf(spec+verb, c.toInt(v))
	}
	return fmt.Sprintf(spec+verb, c.toFloat(v))
}
