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

// Mentions reports whether the text of the files has a word that may be a key, which an alias is.
func Mentions(opts LoadOptions, word string) bool {
	key := regexp.MustCompile(`(?m)(^|[\s{,"'])` + regexp.QuoteMeta(word) + `["']?\s*:`)
	return slices.ContainsFunc(opts.Files(), func(file string) bool {
		text, err := opts.read(file)
		return err == nil && key.Match(text)
	})
}

// aliasName matches names of aliases. One that begins with - loads, as in Kamal, but no one can
// type it.
var aliasName = regexp.MustCompile(`^[a-z0-9_-]+$`)

// kamals are the commands that Kamal has: it refuses aliases with these names, and with no others.
var kamals = []string{
	"accessory", "app", "audit", "build", "config", "deploy", "details", "docs", "help", "init", "lock", "proxy", "prune",
	"redeploy", "registry", "remove", "rollback", "secrets", "server", "setup", "tree", "upgrade", "version",
}

func readAliases(v value, d *draft) {
	entries, _ := v.hash()
	for _, e := range entries {
		command, ok := e.word()
		switch {
		case !aliasName.MatchString(e.key):
			e.keyProblem("%q is no name for a command: lower case letters, digits, - and _", e.key)
		case slices.Contains(d.commands, e.key) && slices.Contains(kamals, e.key):
			e.keyProblem("%s is a command of mrsk, which an alias cannot replace", e.key)
		case slices.Contains(d.commands, e.key):
			e.atKey().lost("%s is a command of mrsk: give the alias another name", e.key)
		case e.key[0] == '-':
			e.atKey().lost("a word that begins with - is an option, and no command")
		case ok:
			d.Aliases = append(d.Aliases, Alias{e.key, command, e.value.Pos})
		}
	}
}

// keyProblem is a problem of the key, not of its value.
func (e named) keyProblem(format string, args ...any) {
	e.atKey().problem(format, args...)
}

// atKey is the value, with the position of its key.
func (e named) atKey() value {
	at := e.value
	at.Node = &yamltree.Node{Pos: e.pos}
	return at
}
