package erb

import "strings"

// items are the members of a range; finite is false when it has no end, or is of another kind
// than integers and texts.
func (s *span) items() (all []any, finite bool) {
	switch from := s.from.(type) {
	case int:
		to, ok := s.last()
		if !ok {
			return nil, false
		}
		for i := from; i <= to && len(all) <= maxSize; i++ {
			all = append(all, i)
		}
		return all, true
	case string:
		to, ok := s.to.(string)
		if !ok {
			return nil, false
		}
		return texts(from, to, s.short), true
	}
	return nil, false
}

func (s *span) last() (int, bool) {
	to, ok := s.to.(int)
	if n, isFloat := s.to.(float64); isFloat {
		to, ok = int(n), true
	}
	if s.short {
		to--
	}
	return to, ok
}

func texts(from, to string, short bool) []any {
	var all []any
	for s := from; len(s) <= len(to) && len(all) <= maxSize; s = successor(s) {
		if s == to {
			if !short {
				all = append(all, s)
			}
			break
		}
		all = append(all, s)
	}
	return all
}

// successor is the next text: a, b, …, z, aa; a9, b0.
func successor(s string) string {
	b := []byte(s)
	for i := len(b) - 1; i >= 0; i-- {
		switch b[i] {
		case 'z':
			b[i] = 'a'
		case 'Z':
			b[i] = 'A'
		case '9':
			b[i] = '0'
		default:
			b[i]++
			return string(b)
		}
		if i == 0 {
			first := map[byte]string{'a': "a", 'A': "A", '0': "1"}[b[0]]
			return first + string(b)
		}
	}
	return s + "a" // of the empty text
}

// covers is whether a value lies in the range.
func (s *span) covers(in *interp, v any) bool {
	if s.from != nil {
		if order, ok := in.compare(s.from, v); !ok || order > 0 {
			return false
		}
	}
	if s.to == nil {
		return true
	}
	order, ok := in.compare(v, s.to)
	return ok && (order < 0 || order == 0 && !s.short)
}

// bounds are the first index and the number of the items that a range takes of size items; ok is
// false when it begins outside of them.
func (s *span) bounds(size int) (from, n int, ok bool) {
	from, to := 0, size-1
	if v, is := s.from.(int); is {
		from = v
	}
	if v, is := s.to.(int); is {
		to = v
		if to < 0 {
			to += size
		}
		if s.short {
			to--
		}
	}
	return window(from, to-s.wrapped(from, size)+1, size)
}

func (s *span) wrapped(from, size int) int {
	if from < 0 {
		return from + size
	}
	return from
}

// window is the part of size items from an index, which counts from the end when it is negative.
func window(from, n, size int) (int, int, bool) {
	if from < 0 {
		from += size
	}
	if from < 0 || from > size {
		return 0, 0, false
	}
	return from, max(0, min(n, size-from)), true
}

func repeated(s string, n int) string {
	if n > 0 && len(s) > maxText/n {
		limit(0, "this grows to more than %d bytes", maxText)
	}
	return strings.Repeat(s, max(0, n))
}
