// Package shell renders words and commands for a POSIX shell. One type, Word, decides how a
// piece of text reaches a program: as it is (Lit, Secret), with ${NAME} filled in by the host
// (Expand), or as shell text (Raw). Every Line keeps two renderings of the same structure: the
// one that is executed and the one that may be shown.
//
// A secret is never part of a command's text: it is assigned to a variable before the line, and the
// text refers to that. So no shell can show it that quotes its source in a message, as bash does when
// it cannot parse a line or when a program is killed.
package shell

import (
	"regexp"
	"strings"

	"mrsk/internal/redact"
)

// Word is one argument of a command, in both renderings.
type Word struct {
	wire  wire
	shown string
}

// Lit is text that reaches the program byte for byte.
func Lit(text string) Word { return Raw(Quote(text)) }

// Raw is shell text, given to the shell as it is: operators, redirections, words that a user
// wrote for the shell to split.
func Raw(text string) Word { return Word{plainWire(text), text} }

// Secret is Lit for a value that is never shown.
func Secret(value redact.String) Word {
	return Word{wire{{secret: value, isSecret: true}}, redact.Mark}
}

// Expand is text in which the host replaces ${NAME} and ${NAME:-default} by its own
// environment; every other byte, a lone $ included, is literal. It serves clear env values,
// labels, options and volumes, as in the reference.
func Expand(text string) Word {
	if !strings.Contains(text, "${") {
		return Lit(text)
	}
	return Raw(expandable(text))
}

// Join glues words into one, without a space: Join(Lit("KEY="), Expand(value)).
func Join(words ...Word) Word {
	var out Word
	for _, w := range words {
		out.wire = joined(out.wire, w.wire)
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

// Quoted returns words as text that a POSIX shell splits into them.
func Quoted(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, " ")
}

// Quote returns text as one word of a POSIX shell.
func Quote(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Line is shell text in both renderings. The zero Line is empty.
type Line struct {
	wire  wire
	shown string
}

// Cmd is a command of literal words.
func Cmd(words ...string) Line {
	return Line{}.Lits(words...)
}

// Text is shell text, to be run as it is.
func Text(text string) Line { return Line{plainWire(text), text} }

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
		if l.Empty() {
			l = Line(w)
		} else {
			l = l.combine(" ", Line(w))
		}
	}
	return l
}

// With sets a variable for this one command.
func (l Line) With(name string, value Word) Line {
	return Text(name + "=").glue(Line(value)).glue(Text(" ")).glue(l)
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
	return l.glue(Text(op)).glue(next)
}

// glue appends next without anything between.
func (l Line) glue(next Line) Line {
	return Line{joined(l.wire, next.wire), l.shown + next.shown}
}

// Group encloses l in braces, so that an operator applies to all of it.
func (l Line) Group() Line { return Text("{ ").glue(l).glue(Text("; }")) }

// Inline is l as a part of other shell text.
func (l Line) Inline() Word { return Word(l) }

// Output is what l prints, as one word.
func (l Line) Output() Word { return Word(Text(`"$(`).glue(l).glue(Text(`)"`))) }

// Given runs l with more words, which a user wrote for the shell. A shell that cannot parse them
// may print the whole text that holds them, so they stand in an eval of their own: l is a function
// outside of it.
func (l Line) Given(words string) Line {
	whole := Text("{ _run() {\n").glue(l).glue(Text(" \"$@\"\n}\neval " + Quote("_run "+words) + "; }"))
	return Line{whole.wire, l.Add(Raw(words)).shown}
}

// Words is a user's own shell text. The shell parses it only when it gets there, so that a mistake
// in its syntax is a failure of this line alone.
func Words(text string) Line {
	return Line{plainWire("eval " + Quote(text)), text}
}

// Empty reports whether there is nothing to run.
func (l Line) Empty() bool { return len(l.wire) == 0 }

// Wire is what the shell is given. It is for what sends it, and cannot become part of another line.
func (l Line) Wire() redact.String { return l.wire.render() }

// String is what may be shown: the same line with its secrets hidden.
func (l Line) String() string { return l.shown }
