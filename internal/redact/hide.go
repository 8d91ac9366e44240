package redact

import "strings"

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

// Hide returns text with all spellings of the secrets replaced by Mark: plain, quoted for a shell, as JSON, in
// a URL, and in base64. Spellings that overlap are replaced by one Mark.
func (s *Secrets) Hide(text string) string {
	if s == nil || len(s.byStart) == 0 {
		return text
	}
	var out strings.Builder
	kept, end := 0, 0 // text up to kept is written; end is where the last spelling ends
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
	settled := len(text)
	for i := max(0, len(text)-s.longest+1); i < len(text); i++ {
		if s.mayBegin(text[i:]) {
			settled = i
			break
		}
	}
	return s.behind(text, settled)
}

// behind moves place back to the beginning of the spelling that crosses it.
func (s *Secrets) behind(text string, place int) int {
	for i := max(0, place-s.longest+1); i < place && i+shortest <= len(text); i++ {
		if i+s.at(text[i:]) > place {
			return s.behind(text, i)
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
