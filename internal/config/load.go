package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/erb"
	"mrsk/internal/textfile"
	"mrsk/internal/yamltree"
)

// DefaultFile is the default of LoadOptions.File.
const DefaultFile = "config/deploy.yml"

// Problems are all problems of a configuration.
type Problems = yamltree.Problems

// LoadOptions are the options of Load.
type LoadOptions struct {
	File        string // base file, default DefaultFile
	Destination string // "" without one
	Dir         string // what a relative File is relative to; "" is the working directory
	Version     string // of this program, for minimum_version; "" skips that check
	OfKamal     bool   // the project is a Kamal project: it has .kamal and no .mrsk
	// Commands are the names of mrsk's commands. An alias of the same name has no effect.
	Commands []string

	// World gives templates, and ${env:NAME} in values, access to files and the environment.
	World erb.World

	// ReadFile reads a file of the configuration; nil is textfile.Read.
	ReadFile func(name string) ([]byte, error)
}

// Load reads the configuration and merges the destination over it. If anything is wrong, it returns no
// Project, and the error is Problems with all that it found.
func Load(opts LoadOptions) (*Project, error) {
	log := &problemLog{}
	root := opts.tree(log)
	if !log.readable() {
		return nil, log.problems.Err()
	}
	d := newDraft(value{root, "", log})
	d.File, d.Destination, d.OfKamal, d.commands = opts.file(), opts.Destination, opts.OfKamal, opts.Commands
	rootSection.read(d.root, d)
	if d.requireDestination && d.Destination == "" {
		// Report only this: other missing keys are probably in the destination's file.
		at := d.root.at("require_destination")
		return nil, Problems{{Pos: at.Pos, Path: at.path, Text: "a destination is required", Advice: "name one with -d"}}
	}
	d.assemble()
	d.check(opts.Version)
	if len(log.problems) > 0 {
		return nil, log.problems.Err()
	}
	d.Notices = sortedOnce(log.notices)
	d.keepWritten()
	return &d.Project, nil
}

// Choices are the names that the shell completion offers.
type Choices struct{ Roles, Hosts, Accessories []string }

// ReadChoices reads the names in a file and ignores all problems.
func ReadChoices(opts LoadOptions) (c Choices) {
	log := &problemLog{}
	root := opts.tree(log)
	if root == nil || root.Kind != yamltree.Map {
		return c
	}
	d := newDraft(value{root, "", log})
	rootSection.read(d.root, d)
	d.assemble()
	c.Roles, c.Hosts = d.roleNames(), slices.DeleteFunc(d.Hosts(), func(h string) bool { return h == "" })
	for _, a := range d.Accessories {
		c.Accessories = append(c.Accessories, a.Name)
	}
	return c
}

// Files returns the files that Load reads: the base and, with a destination, the file merged over it.
func (o LoadOptions) Files() []string {
	base := o.file()
	if o.Destination == "" {
		return []string{base}
	}
	return []string{base, strings.TrimSuffix(base, filepath.Ext(base)) + "." + o.Destination + ".yml"}
}

func (o LoadOptions) file() string {
	return cmp.Or(o.File, DefaultFile)
}

// path returns the path of a file for reading. Problems name the file as the user does.
func (o LoadOptions) path(file string) string {
	if o.Dir == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(o.Dir, file)
}

// destinationForm matches destinations. They become part of names of files and of Docker objects. Dots
// are allowed, because real projects use names like shop.eu.
var destinationForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// tree reads and merges the files.
func (o LoadOptions) tree(log *problemLog) *yamltree.Node {
	if o.Destination != "" && !destinationForm.MatchString(o.Destination) {
		log.add(yamltree.Problem{Text: fmt.Sprintf("destination %q should consist of letters, digits, - _ and ., and begin with a letter or a digit", o.Destination)})
		return nil
	}
	var merged *yamltree.Node
	for _, file := range o.Files() {
		n := o.parse(file, log)
		if n != nil && n.Kind != yamltree.Map {
			value{n, "", log}.shouldBe("a hash")
		}
		merged = mergeOver(merged, n, "")
	}
	return merged
}

func (o LoadOptions) read(file string) ([]byte, error) {
	if o.ReadFile != nil {
		return o.ReadFile(o.path(file))
	}
	return textfile.Read(o.path(file))
}

func (o LoadOptions) parse(file string, log *problemLog) *yamltree.Node {
	data, err := o.read(file)
	if err != nil {
		log.add(unreadableFile(o.path(file), err, o.instead(file)))
		return nil
	}
	n, err := o.yaml(file, data, log)
	var problems yamltree.Problems
	errors.As(err, &problems)
	for _, p := range problems {
		log.add(p)
	}
	value{n, "", log}.repeated()
	return o.fill(n, log)
}

// instead returns the advice for a missing file. Often the command runs in a subfolder of the project.
func (o LoadOptions) instead(file string) string {
	if file != o.file() {
		return "write the file of the destination, or name another destination with -d"
	}
	dir, err := filepath.Abs(o.path("."))
	for above := filepath.Dir(dir); err == nil && above != dir; dir, above = above, filepath.Dir(above) {
		if _, err := os.Stat(filepath.Join(above, file)); err == nil && !filepath.IsAbs(file) {
			return "change to the folder " + above + ", which has it"
		}
	}
	return "run mrsk init to create a config/deploy.yml"
}

func unreadableFile(file string, err error, advice string) yamltree.Problem {
	full, absErr := filepath.Abs(file)
	if absErr != nil {
		return yamltree.Problem{Pos: yamltree.Pos{File: file}, Text: "the working directory is gone", Advice: "change to the folder of the project"}
	}
	file = full
	if errors.Is(err, fs.ErrNotExist) {
		return yamltree.Problem{Pos: yamltree.Pos{File: file}, Text: "there is no such file", Advice: advice}
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return yamltree.Problem{Pos: yamltree.Pos{File: file}, Text: err.Error()}
}
