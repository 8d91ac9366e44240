package erb

import (
	"strings"
)

// percentLiteral reports whether a literal such as %w[a b] begins here, and not a remainder.
func (p *parser) percentLiteral() bool {
	c := p.peek(1)
	if strings.IndexByte("wWiIqQxrs", c) >= 0 && c != 0 {
		c = p.peek(2)
		return c != 0 && !isWord(c) && !isBlank(c)
	}
	return c != 0 && strings.IndexByte("([{<|!/^", c) >= 0
}

var brackets = map[byte]byte{'(': ')', '[': ']', '{': '}', '<': '>'}

// percent reads a literal that begins with %.
func (p *parser) percent() expr {
	at := p.at()
	p.pos++
	kind := byte('Q')
	if isWord(p.peek(0)) {
		kind = p.peek(0)
		p.pos++
	}
	q := quoting{close: p.peek(0), plain: kind == 'q' || kind == 'w' || kind == 'i' || kind == 's'}
	if other, isBracket := brackets[q.close]; isBracket {
		q.open, q.close = q.close, other
	}
	p.pos++
	switch kind {
	case 'r':
		return p.regexp(q.open, q.close)
	case 'w', 'W', 'i', 'I':
		return p.wordList(at, q, kind == 'i' || kind == 'I')
	}
	parts := p.parts(q)
	switch kind {
	case 'x':
		return command(at, parts)
	case 's':
		return constant(at, symbol(parts[0].text))
	}
	return interpolation(at, parts)
}

// wordList is a list of the words between the brackets. Blanks of code in #{} separate none.
func (p *parser) wordList(at int, q quoting, symbols bool) expr {
	words := [][]part{nil}
	for _, part := range p.parts(q) {
		if part.code != nil {
			words[len(words)-1] = append(words[len(words)-1], part)
			continue
		}
		words = appendWords(words, part.text)
	}
	var items []argument
	for _, word := range words {
		if len(word) == 0 {
			continue
		}
		item := interpolation(at, word)
		if symbols {
			item = expr{at: at, eval: func(f *frame) any { return symbol(interpolation(at, word).eval(f).(string)) }}
		}
		items = append(items, argument{expr: item})
	}
	return listOf(at, items)
}

// appendWords adds the words of text; the first one continues the last one before it.
func appendWords(words [][]part, text string) [][]part {
	for text != "" {
		end := strings.IndexAny(text, " \t\r\n")
		if end != 0 {
			word := text
			if end > 0 {
				word = text[:end]
			}
			words[len(words)-1] = append(words[len(words)-1], part{text: word})
		}
		if end < 0 {
			return words
		}
		text = strings.TrimLeft(text[end:], " \t\r\n")
		words = append(words, nil)
	}
	return words
}
