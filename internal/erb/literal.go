package erb

import (
	"strings"
)

// quoting says how a literal is written.
type quoting struct {
	open, close byte // open is 0 where brackets do not nest
	plain       bool // no #{}, and only \\ and an escaped quote are escapes
	pattern     bool // a regular expression: escapes stay as they are
}

// quoted reads a literal up to its closing quote.
func (x *lexer) quoted(q quoting) []part {
	begin := x.pos - 1
	var all []part
	var text strings.Builder
	for depth := 0; ; {
		c := x.peek(0)
		switch {
		case x.pos >= len(x.code):
			x.pos = begin
			x.fail("what is quoted here is not closed")
		case c == q.close && depth == 0:
			x.pos++
			return append(all, part{text: text.String()})
		case c == '\\':
			text.WriteString(x.escape(q))
			continue
		case c == '#' && x.peek(1) == '{' && !q.plain:
			all = append(all, part{text: text.String()}, part{code: x.interpolated()})
			text.Reset()
			continue
		case q.open != 0 && c == q.open:
			depth++
		case c == q.close:
			depth--
		}
		text.WriteByte(c)
		x.pos++
	}
}

// interpolated reads the code inside #{}.
func (x *lexer) interpolated() []token {
	inner := &lexer{code: x.code, base: x.base, pos: x.pos + 2, depth: x.depth + 1}
	if inner.depth > deepest {
		x.fail("this is nested too deeply")
	}
	inner.run(true)
	x.pos = inner.pos
	return append(inner.tokens, token{kind: endToken, at: x.base + x.pos})
}

// escapes of a string in double quotes.
var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'e': "\x1b", 's': " ", '0': "\x00", '\n': ""}

// escape reads what a backslash stands for.
func (x *lexer) escape(q quoting) string {
	c := x.peek(1)
	x.pos += min(2, len(x.code)-x.pos)
	text, known := escapes[c]
	switch {
	case q.pattern && c == q.close:
		return string(c)
	case q.pattern, q.plain && c != q.close && c != '\\' && c != q.open:
		return "\\" + string([]byte{c})
	case q.plain:
		return string(c)
	case known:
		return text
	case isDigit(c) || strings.IndexByte("abcfuvxCM", c) >= 0:
		x.fail("this escape is not supported")
	}
	return string([]byte{c})
}

var brackets = map[byte]byte{'(': ')', '[': ']', '{': '}', '<': '>'}

// percent reads %w[a b] and %x(command).
func (x *lexer) percent() token {
	kind, open := x.peek(1), x.peek(2)
	q := quoting{open: open, close: brackets[open], plain: kind == 'w'}
	if q.close == 0 || kind != 'w' && kind != 'x' {
		x.fail("%% is not supported here")
	}
	x.pos += 3
	if kind == 'x' {
		return token{kind: commandToken, parts: x.quoted(q)}
	}
	words := &list{}
	for word := range strings.FieldsSeq(x.quoted(q)[0].text) {
		words.items = append(words.items, word)
	}
	return token{kind: wordsToken, value: words}
}

// regex reads a regular expression behind its opening /.
func (x *lexer) regex(q quoting) token {
	t := token{kind: regexToken, parts: x.quoted(q)}
	t.text = x.word()
	return t
}
