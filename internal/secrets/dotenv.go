package secrets

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mrsk/internal/redact"
)

// parser parses a dotenv file.
type parser struct {
	outside
	file string
	text string
	at   int
	set  []Secret       // so far
	has  map[string]int // where in set a key is
	// why has the reasons why the value of the current entry may be empty.
	why        []string
	rehearsing bool // no commands run; their output is ""
}

// parse parses a dotenv file and runs its commands. If the file has syntax errors, no command runs, and the error
// joins a *FileError for each. Else the error is the *FileError of the first command that fails.
func parse(file, text string, world outside) ([]Secret, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if err := rehearse(file, text, world); err != nil {
		return nil, err
	}
	p := &parser{outside: world, file: file, text: text, has: map[string]int{}}
	for p.at < len(p.text) {
		if err := p.line(); err != nil {
			return nil, err
		}
	}
	return p.set, nil
}

// rehearse parses a file without running its commands, and returns all syntax errors.
func rehearse(file, text string, world outside) error {
	world.own, world.run = nil, func(string, []Secret) (string, error) { return "", nil }
	p := &parser{outside: world, file: file, text: text, has: map[string]int{}, rehearsing: true}
	var all []error
	for p.at < len(p.text) {
		next := p.at + len(p.upToNewline()) + 1
		if err := p.line(); err != nil {
			all = append(all, err)
			p.at = max(p.at, next)
		}
	}
	return errors.Join(all[:min(len(all), mostShown)]...)
}

// mostShown is how many syntax errors are shown at once.
const mostShown = 100

func (p *parser) keep(s Secret) {
	at, known := p.has[s.Key]
	if !known {
		at = len(p.set)
		p.has[s.Key] = at
		p.set = append(p.set, s)
	}
	p.set[at] = s
}

var (
	blank      = regexp.MustCompile(`^[ \t]*(#.*)?$`)
	assignment = regexp.MustCompile(`^[ \t]*(?:export[ \t]+)?([\w.]+)(?:[ \t]*=[ \t]*|:[ \t]+|:$)`)
	exportOnly = regexp.MustCompile(`^[ \t]*export[ \t]+([\w. \t]+)$`)
)

// line parses one entry, which may span lines.
func (p *parser) line() error {
	begin := p.at
	line := p.upToNewline()
	if blank.MatchString(line) {
		p.at += len(line) + 1
		return nil
	}
	if strings.ContainsRune(line, 0) {
		return p.fail(begin, "holds a NUL byte, which no variable can", nil)
	}
	if head := assignment.FindStringSubmatch(line); head != nil {
		p.at += len(head[0])
		v, err := p.value(begin)
		if err != nil {
			return err
		}
		p.why = nil
		text, err := p.expand(v, begin)
		p.keep(Secret{Key: head[1], Value: redact.New(text), file: p.file, line: p.lineAt(begin), why: strings.Join(p.why, ", ")})
		return err
	}
	if names := exportOnly.FindStringSubmatch(line); names != nil {
		p.at += len(line) + 1
		return p.checkExported(begin, strings.Fields(names[1]))
	}
	return p.fail(begin, "is not of the form NAME=value", nil)
}

func (p *parser) upToNewline() string {
	line, _, _ := strings.Cut(p.text[p.at:], "\n")
	return line
}

// checkExported checks a line such as `export NAME`: the variable must be set.
func (p *parser) checkExported(begin int, names []string) error {
	for _, name := range names {
		if _, ok := p.variable(name); !ok {
			return p.fail(begin, fmt.Sprintf("%s is exported, but has no value", name), nil)
		}
	}
	return nil
}

// raw is a value as written in the file.
type raw struct {
	text  string // without quotes
	quote byte   // ' or ", 0 without
}

// value parses a value, and skips the rest of its last line.
func (p *parser) value(begin int) (raw, error) {
	if p.at < len(p.text) && (p.text[p.at] == '\'' || p.text[p.at] == '"') {
		quote := p.text[p.at]
		if v, ok := p.quoted(quote); ok {
			return v, nil
		}
		if strings.IndexByte(p.text[p.at+1:], quote) < 0 {
			text := fmt.Sprintf("the %c is not closed: close it, or put a value that begins with one in the other quotes", quote)
			return raw{}, p.fail(begin, text, nil)
		}
	}
	line := p.upToNewline()
	p.at += len(line) + 1
	return raw{text: strings.TrimSpace(line[:commentIn(line)])}, nil
}

// quoted parses a value in quotes, which may span lines. ok is false if the quote is not closed, or if anything but
// a comment follows it: then the quote is part of the value.
func (p *parser) quoted(quote byte) (raw, bool) {
	rest := p.text[p.at:]
	ends := []int{closing(rest, quote, true, true), closing(rest, quote, true, false)}
	if quote == '\'' {
		ends = append(ends, closing(rest, quote, false, false))
	}
	for _, end := range ends {
		if end < 0 {
			continue
		}
		after, _, _ := strings.Cut(rest[end+1:], "\n")
		if blank.MatchString(after) {
			p.at += end + 1 + len(after) + 1
			return raw{rest[1:end], quote}, true
		}
	}
	return raw{}, false
}

// closing returns the index of the quote that closes the one at the beginning of text, -1 if there is none. With
// escapes it ignores quotes after a backslash. With commands it ignores, in double quotes, quotes inside $(…).
func closing(text string, quote byte, escapes, commands bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote:
			return i
		case commands && quote == '"' && strings.HasPrefix(text[i:], "$("):
			if end := commandEnd(text[i+1:]); end >= 0 {
				i += 1 + end
			}
		}
	}
	return -1
}

// commentIn returns where the comment of a line begins: at a # after white space, outside of $(…) and ${…}. Without
// a comment it returns the length of the line.
func commentIn(line string) int {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return i
		case strings.HasPrefix(line[i:], "$("):
			if end := commandEnd(line[i+1:]); end >= 0 {
				i += 1 + end
			}
		case strings.HasPrefix(line[i:], "${"):
			if b, ok := readBraced(line[i:], false); ok {
				i += b.length - 1
			}
		}
	}
	return len(line)
}

func (p *parser) variable(name string) (string, bool) {
	if value, ok := p.inFile(name); ok {
		return value, true
	}
	return p.lookup(name)
}

func (p *parser) inFile(name string) (string, bool) {
	at, ok := p.has[name]
	if !ok {
		return "", false
	}
	return p.set[at].Value.Reveal(), true
}

// fail returns an error for the line of the byte at offset.
func (p *parser) fail(offset int, text string, err error) error {
	return &FileError{p.file, p.lineAt(offset), text, err}
}

func (p *parser) lineAt(offset int) int { return 1 + strings.Count(p.text[:offset], "\n") }
