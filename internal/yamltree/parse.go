package yamltree

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Parse parses the YAML document in data. file is the name for positions. An empty document is an empty map. The
// error is of type Problems: one syntax error, or all other problems, such as unusable keys and bad merges.
func Parse(file string, data []byte) (*Node, error) {
	return ParseRendered(file, data, func(line, column int) (int, int) { return line, column })
}

// ParseRendered is Parse for a document that was generated from a template. origin converts a line and column of
// the document to those of the template.
func ParseRendered(file string, data []byte, origin func(line, column int) (int, int)) (*Node, error) {
	from := source{file, data, origin}
	if at := bytes.IndexFunc(data, unreadable); at >= 0 {
		return nil, Problems{{Pos: from.offset(at), Text: "is not UTF-8 text, or holds a control character"}}
	}
	docs, err := documents(data)
	if err != nil {
		return nil, Problems{from.syntaxProblem(err)}
	}
	if len(docs) > 1 {
		pos := from.pos(docs[1].Line, docs[1].Column)
		return nil, Problems{{Pos: pos, Text: "a second document begins here; the file may hold one only"}}
	}
	start := from.pos(1, 1)
	if len(docs) == 0 {
		return &Node{Kind: Map, Pos: start}, nil
	}
	b := builder{from: from, anchored: map[*yaml.Node]built{}}
	root := b.build(docs[0]).node
	if root.Null {
		root = &Node{Kind: Map, Pos: start}
	}
	return root, b.problems.Err()
}

// unreadable reports whether a YAML file may not contain the character.
func unreadable(r rune) bool {
	return r == utf8.RuneError || r == 0x7f || r < ' ' && r != '\t' && r != '\n' && r != '\r'
}

// documents returns the root node of every document that is not empty.
func documents(data []byte) ([]*yaml.Node, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var docs []*yaml.Node
	for {
		var doc yaml.Node
		if err := loader.Load(&doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, err
		}
		if len(doc.Content) == 1 && doc.Content[0].Tag != "!!null" {
			docs = append(docs, doc.Content[0])
		}
	}
}

// source is a document and the mapping of its positions to the file.
type source struct {
	file   string
	data   []byte
	origin func(line, column int) (int, int)
}

func (s source) pos(line, column int) Pos {
	line, column = s.origin(line, column)
	return Pos{s.file, line, column}
}

func (s source) syntaxProblem(err error) Problem {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return Problem{Pos: Pos{File: s.file}, Text: err.Error()}
	}
	mark := load.Mark
	if mark.Line == 0 {
		return Problem{Pos: Pos{File: s.file}, Text: load.Message}
	}
	text := load.Message
	if begun := load.ContextMark.Line; load.ContextMsg != "" && begun > 0 && begun != mark.Line {
		begun, _ = s.origin(begun, 1)
		text = fmt.Sprintf("%s that begins on line %d: %s", load.ContextMsg, begun, text)
	} else if load.ContextMsg != "" {
		text = load.ContextMsg + ": " + text
	}
	column := max(mark.Column, 1)
	advice := cmp.Or(syntaxAdvice(s.data, mark.Line, column), messageAdvice[load.Message])
	return Problem{Pos: s.pos(mark.Line, column), Text: text, Advice: advice}
}

// messageAdvice is the advice for a message of the parser: the usual cause.
var messageAdvice = map[string]string{
	"did not find expected key":                      "indent the line like those that it belongs to",
	"found unexpected end of stream":                 "close the quotes",
	"did not find expected ',' or ']'":               "close the bracket, or put a comma between the values",
	"did not find expected ',' or '}'":               "close the brace, or put a comma between the values",
	"mapping values are not allowed in this context": "put the value in quotes, or indent the line like those that it belongs to",
	"could not find expected ':'":                    "put a colon and a space behind the key",
}

// syntaxAdvice returns the advice for a common mistake at the place of a syntax error, else "".
func syntaxAdvice(data []byte, line, column int) string {
	lines := strings.Split(string(data), "\n")
	if line > len(lines) {
		return ""
	}
	rest := []rune(lines[line-1])
	if column > len(rest) {
		return ""
	}
	switch rest[column-1] {
	case '\t':
		return "indent with spaces: YAML allows no tabs there"
	case '@', '`', '%':
		return "put the value in quotes"
	}
	return ""
}

// offset returns the position of a byte.
func (s source) offset(at int) Pos {
	before := s.data[:at]
	line := bytes.Count(before, []byte("\n"))
	begin := bytes.LastIndexByte(before, '\n') + 1
	return s.pos(line+1, utf8.RuneCount(before[begin:])+1)
}
