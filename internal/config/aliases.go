package config

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"

	"mrsk/internal/yamltree"
)

// Alias is a command that the configuration defines as an abbreviation of a command line.
type Alias struct {
	Name    string
	Command string // shell words
	Pos     yamltree.Pos
}

// Problem returns an error with the position of the alias in the file.
func (a Alias) Problem(text, advice string) error {
	return Problems{{Pos: a.Pos, Path: "aliases/" + a.Name, Text: text, Advice: advice}}
}

// Aliases reads the aliases, with the destination's merged over the base's. It checks nothing else of
// the file, because the file may be complete only with the destination that an alias names. A missing
// file has no aliases.
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

// aliasName matches the names of aliases. A name that begins with - loads, as in Kamal, but the command
// line takes it for an option.
var aliasName = regexp.MustCompile(`^[a-z0-9_-]+$`)

// kamalCommands are the commands of Kamal, which refuses aliases with these names and no others.
var kamalCommands = []string{
	"accessory", "app", "audit", "build", "config", "deploy", "details", "docs", "help", "init", "lock", "proxy", "prune",
	"redeploy", "registry", "remove", "rollback", "secrets", "server", "setup", "tree", "upgrade", "version",
}

func readAliases(v value, d *draft) {
	entries, _ := v.hash()
	for _, e := range entries {
		command, ok := e.word()
		switch {
		case !aliasName.MatchString(e.key):
			e.keyProblem("%q is not a command name: use lower case letters, digits, - and _", e.key)
		case slices.Contains(d.commands, e.key) && slices.Contains(kamalCommands, e.key):
			e.keyProblem("%s is a command of mrsk, which an alias cannot replace", e.key)
		case slices.Contains(d.commands, e.key):
			e.atKey().lost("%s is a command of mrsk: give the alias another name", e.key)
		case e.key[0] == '-':
			e.atKey().lost("a word that begins with - is an option and not a command")
		case ok:
			d.Aliases = append(d.Aliases, Alias{e.key, command, e.value.Pos})
		}
	}
}

// keyProblem reports a problem at the position of the key and not of its value.
func (e named) keyProblem(format string, args ...any) {
	e.atKey().problem(format, args...)
}

// atKey returns the value with the position of its key.
func (e named) atKey() value {
	at := e.value
	at.Node = &yamltree.Node{Pos: e.pos}
	return at
}
