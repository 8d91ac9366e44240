package shell

import (
	"errors"
	"strings"
)

// errUnclosed is text that ends within quotes.
var errUnclosed = errors.New("a quote is not closed")

// Split returns the words of a text as a POSIX shell parts them, without filling anything in:
// quotes and backslashes are taken away, and all other characters mean themselves.
func Split(text string) ([]string, error) {
	var words []string
	rest := strings.TrimLeft(text, blanks)
	for rest != "" {
		word, after, err := firstWord(rest)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
		rest = strings.TrimLeft(after, blanks)
	}
	return words, nil
}

const blanks = " \t\n"

// firstWord reads up to the first blank outside of quotes.
func firstWord(text string) (word, rest string, err error) {
	var b strings.Builder
	for text != "" && !strings.ContainsRune(blanks, rune(text[0])) {
		c := text[0]
		text = text[1:]
		switch {
		case c == '\'':
			inside, after, closed := strings.Cut(text, "'")
			if !closed {
				return "", "", errUnclosed
			}
			b.WriteString(inside)
			text = after
		case c == '"':
			if text, err = doubleQuotes(&b, text); err != nil {
				return "", "", err
			}
		case c == '\\' && text != "":
			text = escaped(&b, text, "")
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), text, nil
}

// doubleQuotes reads up to the closing quote and returns what follows it.
func doubleQuotes(b *strings.Builder, text string) (rest string, err error) {
	for text != "" {
		c := text[0]
		text = text[1:]
		switch {
		case c == '"':
			return text, nil
		case c == '\\' && text != "":
			text = escaped(b, text, "$`\"\\\n")
		default:
			b.WriteByte(c)
		}
	}
	return "", errUnclosed
}

// escaped reads the character after a backslash. Where it only takes the meaning from some
// characters, it stands for itself before the others. A line end that is escaped is none.
func escaped(b *strings.Builder, text, only string) (rest string) {
	c := text[0]
	if only != "" && !strings.ContainsRune(only, rune(c)) {
		b.WriteByte('\\')
	}
	if c != '\n' {
		b.WriteByte(c)
	}
	return text[1:]
}
