package remote

import (
	"errors"
	"strings"
)

// errQuote reports a quoted word without a closing quote.
var errQuote = errors.New("no closing quote")

// splitWords splits the arguments of a line as OpenSSH does: at blanks outside of quotes. A word that
// begins with # starts a comment.
func splitWords(text string) ([]string, error) {
	var out []string
	for {
		text = strings.TrimLeft(text, " \t")
		if text == "" || text[0] == '#' {
			return out, nil
		}
		word, rest, err := firstWord(text)
		if err != nil {
			return nil, err
		}
		out, text = append(out, word), rest
	}
}

func firstWord(text string) (word, rest string, err error) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && escapes(text[i+1], quote):
			i++
			b.WriteByte(text[i])
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), text[i:], nil
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", "", errQuote
	}
	return b.String(), "", nil
}

// escapes reports whether a backslash before c makes c literal.
func escapes(c, quote byte) bool {
	return c == '\'' || c == '"' || c == '\\' || c == ' ' && quote == 0
}
