package erb

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// patternMethods are the methods of texts that take a regular expression.
func patternMethods() methods {
	return methods{
		"[]":     {1, 2, textIndex},
		"slice":  {1, 2, textIndex},
		"=~":     {1, 1, textMatchPlace},
		"match?": {1, 1, func(c *call) any { return c.f.in.match(c.pattern(), c.self.(string)) != nil }},
		"match": {1, 1, func(c *call) any {
			return matchOrNil(c.f.in.match(c.pattern(), c.self.(string)))
		}},
		"sub":   {1, 2, func(c *call) any { return substitute(c, 1) }},
		"gsub":  {1, 2, func(c *call) any { return substitute(c, -1) }},
		"scan":  {1, 1, scanText},
		"split": {0, 2, split},
		"partition": {1, 1, func(c *call) any {
			if m := c.f.in.match(c.pattern(), c.self.(string)); m != nil {
				return textList([]string{m.in[:m.places[0]], m.text(0), m.in[m.places[1]:]})
			}
			return textList([]string{c.self.(string), "", ""})
		}},
		"rpartition": {1, 1, func(c *call) any {
			s, by := c.self.(string), c.text(0)
			i := strings.LastIndex(s, by)
			if i < 0 {
				return textList([]string{"", "", s})
			}
			return textList([]string{s[:i], by, s[i+len(by):]})
		}},
		"index": {1, 1, textMatchPlace},
		"rindex": {1, 1, func(c *call) any {
			s := c.self.(string)
			return charIndex(s, strings.LastIndex(s, c.text(0)))
		}},
		"remove": {1, 1, func(c *call) any {
			return c.pattern().compiled.ReplaceAllString(c.self.(string), "")
		}},
	}
}

// pattern is the first argument, which is a regular expression, or a text that stands for itself.
func (c *call) pattern() *regex {
	if r, ok := c.args[0].(*regex); ok {
		return r
	}
	source := regexp.QuoteMeta(c.text(0))
	return compile(c.at, source, "")
}

// charIndex turns an index of bytes into one of characters; nil below 0.
func charIndex(s string, at int) any {
	if at < 0 {
		return nil
	}
	return utf8.RuneCountInString(s[:at])
}

func textMatchPlace(c *call) any {
	if m := c.f.in.match(c.pattern(), c.self.(string)); m != nil {
		return charIndex(m.in, m.places[0])
	}
	return nil
}

// textIndex is s[…]: by index, index and length, range, text, or regular expression and group.
func textIndex(c *call) any {
	s := c.self.(string)
	switch key := c.args[0].(type) {
	case string:
		if strings.Contains(s, key) {
			return key
		}
		return nil
	case *regex:
		return captured(c, c.f.in.match(key, s))
	case *span:
		runes := []rune(s)
		from, n, ok := key.bounds(len(runes))
		if !ok {
			return nil
		}
		return string(runes[from : from+n])
	}
	runes := []rune(s)
	count := 1
	if len(c.args) == 2 {
		count = c.int(1)
	}
	from, n, ok := window(c.int(0), count, len(runes))
	if !ok || count < 0 || len(c.args) == 1 && n == 0 {
		return nil
	}
	return string(runes[from : from+n])
}

// captured is the whole of a match, or the group that the second argument names.
func captured(c *call, m *match) any {
	if m == nil || len(c.args) == 1 {
		return m.group(0)
	}
	if name, ok := textOf(c.args[1]); ok {
		v, found := m.named(name)
		if !found {
			c.raise("IndexError", "undefined group name reference: %s", name)
		}
		return v
	}
	return m.group(c.int(1))
}

// substitute is sub and gsub: with a text, a hash or a block.
func substitute(c *call, most int) any {
	s := c.self.(string)
	all := c.f.in.matches(c.pattern(), s)
	if most > 0 {
		all = all[:min(most, len(all))]
	}
	var b strings.Builder
	at := 0
	for _, m := range all {
		b.WriteString(s[at:m.places[0]])
		c.f.in.matched = m
		b.WriteString(c.replacement(m))
		at = m.places[1]
		if b.Len() > maxText {
			limit(c.at, "this grows to more than %d bytes", maxText)
		}
	}
	b.WriteString(s[at:])
	return b.String()
}

func (c *call) replacement(m *match) string {
	if len(c.args) < 2 {
		return c.f.in.toText(c.yield(m.text(0)), c.at)
	}
	if h, ok := c.args[1].(*hash); ok {
		v, _ := h.get(m.text(0))
		return c.f.in.toText(v, c.at)
	}
	return backReferences(c.text(1), m)
}

// backReferences fills \1, \0, \\ and \k<name> in.
func backReferences(text string, m *match) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; {
		case isDigit(c):
			b.WriteString(m.text(int(c - '0')))
		case c == '&':
			b.WriteString(m.text(0))
		case c == '\\':
			b.WriteByte('\\')
		case strings.HasPrefix(text[i:], "k<") && strings.Contains(text[i:], ">"):
			name, _, _ := strings.Cut(text[i+2:], ">")
			v, _ := m.named(name)
			s, _ := v.(string)
			b.WriteString(s)
			i += len(name) + 2
		default:
			b.WriteString(text[i-1 : i+1])
		}
	}
	return b.String()
}

// scanText is all that a pattern finds: the matches, or lists of their groups.
func scanText(c *call) any {
	found := &array{}
	for _, m := range c.f.in.matches(c.pattern(), c.self.(string)) {
		var item any = m.text(0)
		if len(m.names) > 1 {
			item = &array{m.groups()}
		}
		if c.block != nil {
			c.f.in.matched = m
			c.yield(item)
		}
		found.items = append(found.items, item)
	}
	if c.block != nil {
		return c.self
	}
	return found
}

func (m *match) groups() []any {
	var all []any
	for i := 1; i < len(m.names); i++ {
		all = append(all, m.group(i))
	}
	return all
}

// split cuts a text: at white space, at a text, or at a pattern; empty texts at the end are left
// out unless there is a limit.
func split(c *call) any {
	s, most := c.self.(string), 0
	if len(c.args) == 2 {
		most = c.int(1)
	}
	all := c.pieces(s, most)
	for most == 0 && len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	c.f.in.bounded(c.at, len(all))
	return textList(all)
}

func (c *call) pieces(s string, most int) []string {
	if s == "" {
		return nil
	}
	n := most
	if most <= 0 {
		n = -1
	}
	by := c.arg(0)
	if by == nil || by == " " {
		s = strings.TrimLeft(s, white)
		if most <= 0 {
			return append(strings.Fields(s), "")
		}
		return whiteSpace.Split(s, n)
	}
	if text, ok := by.(string); ok {
		return strings.SplitN(s, text, n)
	}
	r := c.pattern()
	if r.compiled.NumSubexp() > 0 {
		beyond(c.at, "split with groups is not understood")
	}
	all := r.compiled.Split(s, n)
	return all
}

var whiteSpace = regexp.MustCompile(`[ \t\n\v\f\r]+`)

func regexMethods() methods {
	against := func(do func(c *call, r *regex, s string) any) method {
		return method{1, 1, func(c *call) any {
			s, ok := textOf(c.args[0])
			if !ok {
				c.f.in.matched = nil
				if c.args[0] == nil {
					return do(c, nil, "")
				}
				c.noConversion(c.args[0], "String")
			}
			return do(c, c.self.(*regex), s)
		}}
	}
	return methods{
		"match?": against(func(c *call, r *regex, s string) any { return r != nil && c.f.in.match(r, s) != nil }),
		"match": against(func(c *call, r *regex, s string) any {
			if r == nil {
				return nil
			}
			return matchOrNil(c.f.in.match(r, s))
		}),
		"=~": against(func(c *call, r *regex, s string) any {
			if r == nil || c.f.in.match(r, s) == nil {
				return nil
			}
			return charIndex(s, c.f.in.matched.places[0])
		}),
		"source": {0, 0, func(c *call) any { return c.self.(*regex).source }},
		"to_s":   {0, 0, func(c *call) any { return c.self.(*regex).source }},
	}
}

func matchMethods() methods {
	return methods{
		"[]": {1, 1, func(c *call) any {
			c.args = []any{nil, c.args[0]}
			return captured(c, c.self.(*match))
		}},
		"captures":   {0, 0, func(c *call) any { return &array{c.self.(*match).groups()} }},
		"to_a":       {0, 0, func(c *call) any { m := c.self.(*match); return &array{append([]any{m.group(0)}, m.groups()...)} }},
		"pre_match":  {0, 0, func(c *call) any { m := c.self.(*match); return m.in[:m.places[0]] }},
		"post_match": {0, 0, func(c *call) any { m := c.self.(*match); return m.in[m.places[1]:] }},
		"named_captures": {0, 0, func(c *call) any {
			m, h := c.self.(*match), newHash()
			for i, name := range m.names {
				if name != "" {
					h.set(name, m.group(i))
				}
			}
			return h
		}},
	}
}
