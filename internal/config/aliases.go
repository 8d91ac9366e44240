package config

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"

	"mrsk/internal/yamltree"
)

// Alias is a word that stands for a command line.
type Alias struct {
	Name    string
	Command string // shell words
	Pos     yamltree.Pos
}

// Problem is an error at the alias.
func (a Alias) Problem(text, advice string) error {
	return Problems{{Pos: a.Pos, Path: "aliases/" + a.Name, Text: text, Advice: advice}}
}

// Aliases are those of the file, with the destination's laid over them. Nothing else of the file
// is checked: an alias may name the destination without which the rest is not complete. A file
// that is not there has none.
func Aliases(opts LoadOptions) ([]Alias, error) {
	if _, err := opts.read(opts.file()); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	log := &problemLog{}
	root := opts.tree(log)
	if !log.readable() {
		return nil, log.problems.Err()
	}
	d := &draft{commands: opts.Commands}
	if at := (value{root, "", log}).at("aliases"); !at.absent() {
		readAliases(at, d)
	}
	return d.Aliases, log.problems.Err()
}

// aliasName matches words that can be typed as a command.
var aliasName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

func readAliases(v value, d *draft) {
	entries, _ := v.hash()
	for _, e := range entries {
		command, ok := e.word()
		switch {
		case !aliasName.MatchString(e.key):
			e.keyProblem("%q is no name for a command: lower case letters, digits, - and _", e.key)
		case slices.Contains(d.commands, e.key):
			e.keyProblem("%s is a command of mrsk, which an alias cannot replace", e.key)
		case ok:
			d.Aliases = append(d.Aliases, Alias{e.key, command, e.value.Pos})
		}
	}
}

// keyProblem is a problem of the key, not of its value.
func (e named) keyProblem(format string, args ...any) {
	at := e.value
	at.Node = &yamltree.Node{Pos: e.pos}
	at.problem(format, args...)
}
