package secrets

import (
	"fmt"
	"regexp"
	"strings"
)

// expand expands the commands and variables of a value, unless it is in single quotes. It does not expand the
// output of commands. begin is the offset of the entry, for errors.
func (p *parser) expand(v raw, begin int) (string, error) {
	if v.quote == '\'' {
		return v.text, nil
	}
	return p.fill(unescape(v.text, v.quote == '"'), v.quote == '"', begin)
}

// fill is expand for text in which only the backslashes before $ are left.
func (p *parser) fill(rest string, quoted bool, begin int) (string, error) {
	var out strings.Builder
	for {
		at := strings.IndexByte(rest, '$')
		if at < 0 {
			out.WriteString(rest)
			return out.String(), nil
		}
		if at > 0 && rest[at-1] == '\\' {
			out.WriteString(rest[:at-1] + "$")
			rest = rest[at+1:]
			continue
		}
		out.WriteString(rest[:at])
		text, length, err := p.dollar(rest[at:], quoted, begin)
		if err != nil {
			return "", err
		}
		out.WriteString(text)
		rest = rest[at+length:]
	}
}

// unescape removes the backslashes that escape a character. It keeps those before $, which fill needs, and in
// double quotes those of \n and \r.
func unescape(text string, quoted bool) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
			if text[i] == '$' || quoted && (text[i] == 'n' || text[i] == 'r') {
				out.WriteByte('\\')
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

var reference = regexp.MustCompile(`^\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))`)

// dollar returns the value of the $… at the beginning of text, and its length in bytes.
func (p *parser) dollar(text string, quoted bool, begin int) (value string, length int, err error) {
	if end := commandEnd(text[1:]); end >= 0 {
		value, err = p.command(text[2:1+end], begin)
		return value, end + 2, err
	}
	if strings.HasPrefix(text, "$(") {
		return "", 0, p.fail(begin, "the $( is not closed: close it, or put a value that has one in single quotes", nil)
	}
	if strings.HasPrefix(text, "${") {
		b, ok := readBraced(text, quoted)
		if !ok {
			return "", 0, p.fail(begin, `a "${" begins none of ${NAME}, ${NAME:-default} and ${NAME:?message}: write \${ for the characters themselves, or put the value in single quotes`, nil)
		}
		value, err = p.fillBraced(b, quoted, begin)
		return value, b.length, err
	}
	if m := reference.FindStringSubmatch(text); m != nil {
		return p.noted(m[2]), len(m[0]), nil
	}
	return "$", 1, nil
}

func (p *parser) command(source string, begin int) (string, error) {
	out, err := p.output(source)
	if err != nil {
		text := fmt.Sprintf("the command %q: %s", inShort(source), hide(err.Error(), p.set))
		return "", p.fail(begin, text, err)
	}
	if out == "" {
		p.why = append(p.why, fmt.Sprintf("the command %q prints nothing", inShort(source)))
	}
	return out, nil
}

// inShort returns the program of a command, for errors. The other words may be secrets.
func inShort(command string) string {
	words := strings.Fields(command)
	switch {
	case len(words) == 0:
		return ""
	case !program.MatchString(words[0]):
		return "…"
	case len(words) == 1:
		return words[0]
	}
	return words[0] + " …"
}

var program = regexp.MustCompile(`^[\w./-]{1,100}$`)

// commandEnd returns the index of the parenthesis that closes the one at the beginning of text, -1 if there is
// none. It ignores parentheses in quotes, unless no other one closes it.
func commandEnd(text string) int {
	if !strings.HasPrefix(text, "(") {
		return -1
	}
	if end := parenthesis(text, true); end >= 0 {
		return end
	}
	return parenthesis(text, false)
}

func parenthesis(text string, quotes bool) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '(':
			depth++
		case c == ')':
			depth--
			if depth == 0 {
				return i
			}
		case quotes && (c == '\'' || c == '"'):
			end := closing(text[i:], c, c == '"', true)
			if end < 0 {
				return -1
			}
			i += end
		}
	}
	return -1
}
