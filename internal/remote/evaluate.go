package remote

import (
	"fmt"
	"slices"
	"strings"
)

// accumulating are the keywords whose values add up. Of all others the first value counts.
var accumulating = []string{"identityfile", "certificatefile"}

// commands are the keywords whose value is the rest of the line.
var commands = []string{"proxycommand", "knownhostscommand"}

// evaluate returns the values for host as ssh -G does. It is for machines without ssh. It cannot
// evaluate Match blocks: one that could restrict whom to trust is an error, others are ignored.
func (f flattened) evaluate(host string) (directives, error) {
	d := directives{}
	for _, l := range f.lines {
		switch {
		case l.match && restricts(l.key):
			return nil, fmt.Errorf("%s stands in a Match block, which only the program ssh understands: install it", l.key)
		case l.match || !matchesList(l.hosts, host):
		case len(d[l.key]) > 0 && !slices.Contains(accumulating, l.key):
		default:
			values, err := l.values()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", l.key, err)
			}
			d[l.key] = append(d[l.key], values...)
		}
	}
	if name := d.first("hostname"); name != "" {
		d["hostname"] = []string{strings.NewReplacer("%h", host, "%%", "%").Replace(name)}
	}
	return d, nil
}

// values returns the values that ssh -G would print. A list of paths is split into its paths.
func (l configLine) values() ([]string, error) {
	if slices.Contains(commands, l.key) {
		return []string{l.value}, nil
	}
	words, err := splitWords(l.value)
	if err != nil || slices.Contains(pathLists, l.key) {
		return words, err
	}
	return []string{strings.Join(words, " ")}, nil
}

// matchesList reports whether a pattern matches name, and no pattern after a "!" does.
func matchesList(patterns []string, name string) bool {
	found := false
	for _, p := range patterns {
		p, negated := strings.CutPrefix(p, "!")
		switch {
		case !matchesPattern(p, name):
		case negated:
			return false
		default:
			found = true
		}
	}
	return found
}

// matchesPattern matches * and ? as OpenSSH does. The time is at most proportional to the product of the
// lengths, so that a hostile pattern cannot hang it.
func matchesPattern(pattern, name string) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
