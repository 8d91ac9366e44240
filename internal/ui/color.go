package ui

import (
	"cmp"
	"strings"
)

// tone is the colour or weight of a line.
type tone string

const (
	plain  tone = ""
	bold   tone = "1"
	dim    tone = "2"
	red    tone = "31"
	green  tone = "32"
	yellow tone = "33"
	cyan   tone = "36"
)

// WantsColor reports whether to colour the output to a stream: yes on a terminal, unless NO_COLOR is set to
// anything or TERM is "dumb". getenv is os.Getenv.
func WantsColor(terminal bool, getenv func(string) string) bool {
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// WantsASCII reports whether to show only ASCII: if the locale says that the terminal shows no UTF-8, or if
// TERM is "dumb". getenv is os.Getenv.
func WantsASCII(getenv func(string) string) bool {
	locale := strings.ToLower(cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")))
	utf8 := strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
	return locale != "" && !utf8 || getenv("TERM") == "dumb"
}

// glyph is a character, what stands for it where there is only ASCII, and a word for a screen reader.
type glyph struct{ text, ascii, word string }

var (
	checks  = glyph{"✓", "[ok]", "done:"}
	crosses = glyph{"✗", "[x]", "failed:"}
	dots    = glyph{"·", "-", "in"}
	busy    = glyph{"…", "...", "running:"}
)

func (u *UI) glyph(g glyph) string {
	switch {
	case u.options.Plain:
		return g.word
	case u.options.ASCII:
		return g.ascii
	}
	return g.text
}

// palette colours text. If it is false, it returns text unchanged.
type palette bool

func (p palette) in(t tone, text string) string {
	if !bool(p) || t == plain || text == "" {
		return text
	}
	return "\x1b[" + string(t) + "m" + text + "\x1b[0m"
}

// line colours the text but not the prefix, so that hosts stay easy to find by eye.
func (p palette) line(l line) string {
	if l.host == "" {
		return p.in(l.tone, l.text)
	}
	return line{host: l.host, text: p.in(l.tone, l.text)}.String()
}

// report colours the first words of the lines that Error made.
func (p palette) report(text string) string {
	if !p {
		return text
	}
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		for word, t := range map[string]tone{"error:": red, "hint:": cyan, crosses.text: red, crosses.ascii: red, crosses.word: red} {
			if rest, ok := strings.CutPrefix(l, word); ok {
				lines[i] = p.in(t, word) + rest
			}
		}
	}
	return strings.Join(lines, "")
}
