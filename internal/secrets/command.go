package secrets

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/shell"
)

// output runs a command of the file: a plain one of mrsk's own in this process, all others with
// the shell.
func (p *parser) output(source string) (string, error) {
	if p.own == nil || !ownCommand.MatchString(source) || !plain(source) {
		return p.run(p.shellText(source), p.set)
	}
	words, err := shell.Split(substitute(source, p.quotedValue))
	if err != nil {
		return "", err
	}
	return p.own(words[slices.Index(words, "secrets"):], p.set)
}

// ownCommand are those commands of mrsk that have a meaning in a secrets file, also by the ways in
// which a Ruby project calls the reference.
var ownCommand = regexp.MustCompile(`^\s*(?:(?:bundle\s+exec\s+)?kamal|(?:\./)?bin/kamal|mrsk)\s+secrets\s+(?:fetch|extract)\s`)

// plain reports whether a command is nothing but words and variables. Parentheses alone mean
// nothing to a shell: names have them, in the reference without quotes.
func plain(command string) bool {
	var quote byte
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\\' && quote != '\'':
			i++
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == '\'':
		case quote == 0 && strings.IndexByte("|&;<>#", c) >= 0, c == '`':
			return false
		case c == '$' && strings.IndexByte("({", next(command, i)) >= 0 && !reference.MatchString(command[i:]):
			return false
		}
	}
	return quote == 0
}

func next(text string, i int) byte {
	if i+1 < len(text) {
		return text[i+1]
	}
	return ' '
}

// substitute replaces the variables of a command that put has something for. quote is what a variable
// stands in, 0 for nothing.
func substitute(command string, put func(name string, quote byte) (string, bool)) string {
	var out strings.Builder
	var quote byte
	for i := 0; i < len(command); i++ {
		c := command[i]
		switch {
		case c == '\\' && next(command, i) == '$':
			continue // the file's way to write a $ for the shell
		case c == '\\' && quote != '\'' && i+1 < len(command):
			i++
			out.WriteByte(c)
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '$' && (i == 0 || command[i-1] != '\\'):
			m := reference.FindStringSubmatch(command[i:])
			if m == nil {
				break
			}
			if text, ok := put(m[1]+m[2], quote); ok {
				out.WriteString(text)
				i += len(m[0]) - 1
				continue
			}
		}
		out.WriteByte(command[i])
	}
	return out.String()
}

// shellText turns a command of the file into what the shell is given. The reference pastes the
// values of the file's variables into the command; here the shell expands them from its
// environment. So that both come to the same, a variable of the file in single quotes is taken
// out of them, and a document of secrets stays one word without quotes, too.
func (p *parser) shellText(command string) string {
	return substitute(command, func(name string, quote byte) (string, bool) {
		value, ok := p.inFile(name)
		switch {
		case ok && quote == '\'':
			return `'"$` + name + `"'`, true
		case ok && quote == 0 && isDocument(value):
			return `"$` + name + `"`, true
		}
		return "", false
	})
}

// quotedValue is the value of a variable for shell.Split. Without quotes it is as many words as
// a shell makes of it, but a document is one.
func (p *parser) quotedValue(name string, quote byte) (string, bool) {
	value, _ := p.variable(name)
	switch {
	case quote != 0:
		return string(quote) + shell.Quote(value) + string(quote), true
	case isDocument(value):
		return shell.Quote(value), true
	}
	words := strings.Fields(value)
	for i, word := range words {
		words[i] = shell.Quote(word)
	}
	return strings.Join(words, " "), true
}

// isDocument tells what secrets fetch prints from other text, also where a program such as jq has
// made a JSON string of it.
func isDocument(value string) bool {
	return strings.HasPrefix(value, "{") || strings.HasPrefix(value, `"{`)
}
