package erb

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// textForms give a text another form.
func textForms() methods {
	next := onText(successor)
	return methods{
		"strip":      onText(strip),
		"lstrip":     onText(func(s string) string { return strings.TrimLeft(s, white) }),
		"rstrip":     onText(func(s string) string { return strings.TrimRight(s, white) }),
		"squish":     onText(func(s string) string { return strings.Join(strings.Fields(s), " ") }),
		"chomp":      {0, 1, chomp},
		"chop":       onText(chop),
		"chr":        onText(func(s string) string { return s[:firstSize(s)] }),
		"downcase":   onText(strings.ToLower),
		"upcase":     onText(strings.ToUpper),
		"swapcase":   onText(swapCase),
		"capitalize": onText(capitalize),
		"titleize": onText(func(s string) string {
			return mapWords(strings.ReplaceAll(underscore(s), "_", " "), capitalize)
		}),
		"underscore":   onText(underscore),
		"dasherize":    onText(func(s string) string { return strings.ReplaceAll(s, "_", "-") }),
		"parameterize": onText(parameterize),
		"camelize": onText(func(s string) string {
			return strings.ReplaceAll(mapWords(strings.ReplaceAll(s, "_", " "), upperFirst), " ", "")
		}),
		"humanize": onText(func(s string) string {
			return capitalize(strings.ReplaceAll(strings.TrimSuffix(s, "_id"), "_", " "))
		}),
		"reverse": onText(reverse),
		"succ":    next, "next": next,
	}
}

// textLayouts fill, pad and shorten.
func textLayouts() methods {
	return methods{
		"delete":   {1, 1, func(c *call) any { return deleteChars(c) }},
		"squeeze":  {0, 1, squeeze},
		"tr":       {2, 2, func(c *call) any { return transliterate(c) }},
		"ljust":    {1, 2, func(c *call) any { return c.padded(func(n int) (int, int) { return 0, n }) }},
		"rjust":    {1, 2, func(c *call) any { return c.padded(func(n int) (int, int) { return n, 0 }) }},
		"center":   {1, 2, func(c *call) any { return c.padded(func(n int) (int, int) { return n / 2, n - n/2 }) }},
		"casecmp?": {1, 1, func(c *call) any { return strings.EqualFold(c.self.(string), c.text(0)) }},
		"casecmp": {1, 1, func(c *call) any {
			return strings.Compare(strings.ToLower(c.self.(string)), strings.ToLower(c.text(0)))
		}},
		"encode": {0, 2, func(c *call) any { return c.self }}, "force_encoding": {1, 1, func(c *call) any { return c.self }},
		"unicode_normalize": {0, 1, func(c *call) any { return c.self }}, "scrub": {0, 0, func(c *call) any { return c.self }},
		"html_safe":       {0, 0, func(c *call) any { return c.self }},
		"valid_encoding?": {0, 0, func(*call) any { return true }},
		"truncate":        {1, 2, truncate},
		"first":           {0, 1, func(c *call) any { return textStart(c) }},
		"last":            {0, 1, func(c *call) any { return textEnd(c) }},
		"shellescape":     onText(shellEscape),
		"indent":          {1, 2, indent},
	}
}

func capitalize(s string) string { return upperFirst(strings.ToLower(s)) }

func upperFirst(s string) string {
	n := firstSize(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

func mapWords(s string, change func(string) string) string {
	words := strings.Split(s, " ")
	for i, word := range words {
		words[i] = change(word)
	}
	return strings.Join(words, " ")
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

func underscore(s string) string {
	var b strings.Builder
	var before rune
	for _, r := range strings.ReplaceAll(s, "-", "_") {
		if unicode.IsUpper(r) && (unicode.IsLower(before) || unicode.IsDigit(before)) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return b.String()
}

func parameterize(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r != '-' && r != '_' && (r >= utf8.RuneSelf || !isWord(byte(r)))
	})
	return strings.Trim(strings.Join(words, "-"), "-")
}

func chomp(c *call) any {
	s := c.self.(string)
	if len(c.args) == 1 {
		return strings.TrimSuffix(s, c.text(0))
	}
	if rest, ok := strings.CutSuffix(s, "\r\n"); ok {
		return rest
	}
	if rest, ok := strings.CutSuffix(s, "\n"); ok {
		return rest
	}
	return strings.TrimSuffix(s, "\r")
}

func chop(s string) string {
	if rest, ok := strings.CutSuffix(s, "\r\n"); ok {
		return rest
	}
	_, size := utf8.DecodeLastRuneInString(s)
	return s[:len(s)-size]
}

func truncate(c *call) any {
	runes, n, end := []rune(c.self.(string)), c.int(0), "..."
	if s, ok := c.option("omission").(string); ok {
		end = s
	}
	if len(runes) <= n {
		return c.self
	}
	return string(runes[:max(0, n-utf8.RuneCountInString(end))]) + end
}

// indent puts blanks, or another text, before every line that is not empty.
func indent(c *call) any {
	fill := " "
	if len(c.args) == 2 {
		fill = c.text(1)
	}
	fill = repeated(fill, c.int(0))
	var b strings.Builder
	for line := range strings.Lines(c.self.(string)) {
		if strings.TrimRight(line, "\n") != "" {
			b.WriteString(fill)
		}
		b.WriteString(line)
	}
	return b.String()
}

// padded fills a text up to a width; split says how much of n goes to the left and to the right.
func (c *call) padded(split func(n int) (left, right int)) string {
	s, fill := c.self.(string), " "
	if len(c.args) == 2 {
		fill = c.text(1)
	}
	n := c.int(0) - utf8.RuneCountInString(s)
	if n <= 0 || fill == "" {
		return s
	}
	if n > maxText {
		limit(c.at, "this grows to more than %d bytes", maxText)
	}
	left, right := split(n)
	return filling(fill, left) + s + filling(fill, right)
}

func filling(fill string, n int) string {
	runes := []rune(fill)
	var b strings.Builder
	for i := range n {
		b.WriteRune(runes[i%len(runes)])
	}
	return b.String()
}

// shellEscape makes one word for a shell of a text.
func shellEscape(s string) string {
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString("'\n'")
			continue
		case r < utf8.RuneSelf && !isWord(byte(r)) && !strings.ContainsRune("-.,:+/@", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
