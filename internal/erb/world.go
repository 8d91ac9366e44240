package erb

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// MaxText is how many bytes a text may have.
const MaxText = 10_000_000

// World is what templates may ask for. A field that is nil stands for a world without that
// thing.
type World struct {
	// Environ is the environment as NAME=value; the last one of a name wins. Setenv is told what
	// a template puts into it.
	Environ func() []string
	Setenv  func(name, value string)

	Dir, Home string // the working directory, where relative paths begin, and the operator's

	// ReadFile and Stat are given absolute paths. ReadFile may refuse what is
	// larger than MaxText.
	ReadFile func(path string) ([]byte, error)
	Stat     func(path string) (fs.FileInfo, error)

	// Run runs a shell's command line to its end, in an environment. The error says that it could
	// not be run at all.
	Run func(command string, environ []string) (Ran, error)
	// Dotenv reads the text of a dotenv file, and returns NAME=value.
	Dotenv func(file, text string) ([]string, error)
	// Say shows a line to the operator.
	Say func(line string)

	// Ruby runs a program of Ruby with input, and returns what it prints; ErrNoRuby where there
	// is none, or it is not wanted.
	Ruby func(program, input string, environ []string) (string, error)
}

// ErrNoRuby is a World without Ruby.
var ErrNoRuby = errors.New("there is no ruby")

// Ran is what became of a command.
type Ran struct {
	Stdout, Stderr string
	Status         int
}

func (w World) environ() []string {
	if w.Environ == nil {
		return nil
	}
	return w.Environ()
}

func (w World) lookup(name string) (string, bool) {
	for _, entry := range slices.Backward(w.environ()) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value, true
		}
	}
	return "", false
}

func (w World) setenv(name, value string) {
	if w.Setenv != nil {
		w.Setenv(name, value)
	}
}

// at is where a file is, as an absolute path.
func (w World) at(name string) string {
	switch {
	case name == "~":
		return w.Home
	case strings.HasPrefix(name, "~/"):
		name = path.Join(w.Home, name[2:])
	}
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(w.Dir, name)
}

// open is at for those who do not know ~, as Ruby's File does not.
func (w World) open(name string) string {
	if strings.HasPrefix(name, "~") {
		name = "./" + name
	}
	return w.at(name)
}

func (w World) read(name string) (string, error) {
	if w.ReadFile == nil {
		return "", fs.ErrNotExist
	}
	data, err := w.ReadFile(w.open(name))
	return string(data), err
}

func (w World) exists(name string) bool {
	if w.Stat == nil {
		return false
	}
	_, err := w.Stat(w.open(name))
	return err == nil
}

func (w World) run(command string) (Ran, error) {
	if w.Run == nil {
		return Ran{}, errors.New("there is nothing here that runs commands")
	}
	ran, err := w.Run(command, w.environ())
	if err == nil {
		w.say(strings.TrimRight(ran.Stderr, "\n"))
	}
	return ran, err
}

func (w World) say(text string) {
	if w.Say != nil && text != "" {
		w.Say(text)
	}
}
