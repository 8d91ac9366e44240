package redact

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"mrsk/internal/ansi"
)

// shortest is the length, in bytes, of the shortest spelling that is replaced. Replacing shorter ones would
// garble every text and protect nothing.
const shortest = 4

// Secrets finds secrets in the output of other programs, also if they are quoted or encoded there. The zero
// value has no secrets. Do not call Add while other goroutines use it.
type Secrets struct {
	known   map[string]bool
	byStart map[string][]string // spellings by their first bytes; the key has shortest bytes
	longest int
}

// Of returns a Secrets with these values.
func Of(values ...String) *Secrets {
	s := &Secrets{}
	s.Add(values...)
	return s
}

// Add adds values.
func (s *Secrets) Add(values ...String) {
	if s.known == nil {
		s.known, s.byStart = map[string]bool{}, map[string][]string{}
	}
	for _, v := range values {
		value := v.Reveal()
		if s.known[value] {
			continue
		}
		for _, spelling := range append(spellings(value), value) {
			for _, view := range views(spelling, false) {
				s.add(view.text)
			}
		}
	}
}

func (s *Secrets) add(spelling string) {
	if len(spelling) < shortest || s.known[spelling] {
		return
	}
	s.known[spelling] = true
	start := spelling[:shortest]
	s.byStart[start] = append(s.byStart[start], spelling)
	s.longest = max(s.longest, len(spelling))
}

// Hide returns text with all spellings of the secrets replaced by Mark: plain, quoted for a shell, as JSON, in
// a URL, and in base64, also if they are interleaved with control sequences and invisible characters.
// Spellings that overlap are replaced by one Mark. What moves the cursor back over other text is not followed.
func (s *Secrets) Hide(text string) string {
	if s == nil || len(s.byStart) == 0 {
		return text
	}
	found := s.find(views(text, false))
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(a.from-b.from, b.to-a.to) })
	var out strings.Builder
	end := 0
	for _, f := range found {
		if f.from >= end {
			out.WriteString(text[end:f.from] + Mark)
		}
		end = max(end, f.to)
	}
	return out.String() + text[end:]
}

// find returns all spellings in the views of a text, as parts of the text.
func (s *Secrets) find(all []view) []span {
	var found []span
	for _, v := range all {
		for i := 0; i+shortest <= len(v.text); i++ {
			if n := s.at(v.text[i:]); n > 0 {
				found = append(found, v.source(i, i+n))
			}
		}
	}
	return found
}

// at returns the length of the longest spelling at the beginning of text, 0 if there is none.
func (s *Secrets) at(text string) int {
	longest := 0
	for _, spelling := range s.byStart[text[:shortest]] {
		if len(spelling) > longest && strings.HasPrefix(text, spelling) {
			longest = len(spelling)
		}
	}
	return longest
}

// Settled returns how many bytes of text can be passed to Hide before the rest of the output is known: no
// spelling crosses that place, whatever follows text.
func (s *Secrets) Settled(text string) int {
	if s == nil || len(s.byStart) == 0 {
		return len(text)
	}
	return s.settledIn(text, views(text, true))
}

func (s *Secrets) settledIn(text string, all []view) int {
	settled, parts := len(text), s.find(all)
	for _, v := range all {
		settled = min(settled, v.end, s.begun(v))
		parts = append(parts, v.parts...)
	}
	return before(parts, settled)
}

// patience is how many bytes more than the longest spelling may be held back. Whoever writes invisible
// characters without end would have all of them kept otherwise, and looked at again with each write.
const patience = 2 * ansi.Longest

// Split returns the part of a text that can be passed to Hide before more is known, and the rest, which may be
// the beginning of a spelling. The rest is bounded: if it is long, it loses what is invisible, and if it is
// still long, escapes in it are not taken for parts of a spelling.
func (s *Secrets) Split(text string) (settled, rest string) {
	n := s.Settled(text)
	settled, rest = text[:n], text[n:]
	if !s.tooLong(rest) {
		return settled, rest
	}
	if all := views(rest, true); len(all) > 1 {
		rest = all[1].text + rest[all[1].end:]
	}
	if s.tooLong(rest) {
		n = s.settledIn(rest, views(rest, true)[:1])
		settled, rest = settled+rest[:n], rest[n:]
	}
	return settled, rest
}

func (s *Secrets) tooLong(rest string) bool { return s != nil && len(rest) > s.longest+patience }

// begun returns where in the original the first spelling begins that v may have the beginning of.
func (s *Secrets) begun(v view) int {
	for i := max(0, len(v.text)-s.longest+1); i < len(v.text); i++ {
		if s.mayBegin(v.text[i:]) {
			return v.source(i, i+1).from
		}
	}
	return math.MaxInt
}

// before moves place back to where it is in none of the parts.
func before(parts []span, place int) int {
	for moved := true; moved; {
		moved = false
		for _, p := range parts {
			if p.from < place && place < p.to {
				place, moved = p.from, true
			}
		}
	}
	return place
}

// mayBegin reports whether text is the beginning of a longer spelling.
func (s *Secrets) mayBegin(text string) bool {
	if len(text) < shortest {
		for start := range s.byStart {
			if strings.HasPrefix(start, text) {
				return true
			}
		}
		return false
	}
	for _, spelling := range s.byStart[text[:shortest]] {
		if len(spelling) > len(text) && strings.HasPrefix(spelling, text) {
			return true
		}
	}
	return false
}
