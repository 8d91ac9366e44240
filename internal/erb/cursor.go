package erb

import (
	"strings"
	"unicode/utf8"
)

// parser reads the code of a template. It has no lexer of its own: what a character of Ruby
// means depends on what can stand there.
type parser struct {
	pieces []piece
	next   int // the piece that follows
	piece  piece
	pos    int  // in the body of piece
	sealed bool // what is being read must end in this piece

	vars    map[string]bool // names that are variables, as far as one has read
	skips   map[int]int     // newlines behind which a heredoc stands, and where that ends
	depth   int
	noDo    int  // do belongs to whatever is around: while x do, puts x do
	listed  bool // a statement begins: commas make a list of what is assigned
	noColon int  // a colon with no blank behind belongs to ?: around
}

// expr is a piece of code, ready to be evaluated.
type expr struct {
	eval func(*frame) any
	set  func(*frame, any) // nil where nothing can be assigned to
	name string            // of an identifier that stands alone
	at   int
}

const deepest = 200 // how deep code may be nested

// nested counts the depth of what is being read. It returns what ends the nesting.
func (p *parser) nested() func() {
	p.depth++
	if p.depth > deepest {
		p.fail("is nested too deeply")
	}
	return func() { p.depth-- }
}

func (p *parser) rest() string { return p.piece.body[p.pos:] }

// at is the place in the template.
func (p *parser) at() int { return p.piece.begin + p.pos }

// fail says that the code cannot be understood.
func (p *parser) fail(format string, args ...any) { beyond(p.at(), format, args...) }

func (p *parser) has(text string) bool { return strings.HasPrefix(p.rest(), text) }

func (p *parser) take(text string) bool {
	if !p.has(text) {
		return false
	}
	p.pos += len(text)
	return true
}

func (p *parser) expect(text string) {
	p.gap()
	if !p.take(text) {
		p.fail("there should be a %s here, not %s", text, p.found())
	}
}

// found is what stands here, for messages.
func (p *parser) found() string {
	rest := p.rest()
	switch word := p.peekWord(); {
	case strings.TrimSpace(rest) == "":
		return "the end of the tag"
	case word != "":
		return word
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return string(r)
}

// peek is the byte n further on, 0 behind the end.
func (p *parser) peek(n int) byte {
	if p.pos+n >= len(p.piece.body) || p.pos+n < 0 {
		return 0
	}
	return p.piece.body[p.pos+n]
}

// blanks skips what separates the words of a line.
func (p *parser) blanks() {
	for {
		switch {
		case p.peek(0) == ' ', p.peek(0) == '\t', p.peek(0) == '\r':
			p.pos++
		case p.has("\\\n"):
			p.pos += 2
		case p.has("\\\r\n"):
			p.pos += 3
		default:
			return
		}
	}
}

// comment skips one, up to the end of its line.
func (p *parser) comment() {
	if p.peek(0) != '#' {
		return
	}
	line, _, _ := strings.Cut(p.rest(), "\n")
	p.pos += len(line)
}

// newline skips one, and the heredocs behind it.
func (p *parser) newline() bool {
	if p.peek(0) != '\n' {
		return false
	}
	if end, found := p.skips[p.at()]; found {
		p.pos = end - p.piece.begin
		return true
	}
	p.pos++
	return true
}

// gap skips blanks, comments and newlines.
func (p *parser) gap() {
	for {
		p.blanks()
		p.comment()
		if !p.newline() {
			return
		}
	}
}

// peekWord is the identifier or keyword that begins here, without ? and !; "" when none does.
func (p *parser) peekWord() string {
	rest := p.rest()
	end := 0
	for end < len(rest) && (isWord(rest[end]) && (end > 0 || !isDigit(rest[end]))) {
		end++
	}
	return rest[:end]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 }

// isWord holds for bytes of identifiers; those of other alphabets count, as in Ruby.
func isWord(c byte) bool {
	return c == '_' || isDigit(c) || isUpper(c) || c >= 'a' && c <= 'z' || c >= utf8.RuneSelf
}

// keyword takes a word if it is this one.
func (p *parser) keyword(word string) bool {
	if !p.atKeyword(word) {
		return false
	}
	p.pos += len(word)
	return true
}

// atKeyword: a label, such as if: in a hash, is none, and neither is if?.
func (p *parser) atKeyword(word string) bool {
	if p.peekWord() != word {
		return false
	}
	after := p.peek(len(word))
	return after != '?' && after != '!' && (after != ':' || p.peek(len(word)+1) == ':')
}

// methodName takes an identifier with its ? or !.
func (p *parser) methodName() string {
	word := p.peekWord()
	p.pos += len(word)
	if word == "" || p.peek(0) != '?' && p.peek(0) != '!' {
		return word
	}
	if after := p.peek(1); after == '=' && p.peek(2) != '=' && p.peek(2) != '~' && p.peek(2) != '>' {
		return word // a != b
	}
	p.pos++
	return word + string(p.piece.body[p.pos-1])
}
