package erb

import (
	"maps"
	"slices"
	"strings"
)

// parser turns tokens into nodes. Its methods are named after what they read.
type parser struct {
	tokens []token
	pos    int
	vars   map[string]bool // names that are variables from here on
	depth  int             // of nested code
}

// parse reads a whole template.
func parse(template string) (program node, err *failure) {
	err = caught(func() {
		p := &parser{tokens: tokenize(template), vars: map[string]bool{}}
		program = p.statements(0)
	})
	return program, err
}

// inner reads tokens of their own: those of an output tag or of #{}.
func (p *parser) inner(tokens []token) node {
	own := parser{tokens: tokens, vars: p.vars, depth: p.depth}
	return own.statements(0)
}

// nested counts how deep code is nested. It returns the end of the nesting.
func (p *parser) nested() func() {
	p.depth++
	if p.depth > deepest {
		p.fail("this is nested too deeply")
	}
	return func() { p.depth-- }
}

// fail reports that the code is not supported.
func (p *parser) fail(format string, args ...any) {
	unsupported(p.at(), p.peek().text, format, args...)
}

func (p *parser) at() int { return p.peek().at }

// peek is the next token.
func (p *parser) peek() token { return p.ahead(0) }

func (p *parser) ahead(n int) token {
	if p.pos+n < len(p.tokens) {
		return p.tokens[p.pos+n]
	}
	t := token{kind: endToken}
	if len(p.tokens) > 0 {
		t.at = p.tokens[len(p.tokens)-1].at
	}
	return t
}

func (t token) isOperator(text string) bool { return t.kind == operatorToken && t.text == text }
func (t token) isKeyword(text string) bool  { return t.kind == keywordToken && t.text == text }

// operator takes an operator if it is next.
func (p *parser) operator(text string) bool {
	if !p.peek().isOperator(text) {
		return false
	}
	p.pos++
	return true
}

// keyword takes a keyword if it is next.
func (p *parser) keyword(text string) bool {
	if !p.peek().isKeyword(text) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(text string) {
	p.skipNewlines()
	if t := p.peek(); !t.isOperator(text) && !t.isKeyword(text) {
		p.fail("%s is missing before %s", text, t.shown())
	}
	p.pos++
}

// shown is the token in messages.
func (t token) shown() string {
	switch t.kind {
	case endToken, newlineToken:
		return "the end of the line"
	case textToken:
		return "the end of the tag"
	case stringToken, commandToken:
		return "the quoted text"
	case valueToken, wordsToken, regexToken, outputToken:
		return "this value"
	}
	return t.text
}

func (p *parser) skipNewlines() {
	for p.peek().kind == newlineToken {
		p.pos++
	}
}

// statements reads up to one of the keywords or brackets that stop it, which it leaves there;
// without any, to the end. begin is where the construct begins that they belong to.
func (p *parser) statements(begin int, stops ...string) node {
	defer p.nested()()
	var all []statement
	for {
		p.skipNewlines()
		t := p.peek()
		switch {
		case (t.kind == keywordToken || t.kind == operatorToken) && slices.Contains(stops, t.text),
			t.kind == endToken && len(stops) == 0:
			return sequence(all)
		case t.kind == endToken:
			unsupported(begin, "", "the %s of this is missing", stops[len(stops)-1])
		case t.kind == textToken:
			p.pos++
			all = append(all, statement{t.at, templateText(t)})
			continue
		case t.kind == outputToken:
			p.pos++
			all = append(all, statement{t.at, p.outputTag(t.output)})
			continue
		}
		all = append(all, statement{t.at, p.statement()})
		if t := p.peek(); !t.endsStatement() && !slices.Contains(stops, t.text) {
			p.fail("%s is not supported here", t.shown())
		}
	}
}

func (t token) endsStatement() bool {
	return t.kind == newlineToken || t.kind == endToken || t.kind == textToken || t.kind == outputToken
}

// statement reads one, with the conditions behind it.
func (p *parser) statement() node {
	n := p.condition()
	for {
		switch {
		case p.keyword("if"):
			n = ifElse(p.condition(), n, nothing)
		case p.keyword("unless"):
			n = ifElse(p.condition(), nothing, n)
		case p.keyword("rescue"):
			n = rescued(n, []rescueClause{{body: p.condition()}})
		default:
			return n
		}
	}
}

// outputTag reads the code of <%= %>. Its failures do not end the template: all are reported
// together.
func (p *parser) outputTag(tag *outputTag) node {
	value, failed := nothing, tag.failed
	if failed == nil {
		failed = caught(func() {
			value = p.inner(append(tag.tokens, token{kind: endToken, at: tag.begin + len(tag.body)}))
		})
	}
	if failed != nil && !tag.inComment {
		panic(failed)
	}
	return output(tag, value)
}

// declare notes that a name is a variable.
func (p *parser) declare(to place) {
	if v, isName := to.(*variable); isName {
		p.vars[v.name] = true
	}
}

// condition reads expressions joined by and, or.
func (p *parser) condition() node {
	left := p.expression()
	for {
		switch {
		case p.keyword("and"):
			left = and(left, p.expression())
		case p.keyword("or"):
			left = or(left, p.expression())
		default:
			return left
		}
	}
}

// block reads { |x| … } or do |x| … end; it is nil where none follows.
func (p *parser) block() *blockNode {
	begin := p.at()
	closing := "}"
	switch {
	case p.operator("{"):
	case p.keyword("do"):
		closing = "end"
	default:
		return nil
	}
	outer := p.vars
	p.vars = maps.Clone(outer)
	b := &blockNode{at: begin, params: p.params()}
	b.body = p.statements(begin, closing)
	p.pos++
	p.vars = outer
	return b
}

// params reads the parameters of a block.
func (p *parser) params() []string {
	if p.operator("||") || !p.operator("|") {
		return nil
	}
	var all []string
	for !p.operator("|") {
		t := p.peek()
		if t.kind != nameToken || strings.HasPrefix(t.text, "@") {
			p.fail("%s is not supported as the parameter of a block", t.shown())
		}
		p.pos++
		p.vars[t.text] = true
		all = append(all, t.text)
		if !p.peek().isOperator("|") {
			p.expect(",")
		}
	}
	return all
}
