package remote

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// accumulating are the keywords whose values add up. Of all others the first value counts.
var accumulating = []string{"identityfile", "certificatefile"}

// commands are the keywords whose value is the rest of the line.
var commands = []string{"proxycommand", "knownhostscommand"}

// evaluate returns the values for host as ssh -G does. It is for machines without ssh. What it cannot
// evaluate and could restrict whom to trust is an error: options that it does not know, canonical names,
// and options in Match blocks. It ignores other options in Match blocks.
func (f flattened) evaluate(host string) (directives, error) {
	d := directives{}
	var errs []error
	for _, l := range f.lines {
		values, err := l.values()
		switch {
		case !isOption(l.key) && !d.ignores(l.key):
			errs = append(errs, l.fail("no option of ssh that mrsk knows: correct it, list it in IgnoreUnknown, or install ssh"))
		case l.match && restricts(l.key):
			errs = append(errs, l.fail("it stands in a Match block, which only the program ssh understands: install it"))
		case l.match || !l.applies(host):
		case len(d[l.key]) > 0 && !slices.Contains(accumulating, l.key):
		case err != nil:
			errs = append(errs, l.fail(err.Error()))
		default:
			d[l.key] = append(d[l.key], values...)
		}
	}
	if v := d.first("canonicalizehostname"); v != "" && !strings.EqualFold(v, "no") && !strings.EqualFold(v, "false") {
		errs = append(errs, &UnsupportedError{"CanonicalizeHostname", "only the program ssh can look up canonical names: install it"})
	}
	if name := d.name("hostname"); name != "" {
		d["hostname"] = []string{strings.NewReplacer("%h", host, "%%", "%").Replace(name)}
	}
	return d, errors.Join(errs...)
}

// ignores reports whether IgnoreUnknown has a pattern for key.
func (d directives) ignores(key string) bool {
	return matchesList(strings.Split(strings.ToLower(d.first("ignoreunknown")), ","), key)
}

func (l configLine) fail(why string) error { return fmt.Errorf("%s: %s: %s", l.at, l.key, why) }

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
