package erb

import (
	"regexp"
	"strings"
)

// regex is a regular expression.
type regex struct {
	source, flags string
	compiled      *regexp.Regexp
}

// match is what a regular expression has found in a text.
type match struct {
	in     string
	places []int // of the whole and of every group, as regexp has them
	names  []string
}

func (m *match) text(group int) string {
	s, _ := m.group(group).(string)
	return s
}

// group is the text of a group; nil when it has none. There may be no match at all.
func (m *match) group(n int) any {
	if m == nil || n < 0 || 2*n+1 >= len(m.places) || m.places[2*n] < 0 {
		return nil
	}
	return m.in[m.places[2*n]:m.places[2*n+1]]
}

func (m *match) named(name string) (any, bool) {
	for i, other := range m.names {
		if other == name && name != "" {
			return m.group(i), true
		}
	}
	return nil, false
}

func matchOrNil(m *match) any {
	if m == nil {
		return nil
	}
	return m
}

// regexp reads a regular expression behind its first bracket.
func (p *parser) regexp(open, close byte) expr {
	at := p.at() - 1
	q := quoting{open: open, close: close, pattern: true}
	if open == close {
		q.open = 0
	}
	parts := p.parts(q)
	begin := p.pos
	for c := p.peek(0); c == 'i' || c == 'm' || c == 'x' || c == 'o' || c == 'u'; c = p.peek(0) {
		p.pos++
	}
	flags := p.piece.body[begin:p.pos]
	if len(parts) == 1 {
		return constant(at, compile(at, parts[0].text, flags))
	}
	return expr{at: at, eval: func(f *frame) any {
		var b strings.Builder
		for _, part := range parts {
			b.WriteString(part.text)
			if part.code != nil {
				b.WriteString(f.patternOf(at, part.code.eval(f)))
			}
		}
		return compile(at, b.String(), flags)
	}}
}

// patternOf is what a value becomes inside of a regular expression.
func (f *frame) patternOf(at int, v any) string {
	if r, ok := v.(*regex); ok {
		return "(?:" + r.source + ")"
	}
	return f.in.toText(v, at)
}

// foreign is what Ruby's regular expressions have and Go's have not, or have otherwise.
var foreign = regexp.MustCompile(`\(\?(?:[=!>~]|<[=!])|\\[1-9GKRXkg]|[*+?}]\+|&&\[|\[[^\]\\]*&&`)

// compile translates a regular expression of Ruby. There ^ and $ always hold at every line, and
// the flag m is what others call s.
func compile(at int, source, flags string) *regex {
	if foreign.MatchString(source) {
		beyond(at, "this regular expression looks around or back, which is not understood")
	}
	options := "(?m"
	if strings.Contains(flags, "i") {
		options += "i"
	}
	if strings.Contains(flags, "m") {
		options += "s"
	}
	pattern := source
	if strings.Contains(flags, "x") {
		pattern = withoutBlanks(pattern)
	}
	pattern = translate(pattern)
	compiled, err := regexp.Compile(options + ")" + pattern)
	if err != nil {
		beyond(at, "this regular expression is not understood")
	}
	return &regex{source, flags, compiled}
}

// translated are escapes that Go writes otherwise.
var translated = map[byte]string{'h': "[0-9a-fA-F]", 'H': "[^0-9a-fA-F]", 'Z': `(?:\n?\z)`, 'e': `\x1b`}

func translate(pattern string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c == '\\' && i+1 < len(pattern) {
			i++
			other, found := translated[pattern[i]]
			switch {
			case found && inClass:
				b.WriteString(strings.Trim(other, "[]"))
			case found:
				b.WriteString(other)
			default:
				b.WriteString(pattern[i-1 : i+1])
			}
			continue
		}
		inClass = c == '[' || inClass && c != ']'
		b.WriteByte(c)
	}
	return b.String()
}

// withoutBlanks is what the flag x means: blanks and comments are none of the pattern.
func withoutBlanks(pattern string) string {
	var b strings.Builder
	for line := range strings.Lines(pattern) {
		line, _, _ = strings.Cut(line, " #")
		b.WriteString(strings.Join(strings.Fields(line), ""))
	}
	return b.String()
}

// match looks for r in text, and remembers what it finds.
func (in *interp) match(r *regex, text string) *match {
	in.matched = nil
	in.steps += len(text) / 1000
	places := r.compiled.FindStringSubmatchIndex(text)
	if places == nil {
		return nil
	}
	in.matched = &match{text, places, r.compiled.SubexpNames()}
	return in.matched
}

// matches are all that r finds in text.
func (in *interp) matches(r *regex, text string) []*match {
	var all []*match
	in.steps += len(text) / 1000
	for _, places := range r.compiled.FindAllStringSubmatchIndex(text, maxSize+1) {
		all = append(all, &match{text, places, r.compiled.SubexpNames()})
	}
	in.steps += len(all)
	in.bounded(in.last, len(all))
	return all
}
