package erb

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// part is a part of a literal: text, or code in #{}.
type part struct {
	text string
	code *expr
}

// quoting is how a literal is written.
type quoting struct {
	open, close byte // open is that of brackets, which nest
	end         int  // of a heredoc: the position behind it, in place of close
	plain       bool // only close and \ have a meaning
	pattern     bool // of a regular expression: escapes stay
	indent      int  // how many blanks a line loses at its beginning
}

// strings reads a text in quotes, a command in backticks, and texts that follow each other.
func (p *parser) strings() expr {
	at := p.at()
	quote := p.peek(0)
	p.pos++
	parts := p.parts(quoting{close: quote, plain: quote == '\''})
	if quote == '`' {
		return command(at, parts)
	}
	for {
		begin := p.pos
		p.blanks()
		if c := p.peek(0); c != '"' && c != '\'' {
			p.pos = begin
			return interpolation(at, parts)
		}
		quote = p.peek(0)
		p.pos++
		parts = append(parts, p.parts(quoting{close: quote, plain: quote == '\''})...)
	}
}

// interpolation is the text that the parts make.
func interpolation(at int, parts []part) expr {
	return expr{at: at, eval: func(f *frame) any {
		var b strings.Builder
		for _, part := range parts {
			if part.code == nil {
				b.WriteString(part.text)
				continue
			}
			b.WriteString(f.in.toText(part.code.eval(f), at))
			if b.Len() > maxText {
				limit(at, "this grows to more than %d bytes", maxText)
			}
		}
		return b.String()
	}}
}

// command is the output of a command.
func command(at int, parts []part) expr {
	line := interpolation(at, parts)
	return expr{at: at, eval: func(f *frame) any { return f.in.run(at, line.eval(f).(string)) }}
}

// parts reads a literal up to its end, which it takes.
func (p *parser) parts(q quoting) []part {
	at := p.at()
	var all []part
	var b strings.Builder
	depth := 0
	for q.end == 0 || p.pos < q.end {
		c := p.peek(0)
		if p.pos >= len(p.piece.body) {
			beyond(at, "what is quoted here is not closed")
		}
		if q.end == 0 && c == q.close && depth == 0 {
			p.pos++
			break
		}
		switch {
		case c == q.open && q.open != 0:
			depth++
		case c == q.close && q.end == 0:
			depth--
		case c == '\\':
			b.WriteString(p.escape(q))
			continue
		case c == '#' && p.peek(1) == '{' && !q.plain:
			all = append(all, part{text: b.String()}, p.embedded())
			b.Reset()
			continue
		}
		b.WriteByte(c)
		p.pos++
		if c == '\n' {
			p.unindent(q)
		}
	}
	return append(all, part{text: b.String()})
}

// unindent skips the blanks that a line of a heredoc loses.
func (p *parser) unindent(q quoting) {
	for n := 0; n < q.indent && p.pos < q.end && (p.peek(0) == ' ' || p.peek(0) == '\t'); n++ {
		p.pos++
	}
}

// embedded reads #{code}.
func (p *parser) embedded() part {
	at := p.at()
	p.pos += 2
	var code expr
	p.inside(func() { code = p.body(at, "}") })
	p.pos++
	return part{code: &code}
}

var shortEscapes = map[byte]string{
	'n': "\n", 't': "\t", 's': " ", 'r': "\r", '0': "\x00", 'e': "\x1b", 'a': "\a", 'b': "\b", 'v': "\v", 'f': "\f", '\n': "",
}

// escape reads a backslash and what it stands for.
func (p *parser) escape(q quoting) string {
	c := p.peek(1)
	raw := p.rest()[:min(2, len(p.rest()))]
	p.pos += len(raw)
	switch {
	case q.pattern && c == '/':
		return "/"
	case q.pattern:
		return raw
	case q.plain && (c == '\\' || c == q.close && q.end == 0 || c == q.open && c != 0):
		return string(c)
	case q.plain:
		return raw
	case c == 'u' || c == 'x':
		return p.codePoint(c)
	}
	if short, found := shortEscapes[c]; found {
		return short
	}
	if len(raw) < 2 || c >= utf8.RuneSelf {
		return strings.TrimPrefix(raw, "\\")
	}
	return string(c)
}

// codePoint reads what follows \u or \x.
func (p *parser) codePoint(kind byte) string {
	if kind == 'u' && p.take("{") {
		hex, _, _ := strings.Cut(p.rest(), "}")
		p.pos += min(len(hex)+1, len(p.rest()))
		var b strings.Builder
		for one := range strings.FieldsSeq(hex) {
			b.WriteString(p.character(one))
		}
		return b.String()
	}
	most := map[byte]int{'u': 4, 'x': 2}[kind]
	n := 0
	for n < most && n < len(p.rest()) && strings.IndexByte("0123456789abcdefABCDEF", p.peek(n)) >= 0 {
		n++
	}
	hex := p.rest()[:n]
	p.pos += n
	return p.character(hex)
}

func (p *parser) character(hex string) string {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || n > utf8.MaxRune {
		p.fail("this is the code of no character")
	}
	return string(rune(n))
}
