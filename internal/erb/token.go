package erb

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind says what a token is.
type tokenKind int

const (
	endToken     tokenKind = iota
	newlineToken           // a newline or ;
	nameToken              // name, name?, name! or @name
	constToken             // Name or Name::Other
	keywordToken
	labelToken   // name: in a hash or an argument list
	valueToken   // a number or a symbol, in value
	stringToken  // parts
	commandToken // a command in backticks, parts
	wordsToken   // %w[…], a list in value
	regexToken   // parts, and flags in text
	operatorToken
	textToken   // text of the template
	outputToken // an output tag, in output
)

// token is the smallest unit of code.
type token struct {
	kind   tokenKind
	text   string
	at     int  // offset in the template
	spaced bool // a blank stands before it
	tight  bool // nothing separates it from the next token
	value  any
	parts  []part
	output *outputTag
}

// part is a part of a string: text, or the code inside #{}.
type part struct {
	text string
	code []token
}

// outputTag is <%= %>. In a YAML comment its failures have no effect.
type outputTag struct {
	piece
	tokens    []token
	failed    *failure // why the code has no tokens
	inComment bool
}

var keywords = []string{
	"if", "unless", "elsif", "else", "end", "then", "do", "begin", "rescue", "and", "or",
	"nil", "true", "false", "__dir__", "__FILE__",
	// not supported:
	"case", "when", "in", "ensure", "not", "next", "break", "while", "until", "for", "def", "class", "module", "return", "yield", "redo", "retry", "self", "super", "alias", "undef", "defined?",
}

// operators, longer ones first.
var operators = []string{
	"===", "<=>", "...", "||=", "&&=",
	"==", "!=", "=~", "!~", "<=", ">=", "&&", "||", "&.", "..", "**", "<<", "=>", "->", "+=", "-=", "*=", "/=",
	"+", "-", "*", "/", "%", "<", ">", "=", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}", "|", "&",
}

// deepest is how deep code may be nested.
const deepest = 200

// lexer cuts the code of one tag into tokens.
type lexer struct {
	code   string
	base   int // offset of code in the template
	pos    int
	depth  int // of #{}
	tokens []token
}

// tokenize cuts a template into tokens. A tag ends a statement, as a newline does.
func tokenize(template string) []token {
	var all []token
	for _, p := range scan(template) {
		switch p.kind {
		case textPiece:
			all = append(all, token{kind: textToken, text: p.body, at: p.begin})
		case codePiece:
			all = append(append(all, lexCode(p)...), token{kind: newlineToken, at: p.begin + len(p.body)})
		case outputPiece:
			out := &outputTag{piece: p, inComment: inComment(template, p.tag)}
			out.failed = caught(func() { out.tokens = lexCode(p) })
			all = append(all, token{kind: outputToken, at: p.tag, output: out})
		}
	}
	return append(all, token{kind: endToken, at: len(template)})
}

func lexCode(p piece) []token {
	x := &lexer{code: p.body, base: p.begin}
	x.run(false)
	return x.tokens
}

// run reads tokens to the end of the code, or to the } that closes #{}.
func (x *lexer) run(inString bool) {
	braces := 0
	for {
		spaced := x.skipBlanks()
		if x.pos >= len(x.code) {
			if inString {
				x.fail("what is quoted here is not closed")
			}
			return
		}
		switch c := x.peek(0); {
		case c == '{':
			braces++
		case c == '}' && braces == 0 && inString:
			x.pos++
			return
		case c == '}':
			braces--
		}
		begin := x.pos
		t := x.next(spaced)
		t.at, t.spaced = x.base+begin, spaced
		t.tight = !isBlank(x.peek(0))
		x.tokens = append(x.tokens, t)
	}
}

func (x *lexer) fail(format string, args ...any) { unsupported(x.base+x.pos, "", format, args...) }

func (x *lexer) rest() string { return x.code[x.pos:] }

// peek is the byte n further on, 0 behind the end.
func (x *lexer) peek(n int) byte {
	if x.pos+n >= len(x.code) || x.pos+n < 0 {
		return 0
	}
	return x.code[x.pos+n]
}

// skipBlanks skips blanks, comments, and newlines before a line that goes on with a dot.
func (x *lexer) skipBlanks() bool {
	begin := x.pos
	for x.pos < len(x.code) {
		switch c := x.peek(0); {
		case c == ' ' || c == '\t' || c == '\r':
			x.pos++
		case strings.HasPrefix(x.rest(), "\\\n"):
			x.pos += 2
		case c == '#':
			line, _, _ := strings.Cut(x.rest(), "\n")
			x.pos += len(line)
		case c == '\n' && x.continues():
			x.pos++
		default:
			return x.pos > begin
		}
	}
	return true
}

// continues reports whether the next line of code begins with a call: .name or &.name.
func (x *lexer) continues() bool {
	for line := range strings.Lines(x.rest()[1:]) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			return strings.HasPrefix(line, "&.") || line[0] == '.' && !strings.HasPrefix(line, "..")
		}
	}
	return false
}

// next reads one token.
func (x *lexer) next(spaced bool) token {
	c := x.peek(0)
	switch {
	case c == '\n' || c == ';':
		x.pos++
		return token{kind: newlineToken}
	case isDigit(c):
		return x.number()
	case c == '"' || c == '\'':
		x.pos++
		return token{kind: stringToken, parts: x.quoted(quoting{close: c, plain: c == '\''})}
	case c == '`':
		x.pos++
		return token{kind: commandToken, parts: x.quoted(quoting{close: c})}
	case c == ':' && isLetter(x.peek(1)) && !x.afterValue(spaced):
		return x.symbol()
	case c == '/' && !x.afterValue(spaced):
		x.pos++
		return x.regex(quoting{close: '/', pattern: true})
	case c == '%' && !x.afterValue(spaced):
		return x.percent()
	case c == '@' && isLetter(x.peek(1)):
		x.pos++
		return token{kind: nameToken, text: "@" + x.word()}
	case c == '$':
		unsupported(x.base+x.pos, "$", "variables with $ are not supported")
	case strings.HasPrefix(x.rest(), "<<~") || strings.HasPrefix(x.rest(), "<<-"):
		unsupported(x.base+x.pos, "<<", "heredocs are not supported")
	case isLetter(c):
		return x.name()
	}
	return x.operator()
}

func (x *lexer) operator() token {
	for _, op := range operators {
		if strings.HasPrefix(x.rest(), op) {
			x.pos += len(op)
			return token{kind: operatorToken, text: op}
		}
	}
	r, _ := utf8.DecodeRuneInString(x.rest())
	x.fail("%c is not supported here", r)
	return token{}
}

// afterValue reports whether the last token ends a value, so that an operator follows. As in
// Ruby, blanks decide after a name: x /a is a call with a regular expression, x / a divides.
func (x *lexer) afterValue(spaced bool) bool {
	if len(x.tokens) == 0 {
		return false
	}
	last := x.tokens[len(x.tokens)-1]
	switch last.kind {
	case nameToken:
		return !spaced || isBlank(x.peek(1)) || x.peek(1) == '='
	case constToken, valueToken, stringToken, commandToken, wordsToken, regexToken:
		return true
	case operatorToken:
		return last.text == ")" || last.text == "]" || last.text == "}"
	case keywordToken:
		return slices.Contains([]string{"end", "nil", "true", "false", "__dir__", "__FILE__"}, last.text)
	}
	return false
}

func (x *lexer) word() string {
	begin := x.pos
	for isWord(x.peek(0)) {
		x.pos++
	}
	return x.code[begin:x.pos]
}

// name reads a name, constant, keyword or label.
func (x *lexer) name() token {
	afterDot := len(x.tokens) > 0 && x.tokens[len(x.tokens)-1].kind == operatorToken && strings.HasSuffix(x.tokens[len(x.tokens)-1].text, ".")
	text := x.word()
	if isUpper(text[0]) {
		for strings.HasPrefix(x.rest(), "::") && isUpper(x.peek(2)) {
			x.pos += 2
			text += "::" + x.word()
		}
	}
	text += x.mark()
	switch {
	case x.peek(0) == ':' && x.peek(1) != ':' && !afterDot:
		x.pos++
		return token{kind: labelToken, text: text}
	case afterDot:
		return token{kind: nameToken, text: text}
	case slices.Contains(keywords, text):
		return token{kind: keywordToken, text: text}
	case isUpper(text[0]):
		return token{kind: constToken, text: text}
	}
	return token{kind: nameToken, text: text}
}

// mark reads the ? or ! at the end of a name. In a != b it is an operator.
func (x *lexer) mark() string {
	c := x.peek(0)
	if c != '?' && c != '!' || x.peek(1) == '=' && x.peek(2) != '=' {
		return ""
	}
	x.pos++
	return string(c)
}

func (x *lexer) symbol() token {
	x.pos++
	return token{kind: valueToken, value: symbol(x.word() + x.mark())}
}

// plainDecimal matches numbers that Ruby writes as they are written here.
var plainDecimal = regexp.MustCompile(`^(0|[1-9][0-9]{0,9})\.(0|[0-9]{0,3}[1-9])$`)

// number reads an integer, or a number with a decimal point.
func (x *lexer) number() token {
	begin := x.pos
	for isWord(x.peek(0)) || x.peek(0) == '.' && isDigit(x.peek(1)) {
		x.pos++
	}
	text := x.code[begin:x.pos]
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return token{kind: valueToken, value: int(i)}
	}
	if plainDecimal.MatchString(text) {
		return token{kind: valueToken, value: decimal(text)}
	}
	x.pos = begin
	x.fail("the number %s is not supported", text)
	return token{}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0 }

// isLetter reports whether a byte begins a name. As in Ruby, bytes of other alphabets do.
func isLetter(c byte) bool { return isWord(c) && !isDigit(c) }

func isWord(c byte) bool {
	return c == '_' || isDigit(c) || isUpper(c) || c >= 'a' && c <= 'z' || c >= utf8.RuneSelf
}
