package secrets

import (
	"fmt"
	"regexp"
	"strings"
)

// braced is a ${…}: a variable, and what to do if it has no value.
type braced struct {
	name     string
	operator string // "", "-", ":-", "?" or ":?"
	word     string // after the operator: a default or an error message
	length   int    // in bytes, including the braces
}

var beginning = regexp.MustCompile(`^\$\{([A-Za-z0-9_]+)(:?[-?]|\})`)

// readBraced parses the ${…} at the beginning of text. quoted says that it is within double quotes; quotes in its
// word are then ordinary characters.
func readBraced(text string, quoted bool) (braced, bool) {
	m := beginning.FindStringSubmatch(text)
	if m == nil {
		return braced{}, false
	}
	b := braced{name: m[1], operator: m[2], length: len(m[0])}
	if b.operator == "}" {
		b.operator = ""
		return b, true
	}
	end := braceEnd(text[b.length:], quoted)
	if end < 0 {
		return braced{}, false
	}
	b.word = text[b.length : b.length+end]
	b.length += end + 1
	return b, true
}

// braceEnd returns the index of the brace that closes the ${ before text, -1 if there is none.
func braceEnd(text string, quoted bool) int {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '}':
			return i
		case strings.HasPrefix(text[i:], "$("):
			if end := commandEnd(text[i+1:]); end >= 0 {
				i += 1 + end
			}
		case strings.HasPrefix(text[i:], "${"):
			end := braceEnd(text[i+2:], quoted)
			if end < 0 {
				return -1
			}
			i += 2 + end
		case !quoted && (c == '\'' || c == '"'):
			if end := closing(text[i:], c, c == '"', true); end >= 0 {
				i += end
			}
		}
	}
	return -1
}

// fillBraced returns the value of b.
func (p *parser) fillBraced(b braced, quoted bool, begin int) (string, error) {
	value, set := p.variable(b.name)
	there := set && (value != "" || !strings.HasPrefix(b.operator, ":"))
	switch {
	case b.operator == "" || there && !p.rehearsing:
		return p.noted(b.name), nil
	case strings.HasSuffix(b.operator, "-"):
		return p.word(b.word, quoted, begin)
	case p.rehearsing: // a command may set it later
		return "", nil
	case b.word == "":
		return "", p.fail(begin, p.without(b.name), nil)
	}
	return "", p.fail(begin, fmt.Sprintf("%s: %s", b.name, b.word), nil)
}

// word expands the word of a ${…}. Outside of double quotes the word may be quoted itself.
func (p *parser) word(text string, quoted bool, begin int) (string, error) {
	if n := len(text); !quoted && n > 1 && (text[0] == '\'' || text[0] == '"') && closing(text, text[0], text[0] == '"', true) == n-1 {
		if text[0] == '\'' {
			return text[1 : n-1], nil
		}
		text, quoted = text[1:n-1], true
	}
	return p.fill(text, quoted, begin)
}

// noted returns the value of a variable, "" if it is not set. It records an empty one as the reason why the entry
// may be empty.
func (p *parser) noted(name string) string {
	value, _ := p.variable(name)
	if value == "" {
		p.why = append(p.why, p.without(name))
	}
	return value
}

// without returns the reason why a variable has no value.
func (p *parser) without(name string) string {
	if _, set := p.variable(name); set {
		return "$" + name + " is empty"
	}
	return "$" + name + " is not set"
}
