package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/erb"
	"mrsk/internal/yamltree"
)

// value is a node of the file, with the path that problems name it by and the place where
// problems go.
type value struct {
	*yamltree.Node
	path string
	log  *problemLog
}

// problemLog collects problems. The same text at the same place is told once: what a role
// inherits is read again for every role.
type problemLog struct {
	problems yamltree.Problems
	notices  []Notice
	told     map[string]bool
	unfilled map[yamltree.Pos]bool // values that lack something of the environment, see fill
	environ  map[line][]string     // variables of the environment that the values of a line come from
	unset    map[line][]string     // those of them that are not set, or empty
}

func (l *problemLog) add(p yamltree.Problem) {
	if l.unfilled[p.Pos] {
		return // what else is wrong with the value is not known yet
	}
	key := p.Pos.String() + p.Text + p.Path[strings.LastIndexByte(p.Path, '/')+1:]
	if l.told[key] {
		return
	}
	if l.told == nil {
		l.told = map[string]bool{}
	}
	l.told[key] = true
	l.problems = append(l.problems, p)
}

// lacking adds a problem of a value that is not known: the rest can be read without it.
func (l *problemLog) lacking(p yamltree.Problem) {
	l.add(p)
	if l.unfilled == nil {
		l.unfilled = map[yamltree.Pos]bool{}
	}
	l.unfilled[p.Pos] = true
}

// line is one of a file.
type line struct {
	file   string
	number int
}

// uses notes which variables a template asks for.
func (l *problemLog) uses(file string, byLine map[int][]erb.Variable) {
	for number, all := range byLine {
		for _, v := range all {
			l.use(line{file, number}, v.Name, v.Empty)
		}
	}
}

// variableName is what a template asks for where it asks for something that there can be.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (l *problemLog) use(at line, name string, empty bool) {
	if l.environ == nil {
		l.environ, l.unset = map[line][]string{}, map[line][]string{}
	}
	if !variableName.MatchString(name) {
		return
	}
	if !slices.Contains(l.environ[at], name) {
		l.environ[at] = append(l.environ[at], name)
	}
	if empty {
		l.unset[at] = append(l.unset[at], name)
	}
}

// setting is what to do about a value that is empty because a variable is, "" for any other value.
func (v value) setting() string {
	names := v.log.unset[line{v.Pos.File, v.Pos.Line}]
	if v.Kind != yamltree.Scalar || strings.TrimSpace(v.Text) != "" || len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("set %s in the environment, which it comes from", strings.Join(names, " and "))
}

// readable reports whether the files could be read, though values may be lacking.
func (l *problemLog) readable() bool { return len(l.problems) == len(l.unfilled) }

func (v value) problem(format string, args ...any) {
	v.advise("", format, args...)
}

// advise is problem with what to do about it.
func (v value) advise(advice, format string, args ...any) {
	v.log.add(yamltree.Problem{Pos: v.Pos, Path: clip(v.path), Text: clip(fmt.Sprintf(format, args...)), Advice: cmp.Or(v.setting(), advice)})
}

// longest is how much of a problem's text is told; what it quotes from the file may be anything.
const longest = 400

func clip(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

// at is the value for key, with its path; absent is a value without a node.
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

// or is v, or other when v is absent: the node that a problem can point at.
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

// text returns the literal text of a string or a number. A boolean without quotes is true or
// false however it is spelled: what the reference, and so the app, makes of yes and False.
func (v value) text() (string, bool) {
	if v.Kind != yamltree.Scalar || v.Null {
		v.shouldBe("a string")
		return "", false
	}
	if strings.ContainsRune(v.Text, 0) {
		v.problem("holds a NUL byte")
		return "", false
	}
	if is, ok := v.Bool(); ok {
		return strconv.FormatBool(is), true
	}
	return v.Text, true
}

// word is text that is not blank.
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

// intAtLeast returns an integer of at least that value.
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

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

// seconds returns a duration that the file gives in whole seconds.
func (v value) seconds(least int) (time.Duration, bool) {
	n, ok := v.intAtLeast(least)
	if ok && n > maxSeconds {
		v.problem("should be at most %d seconds", maxSeconds)
		return 0, false
	}
	return time.Duration(n) * time.Second, ok
}

// maxSeconds is about three years: far over any sensible wait, far under what overflows.
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
	if v.Null {
		advice = "nothing follows the key: give it a value, or remove the line"
	}
	v.advise(advice, "should be %s, not %s", what, v.found())
}

// found is what a value is instead of what it should be: its type alone, as the value itself
// may be a secret.
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
		return "one that large"
	case notNumber == nil:
		return "a decimal number"
	}
	return "a string"
}
