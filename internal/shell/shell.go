// Package shell renders words and commands for a POSIX shell. One type, Word, decides how a
// piece of text reaches a program: as it is (Lit, Secret), with ${NAME} filled in by the host
// (Expand), or as shell text (Raw). Every Line keeps two renderings of the same structure: the
// one that is executed and the one that may be shown.
package shell

import (
	"regexp"
	"strings"

	"mrsk/internal/redact"
)

// Word is one argument of a command, in both renderings.
type Word struct{ wire, shown string }

// Lit is text that reaches the program byte for byte.
func Lit(text string) Word {
	q := Quote(text)
	return Word{q, q}
}

// Raw is shell text, given to the shell as it is: operators, redirections, words that a user
// wrote for the shell to split.
func Raw(text string) Word { return Word{text, text} }

// Secret is Lit for a value that is never shown.
func Secret(value redact.String) Word {
	return Word{Quote(value.Reveal()), redact.Mark}
}

// Expand is text in which the host replaces ${NAME} and ${NAME:-default} by its own
// environment; every other byte, a lone $ included, is literal. It serves clear env values,
// labels, options and volumes, as in the reference.
func Expand(text string) Word {
	if !strings.Contains(text, "${") {
		return Lit(text)
	}
	q := expandable(text)
	return Word{q, q}
}

// Join glues words into one, without a space: Join(Lit("KEY="), Expand(value)).
func Join(words ...Word) Word {
	var out Word
	for _, w := range words {
		out.wire += w.wire
		out.shown += w.shown
	}
	return out
}

// placeholder is what Expand lets the host fill in. The default may hold no character that
// means something inside double quotes, so nothing but the variable is ever evaluated.
var placeholder = regexp.MustCompile("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^`\"$\\\\{}\n]*)?\\}")

func expandable(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	rest := text
	for {
		at := placeholder.FindStringIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(inDoubleQuotes(rest[:at[0]]))
		b.WriteString(rest[at[0]:at[1]])
		rest = rest[at[1]:]
	}
	b.WriteString(inDoubleQuotes(rest))
	b.WriteByte('"')
	return b.String()
}

var doubleQuoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`")

func inDoubleQuotes(s string) string { return doubleQuoted.Replace(s) }

// plain matches words that need no quotes in any shell.
var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$`)

// Quote returns text as one word of a POSIX shell.
func Quote(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Line is shell text in both renderings. The zero Line is empty.
type Line struct{ wire, shown string }

// Cmd is a command of literal words.
func Cmd(words ...string) Line {
	return Line{}.Lits(words...)
}

// Text is shell text, to be run as it is.
func Text(text string) Line { return Line{text, text} }

// Lits appends literal words.
func (l Line) Lits(words ...string) Line {
	for _, w := range words {
		l = l.Add(Lit(w))
	}
	return l
}

// Add appends words.
func (l Line) Add(words ...Word) Line {
	for _, w := range words {
		l.wire = spaced(l.wire, w.wire)
		l.shown = spaced(l.shown, w.shown)
	}
	return l
}

// With sets a variable for this one command.
func (l Line) With(name string, value Word) Line {
	return Line{name + "=" + value.wire + " " + l.wire, name + "=" + value.shown + " " + l.shown}
}

func spaced(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

// And runs next when l succeeded.
func (l Line) And(next Line) Line { return l.combine(" && ", next) }

// Or runs next when l failed.
func (l Line) Or(next Line) Line { return l.combine(" || ", next) }

// Then runs next after l, whatever became of l.
func (l Line) Then(next Line) Line { return l.combine("\n", next) }

// Pipe gives the output of l to next.
func (l Line) Pipe(next Line) Line { return l.combine(" | ", next) }

func (l Line) combine(op string, next Line) Line {
	switch {
	case l.Empty():
		return next
	case next.Empty():
		return l
	}
	return Line{l.wire + op + next.wire, l.shown + op + next.shown}
}

// Group encloses l in braces, so that an operator applies to all of it.
func (l Line) Group() Line {
	return Line{"{ " + l.wire + "; }", "{ " + l.shown + "; }"}
}

// Given runs l with more words, which a user wrote for the shell. A shell that cannot parse them
// may print the whole text that holds them, so they stand in an eval of their own: l, with its
// secrets, is a function outside of it.
func (l Line) Given(words string) Line {
	return Line{"{ _run() {\n" + l.wire + " \"$@\"\n}\neval " + Quote("_run "+words) + "; }", spaced(l.shown, words)}
}

// Words is a user's own shell text. The shell parses it only when it gets there, so that a mistake
// in its syntax is a failure of this line alone.
func Words(text string) Line {
	return Line{"eval " + Quote(text), text}
}

// Empty reports whether there is nothing to run.
func (l Line) Empty() bool { return l.wire == "" }

// Wire is what the shell is given.
func (l Line) Wire() string { return l.wire }

// String is what may be shown: the same line with its secrets hidden.
func (l Line) String() string { return l.shown }
