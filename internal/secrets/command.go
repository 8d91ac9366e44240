package secrets

import (
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/shell"
)

// output returns the output of a command in the file. Simple commands of mrsk run in this process, and all others
// in a shell.
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

// ownCommand matches the commands of mrsk that can run in this process, also as a Ruby project calls Kamal.
var ownCommand = regexp.MustCompile(`^\s*(?:(?:bundle\s+exec\s+)?kamal|(?:\./)?bin/kamal|mrsk)\s+secrets\s+(?:fetch|extract)\s`)

// plain reports whether a command has only words and variables, so that it needs no shell. It accepts parentheses
// in words: names of secrets have them, and Kamal accepts them without quotes.
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

// substitute replaces the variables of a command for which put returns ok. quote is the quote around the variable,
// 0 for none.
func substitute(command string, put func(name string, quote byte) (string, bool)) string {
	var out strings.Builder
	var quote byte
	for i := 0; i < len(command); i++ {
		c := command[i]
		switch {
		case c == '\\' && next(command, i) == '$':
			continue // \$ in the file is a $ for the shell
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

// shellText returns the command for the shell. Kamal inserts the values of the file's variables into the command;
// here the shell expands them from its environment. To get the same result, a variable of the file within single
// quotes is moved out of them, and one that holds a document of secrets is quoted to stay one word.
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

// quotedValue returns the value of a variable for shell.Split. Without quotes the value is split into words as in
// a shell, except for a document of secrets.
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

// isDocument reports whether value is a document of secrets fetch, or a JSON string of one, as jq may print it.
func isDocument(value string) bool {
	return strings.HasPrefix(value, "{") || strings.HasPrefix(value, `"{`)
}
