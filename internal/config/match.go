package config

import (
	"path"
	"regexp"
	"strings"
)

// bracketed matches an IPv6 address in brackets, which is not a character class of a pattern.
var bracketed = regexp.MustCompile(`\[([0-9A-Fa-f.*?]*:[0-9A-Fa-f:.*?]*(?:%[^\]]*)?)\]`)

// matches reports whether a shell pattern (* ? [a-z] {a,b}) matches the whole name. A malformed
// pattern, such as [a, matches only itself.
func matches(pattern, name string) bool {
	if pattern == name {
		return true
	}
	pattern = bracketed.ReplaceAllString(pattern, `\[$1\]`)
	// path.Match supports only [^a]; shells support [!a], too.
	for _, p := range expandBraces(strings.ReplaceAll(pattern, "[!", "[^")) {
		if ok, err := path.Match(p, name); ok || err != nil && p == name {
			return true
		}
	}
	return false
}

// maxPatterns limits the number of patterns that braces expand to.
const maxPatterns = 1000

// expandBraces returns the patterns that a pattern with braces stands for: ab and ac for a{b,c}.
func expandBraces(pattern string) []string {
	done, todo := []string{}, []string{pattern}
	for len(todo) > 0 && len(todo)+len(done) < maxPatterns {
		p := todo[0]
		todo = todo[1:]
		head, options, tail, ok := firstBraces(p)
		if !ok {
			done = append(done, p)
			continue
		}
		for _, o := range options {
			todo = append(todo, head+o+tail)
		}
	}
	return append(done, todo...)
}

// firstBraces splits p at its first braces into the text before, the choices inside, and the text after.
func firstBraces(p string) (head string, options []string, tail string, ok bool) {
	start := strings.IndexByte(p, '{')
	if start < 0 {
		return "", nil, "", false
	}
	depth, from := 0, start+1
	for i := start; i < len(p); i++ {
		switch p[i] {
		case '{':
			depth++
		case ',':
			if depth == 1 {
				options = append(options, p[from:i])
				from = i + 1
			}
		case '}':
			depth--
			if depth == 0 {
				return p[:start], append(options, p[from:i]), p[i+1:], true
			}
		}
	}
	return "", nil, "", false
}
