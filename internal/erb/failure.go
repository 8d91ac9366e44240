package erb

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is something wrong with a template, or with what its code met.
type Error struct {
	Line, Column int // from 1, in the template as it was written; the column in characters
	Text         string
	Advice       string // what to do, "" when the text says it all
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Text) }

// Hint is what to do about it, "" when the text says it all.
func (e *Error) Hint() string { return e.Advice }

// Errors are all that is wrong with a template. What stands in separate output tags is told at once.
type Errors []*Error

func (all Errors) Error() string {
	lines := make([]string, len(all))
	for i, e := range all {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// failure travels as a panic from the place where it happens to the one that takes it: rescue, an
// output tag, or Render.
type failure struct {
	at        int // offset in the template
	text      string
	advice    string
	beyond    bool       // Ruby may know better
	exception *exception // what rescue can take; nil passes all of them
}

const beyondAdvice = "write it with what docs/config.md lists under Templates, or put ruby on the PATH: it then renders the file"

// beyond fails because of something that this package does not know.
func beyond(at int, format string, args ...any) {
	panic(&failure{at: at, text: fmt.Sprintf(format, args...), advice: beyondAdvice, beyond: true})
}

// limit fails because a template is too greedy. No rescue helps.
func limit(at int, format string, args ...any) {
	panic(&failure{at: at, text: fmt.Sprintf(format, args...), advice: "a configuration file needs no more: look for a loop without an end"})
}

// raise raises an exception.
func raise(at int, class, format string, args ...any) {
	x := &exception{class, fmt.Sprintf(format, args...)}
	panic(&failure{at: at, text: x.shown(), exception: x})
}

// caught runs what and returns the failure that it ends with, nil when it does not.
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

// place is where an offset of a text is: line and column, from 1.
func place(text string, offset int) (line, column int) {
	before := text[:max(0, min(offset, len(text)))]
	begin := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[begin:]) + 1
}

func (f *failure) in(template string) *Error {
	line, column := place(template, f.at)
	return &Error{line, column, clip(f.text), f.advice}
}

// longest is how much of a message is told: it may hold anything.
const longest = 500

func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
