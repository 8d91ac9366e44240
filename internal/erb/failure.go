package erb

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a problem in a template.
type Error struct {
	Line, Column int // from 1, in the template as it was written; the column in characters
	Text         string
	Advice       string // what to do about it, or ""
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Text) }

// Hint returns what to do about the error, or "".
func (e *Error) Hint() string { return e.Advice }

// Errors are the problems of a template. Failures of several output tags are reported together.
type Errors []*Error

func (all Errors) Error() string {
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// failure is raised as a panic, and handled by rescue, by an output tag, or by Render.
type failure struct {
	at          int // offset in the template
	text        string
	advice      string
	unsupported bool       // ruby may support it
	exception   *exception // for rescue; nil if it cannot be rescued
}

// instead is the supported code for unsupported words, operators and constants.
var instead = map[string]string{
	"while": "each over a list", "until": "each over a list", "for": "each", "loop": "each over a list",
	"def": "a variable", "->": "a variable", "lambda": "a variable", "proc": "a variable",
	"<<": `"…\n…"`, "$": "a variable without $", "system": "backticks, whose output tells the result",
	"Open3": "backticks", "Socket": "`hostname`.strip", "Etc": "ENV[\"USER\"]", "Date": "`date +%F`.strip", "Time": "`date +%F`.strip",
	"YAML": "the data into the template", "JSON": "`jq -r … file`.strip", "case": "if and elsif",
	"Base64": "`printf %s … | base64`.strip", "Digest": "`printf %s … | sha256sum`", "SecureRandom": "`openssl rand -hex 16`.strip",
	"Rails": "`bin/rails credentials:fetch …`.strip, or ENV", "Dir": "`ls …`.split", "Gem": "`bundle show …`.strip",
	"Shellwords": "quotes in the command", "require": "the value itself, or ENV",
}

// waysOut is the advice for what is not supported.
func waysOut(what string) string {
	advice := "install ruby, which then renders the file, or write "
	first, _, _ := strings.Cut(strings.ReplaceAll(what, "::", "."), ".")
	if other, found := instead[first]; found {
		return advice + other
	}
	return advice + "it with what docs/config.md lists under Templates"
}

// unsupported fails because this package does not support some code. what is a key of instead,
// or "".
func unsupported(at int, what, format string, args ...any) {
	panic(&failure{at: at, text: fmt.Sprintf(format, args...), advice: waysOut(what), unsupported: true})
}

// limit fails because a template exceeds a bound. It cannot be rescued.
func limit(at int, format string, args ...any) {
	panic(&failure{at: at, text: fmt.Sprintf(format, args...), advice: "make the values of the template smaller"})
}

// raise raises an exception.
func raise(at int, class, format string, args ...any) {
	x := &exception{class, fmt.Sprintf(format, args...)}
	panic(&failure{at: at, text: x.shown(), exception: x})
}

// caught runs a function and returns its failure, or nil.
func caught(what func()) (f *failure) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *failure:
			f = p
		default:
			panic(p)
		}
	}()
	what()
	return nil
}

// position returns line and column of an offset. Both count from 1.
func position(text string, offset int) (line, column int) {
	before := text[:max(0, min(offset, len(text)))]
	begin := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[begin:]) + 1
}

func (f *failure) in(template string) *Error {
	line, column := position(template, f.at)
	return &Error{line, column, clip(f.text), f.advice}
}

// longest is the largest message in bytes, because messages contain values of the template.
const longest = 500

func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
