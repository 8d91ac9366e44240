package ui

import "strings"

// tone is what a line means to the eye.
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

// WantsColor says whether to colour what goes to a stream: on a terminal, unless NO_COLOR is
// set to anything or TERM is "dumb". getenv is os.Getenv.
func WantsColor(terminal bool, getenv func(string) string) bool {
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// palette colours text, or leaves it alone where it is false.
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
		for word, t := range map[string]tone{"error:": red, "hint:": cyan} {
			if rest, ok := strings.CutPrefix(l, word); ok {
				lines[i] = p.in(t, word) + rest
			}
		}
	}
	return strings.Join(lines, "")
}
