package erb

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// MaxText is the largest size of a string, of a file that is read, and of the output, in bytes.
const MaxText = 10_000_000

// World is what templates can use of the machine. A nil function means that there is no such
// thing: no files, no commands, an empty environment.
type World struct {
	// Environ returns the environment as NAME=value. The last value of a name counts. Setenv
	// adds what a template sets.
	Environ func() []string
	Setenv  func(name, value string)

	// Dir is the working directory, to which paths are relative. Home is the operator's home.
	Dir, Home string

	// ReadFile and Stat get absolute paths. ReadFile may refuse files larger than MaxText.
	ReadFile func(path string) ([]byte, error)
	Stat     func(path string) (fs.FileInfo, error)

	// Run runs a shell command with an environment and waits for it. The error means that the
	// command did not run. Its exit status is in Ran.
	Run func(command string, environ []string) (Ran, error)
	// Dotenv parses the text of a dotenv file and returns NAME=value.
	Dotenv func(file, text string) ([]string, error)
	// Say shows a line to the operator.
	Say func(line string)

	// Ruby runs a Ruby program with input on standard input and returns its output. It fails with
	// ErrNoRuby if ruby is not installed or is turned off.
	Ruby func(program, input string, environ []string) (string, error)
}

// ErrNoRuby reports that ruby is not installed or is turned off.
var ErrNoRuby = errors.New("there is no ruby")

// Ran is the result of a command.
type Ran struct {
	Stdout, Stderr string
	Status         int // exit status; 128 plus its number for a signal
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

// at returns the absolute path of a file. ~ is the home directory.
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

// open is like at, but ~ has no meaning, as in Ruby's File.read.
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
		return Ran{}, errors.New("commands are not available here")
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
