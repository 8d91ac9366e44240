package redact

import "strings"

// shortest is how many bytes a spelling has at least. Replacing shorter ones would garble any
// text without protecting anything.
const shortest = 4

// Secrets finds secrets in text that other programs wrote, however they are spelled there. The
// zero value knows none. It is not safe for use by several goroutines while it grows.
type Secrets struct {
	known   map[string]bool
	byStart map[string][]string // spellings by their first bytes, as many as shortest says
	longest int
}

// Of returns the Secrets of these values.
func Of(values ...String) *Secrets {
	s := &Secrets{}
	s.Add(values...)
	return s
}

// Add makes more values known.
func (s *Secrets) Add(values ...String) {
	if s.known == nil {
		s.known, s.byStart = map[string]bool{}, map[string][]string{}
	}
	for _, v := range values {
		if s.known[v.value] {
			continue
		}
		for _, spelling := range append(spellings(v.value), v.value) {
			s.add(spelling)
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

// Hide returns text with Mark in the place of all spellings of the secrets. Spellings that overlap
// are one place.
func (s *Secrets) Hide(text string) string {
	if s == nil || len(s.byStart) == 0 {
		return text
	}
	var out strings.Builder
	kept, end := 0, 0 // what is written of text, and where the last place ends
	for i := 0; i+shortest <= len(text); i++ {
		to := i + s.at(text[i:])
		if to == i {
			continue
		}
		if i >= end {
			out.WriteString(text[kept:i] + Mark)
		}
		end = max(end, to)
		kept = end
	}
	if end == 0 {
		return text
	}
	return out.String() + text[kept:]
}

// at is the length of the longest spelling that text begins with, 0 without one.
func (s *Secrets) at(text string) int {
	longest := 0
	for _, spelling := range s.byStart[text[:shortest]] {
		if len(spelling) > longest && strings.HasPrefix(text, spelling) {
			longest = len(spelling)
		}
	}
	return longest
}

// Settled returns how many bytes at the beginning of text can be hidden and passed on whatever
// follows it: no spelling crosses that place, or may do so once there is more.
func (s *Secrets) Settled(text string) int {
	if s == nil || len(s.byStart) == 0 {
		return len(text)
	}
	settled := len(text)
	for i := max(0, len(text)-s.longest+1); i < len(text); i++ {
		if s.mayBegin(text[i:]) {
			settled = i
			break
		}
	}
	return s.behind(text, settled)
}

// behind moves a place in text back to the beginning of the spelling that crosses it.
func (s *Secrets) behind(text string, place int) int {
	for i := max(0, place-s.longest+1); i < place && i+shortest <= len(text); i++ {
		if i+s.at(text[i:]) > place {
			return s.behind(text, i)
		}
	}
	return place
}

// mayBegin reports whether a spelling that is longer than text begins with it.
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
