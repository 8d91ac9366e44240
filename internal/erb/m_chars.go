package erb

import (
	"slices"
	"strings"
)

// charSet is a set of characters as tr, delete, count and squeeze write it: a-z, ^ before what
// does not belong to it.
type charSet struct {
	chars []rune
	not   bool
}

func newCharSet(spec string) charSet {
	runes := []rune(spec)
	var s charSet
	if len(runes) > 1 && runes[0] == '^' {
		s.not, runes = true, runes[1:]
	}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == '\\' && i+1 < len(runes):
			i++
			s.chars = append(s.chars, runes[i])
		case i+2 < len(runes) && runes[i+1] == '-' && r <= runes[i+2]:
			for ; r <= runes[i+2] && len(s.chars) < maxSize; r++ {
				s.chars = append(s.chars, r)
			}
			i += 2
		default:
			s.chars = append(s.chars, r)
		}
	}
	return s
}

func (s charSet) has(r rune) bool { return slices.Contains(s.chars, r) != s.not }

func transliterate(c *call) string {
	from, to := newCharSet(c.text(0)), newCharSet(c.text(1))
	return strings.Map(func(r rune) rune {
		switch {
		case !from.has(r):
			return r
		case len(to.chars) == 0:
			return -1
		case from.not:
			return to.chars[len(to.chars)-1]
		}
		return to.chars[min(slices.Index(from.chars, r), len(to.chars)-1)]
	}, c.self.(string))
}

func deleteChars(c *call) string {
	set := newCharSet(c.text(0))
	return strings.Map(func(r rune) rune {
		if set.has(r) {
			return -1
		}
		return r
	}, c.self.(string))
}

func countChars(c *call) any {
	set, n := newCharSet(c.text(0)), 0
	for _, r := range c.self.(string) {
		if set.has(r) {
			n++
		}
	}
	return n
}

// squeeze makes one of characters that follow themselves.
func squeeze(c *call) any {
	all := charSet{not: true}
	if len(c.args) == 1 {
		all = newCharSet(c.text(0))
	}
	var before rune = -1
	return strings.Map(func(r rune) rune {
		same := r == before && all.has(r)
		before = r
		if same {
			return -1
		}
		return r
	}, c.self.(string))
}
