package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// value is a node of the file, with its path and the log for its problems.
type value struct {
	*yamltree.Node
	path string
	log  *problemLog
}

// problemLog collects problems. It keeps each problem once, because settings that roles inherit are read
// again for each role.
type problemLog struct {
	problems yamltree.Problems
	notices  []Notice
	known    map[string]bool
	unfilled map[yamltree.Pos]bool // values with an unset ${env:NAME}, see fill
	environ  map[line][]string     // variables of the environment that occur in a line
	unset    map[line][]string     // those of environ that are unset or empty
	stored   map[line][]string     // those of unset on which other lines may depend
	tags     map[line]bool         // the lines with tags of a template; true for those that begin with one
}

func (l *problemLog) add(p yamltree.Problem) {
	if l.unfilled[p.Pos] {
		return // without the variable the value is not known, so other problems may be wrong
	}
	key := p.Pos.String() + p.Text + p.Path[strings.LastIndexByte(p.Path, '/')+1:]
	if l.known[key] {
		return
	}
	if l.known == nil {
		l.known = map[string]bool{}
	}
	l.known[key] = true
	l.problems = append(l.problems, p)
}

// lacking adds the problem that a value needs an unset variable. The rest of the file can still be read.
func (l *problemLog) lacking(p yamltree.Problem) {
	l.add(p)
	if l.unfilled == nil {
		l.unfilled = map[yamltree.Pos]bool{}
	}
	l.unfilled[p.Pos] = true
}

// readable reports whether the files could be read, apart from values with unset variables.
func (l *problemLog) readable() bool { return len(l.problems) == len(l.unfilled) }

func (v value) problem(format string, args ...any) {
	v.advise("", format, args...)
}

// advise adds a problem with advice.
func (v value) advise(advice, format string, args ...any) {
	v.log.add(yamltree.Problem{Pos: v.Pos, Path: clip(v.path), Text: clip(fmt.Sprintf(format, args...)), Advice: v.hint(advice)})
}

// hint returns the advice for a problem. That of a value that a variable may have spoilt names the variable.
func (v value) hint(advice string) string {
	if advice == "" {
		return v.setting()
	}
	if lacking := notSet(v.causes()); lacking != "" {
		return advice + "; " + lacking
	}
	return advice
}

// longest is the maximum length of a problem's text in bytes. The text may quote a value of any length.
const longest = 400

func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

// at returns the value of a key, with its path. It is absent if there is no such key.
func (v value) at(key string) value {
	return v.child(key, v.Get(key))
}

func (v value) child(key string, n *yamltree.Node) value {
	if v.path != "" {
		key = v.path + "/" + key
	}
	return value{n, key, v.log}
}

func (v value) absent() bool { return v.Node == nil }

// or returns v. If v is absent, it gets the node of other, so that a problem has a position.
func (v value) or(other value) value {
	if v.absent() {
		v.Node = other.Node
	}
	return v
}

// named is a value of a hash with its key.
type named struct {
	key string
	pos yamltree.Pos // of the key
	value
}

// hash returns the entries of a hash; anything else is a problem.
func (v value) hash() ([]named, bool) {
	if v.Kind != yamltree.Map {
		v.shouldBe("a hash")
		return nil, false
	}
	entries := make([]named, len(v.Entries))
	for i, e := range v.Entries {
		entries[i] = named{e.Key, e.Pos, v.child(e.Key, e.Value)}
	}
	return entries, true
}

// isOne reports whether there is a single text or number where a list is expected.
func (v value) isOne() bool { return v.Kind == yamltree.Scalar && !v.Null }

// array returns the items of an array; anything else is a problem.
func (v value) array() ([]value, bool) {
	if v.Kind != yamltree.List {
		v.shouldBe("an array")
		return nil, false
	}
	items := make([]value, len(v.Items))
	for i, n := range v.Items {
		items[i] = v.child(strconv.Itoa(i), n)
	}
	return items, true
}

// text returns the literal text of a string or a number. For an unquoted boolean, such as yes or False,
// it returns true or false, because Kamal passes that to the app.
func (v value) text() (string, bool) {
	if v.Kind != yamltree.Scalar || v.Null {
		v.shouldBe("a string")
		return "", false
	}
	if strings.ContainsRune(v.Text, 0) {
		v.problem("contains a NUL byte")
		return "", false
	}
	if is, ok := v.Bool(); ok {
		return strconv.FormatBool(is), true
	}
	return v.Text, true
}

// word is text, but reports a blank one as a problem.
func (v value) word() (string, bool) {
	s, ok := v.text()
	if ok && strings.TrimSpace(s) == "" {
		v.problem("is empty")
		return "", false
	}
	return s, ok
}

// words returns the strings of an array.
func (v value) words() ([]string, bool) {
	items, ok := v.array()
	var all []string
	for _, item := range items {
		s, good := item.word()
		all = append(all, s)
		ok = ok && good
	}
	return all, ok
}

// intAtLeast reads an integer of at least least.
func (v value) intAtLeast(least int) (int, bool) {
	n, ok := v.Int()
	switch {
	case !ok && v.Quoted && isNumber(v.Text):
		v.advise("write the number without quotes", "should be an integer, not a string")
	case !ok:
		v.shouldBe("an integer")
	case n < least:
		v.problem("should be at least %d", least)
		ok = false
	}
	return n, ok
}

// number returns the integer of a value that may be absent.
func (v value) number() (int, bool) {
	if v.absent() {
		return 0, false
	}
	return v.Int()
}

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

// seconds reads a duration in whole seconds.
func (v value) seconds(least int) (time.Duration, bool) {
	n, ok := v.intAtLeast(least)
	if ok && n > maxSeconds {
		v.problem("should be at most %d seconds", maxSeconds)
		return 0, false
	}
	return time.Duration(n) * time.Second, ok
}

// maxSeconds is about three years. Longer durations could overflow.
const maxSeconds = 100_000_000

func (v value) boolean() (is, ok bool) {
	is, ok = v.Bool()
	if !ok {
		v.shouldBe("a boolean")
	}
	return is, ok
}

// port returns a TCP port.
func (v value) port() (int, bool) {
	n, ok := v.intAtLeast(1)
	if ok && n > 65535 {
		v.problem("should be a port, 1 to 65535")
		return 0, false
	}
	return n, ok
}

func (v value) shouldBe(what string) {
	advice := ""
	if v.Null && len(v.causes()) == 0 {
		advice = "nothing follows the key: give it a value, or remove the line"
	}
	v.advise(advice, "should be %s, not %s", what, v.found())
}

// found names the type of a value for a problem. It does not quote the value, which may be a secret.
func (v value) found() string {
	_, isBool := v.Bool()
	_, isInt := v.Int()
	_, notNumber := strconv.ParseFloat(v.Text, 64)
	switch {
	case v.Kind == yamltree.Map:
		return "a hash"
	case v.Kind == yamltree.List:
		return "an array"
	case v.Null:
		return "empty"
	case v.Quoted:
		return "a string"
	case isBool:
		return "a boolean"
	case isInt:
		return "an integer"
	case notNumber == nil && strings.Trim(v.Text, "0123456789") == "":
		return "one so large"
	case notNumber == nil:
		return "a decimal number"
	}
	return "a string"
}
