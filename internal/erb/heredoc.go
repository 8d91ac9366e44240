package erb

import (
	"regexp"
	"strings"
)

var heredocHead = regexp.MustCompile("^<<([~-]?)(?:([A-Za-z_][A-Za-z0-9_]*)|'([^'\n]+)'|\"([^\"\n]+)\")")

// atHeredoc reports whether a heredoc begins here.
func (p *parser) atHeredoc() bool {
	head := heredocHead.FindStringSubmatch(p.rest())
	return head != nil && (head[1] != "" || isUpper(cmpOr(head[2], "A")[0]))
}

// heredoc reads the head of one, and its text, which begins on the next line.
func (p *parser) heredoc() expr {
	at := p.at()
	head := heredocHead.FindStringSubmatch(p.rest())
	if head == nil || !p.atHeredoc() {
		p.fail("a value should stand here, not <<")
	}
	p.pos += len(head[0])
	behind := p.pos
	begin := p.heredocBegin(at)
	end, next := heredocEnd(p.piece.body, begin, cmpOr(head[2], head[3]+head[4]), head[1] != "")
	if end < 0 {
		beyond(at, "this text has no last line %s", cmpOr(head[2], head[3]+head[4]))
	}
	q := quoting{end: end, plain: head[3] != ""}
	if head[1] == "~" {
		q.indent = indentOf(p.piece.body[begin:end])
	}
	p.pos = begin
	parts := []part{{}}
	if end > begin {
		p.unindent(q)
		parts = p.parts(q)
	}
	p.pos = behind
	newline := p.piece.begin + behind + strings.IndexByte(p.piece.body[behind:], '\n')
	p.skips[newline] = p.piece.begin + next
	return interpolation(at, parts)
}

// heredocBegin is where the text begins: behind the line, and behind the heredocs that the line
// has already.
func (p *parser) heredocBegin(at int) int {
	newline := strings.IndexByte(p.rest(), '\n')
	if newline < 0 {
		beyond(at, "the text that begins here has no lines")
	}
	newline += p.pos
	if end, found := p.skips[p.piece.begin+newline]; found {
		return end - p.piece.begin
	}
	return newline + 1
}

// heredocEnd is where the text ends, and where the code goes on; -1 without a last line.
func heredocEnd(body string, begin int, name string, indented bool) (end, next int) {
	for at := begin; at < len(body); {
		line, _, _ := strings.Cut(body[at:], "\n")
		last := strings.TrimSuffix(line, "\r")
		if indented {
			last = strings.TrimLeft(last, " \t")
		}
		if last == name {
			return at, min(at+len(line)+1, len(body))
		}
		at += len(line) + 1
	}
	return -1, -1
}

// indentOf is the number of blanks that all lines which are not blank begin with.
func indentOf(text string) int {
	least := -1
	for line := range strings.Lines(text) {
		if short := strings.TrimLeft(line, " \t"); strings.TrimSpace(short) != "" {
			if n := len(line) - len(short); least < 0 || n < least {
				least = n
			}
		}
	}
	return max(least, 0)
}
