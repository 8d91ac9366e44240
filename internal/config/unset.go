package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/erb"
	"mrsk/internal/yamltree"
)

// line is a line of a file.
type line struct {
	file   string
	number int
}

// uses records which variables a template reads, and where its tags are.
func (l *problemLog) uses(file string, r erb.Rendered) {
	if l.tags == nil {
		l.stored, l.tags = map[line][]string{}, map[line]bool{}
	}
	for number, first := range r.Tags {
		l.tags[line{file, number}] = first
	}
	for number, all := range r.Variables {
		at := line{file, number}
		for _, v := range all {
			if l.use(at, v.Name, v.Empty); v.Empty && v.Stored && variableName.MatchString(v.Name) {
				l.stored[at] = append(l.stored[at], v.Name)
			}
		}
	}
}

// variableName matches names that an environment variable can have.
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

// setting returns the advice to set the variables that a value lacks. It is empty if no variable is unset.
func (v value) setting() string {
	names := v.causes()
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("set %s in the environment", strings.Join(names, " and "))
}

// causes returns the unset variables that a value lacks: those of its line or, if it is empty, those that code
// of the template may have used to write it.
func (v value) causes() []string {
	if names := v.unset(); len(names) > 0 || !v.empty() {
		return names
	}
	return v.log.storedFor(v.Pos)
}

// empty reports whether the file has no value here, as if a variable were unset.
func (v value) empty() bool {
	return v.Kind == yamltree.Scalar && strings.TrimSpace(v.Text) == "" || v.Kind == yamltree.List && len(v.Items) == 0
}

// unset returns the unset variables of the line.
func (v value) unset() []string { return v.log.unset[line{v.Pos.File, v.Pos.Line}] }

// lacking says which variables of the line are unset. It is empty if none is.
func (v value) lacking() string { return notSet(v.unset()) }

func notSet(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " is not set"
	default:
		return strings.Join(names, " and ") + " are not set"
	}
}

// storedFor returns the unset variables that the code above a value read, in the order of the lines. There are none
// if the template has no tag that may have written the value, which is on its line or begins the next one.
func (l *problemLog) storedFor(at yamltree.Pos) []string {
	if _, tagged := l.tags[line{at.File, at.Line}]; !tagged && !l.tags[line{at.File, at.Line + 1}] {
		return nil
	}
	var names []string
	for number := range at.Line + 2 {
		for _, name := range l.stored[line{at.File, number}] {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
