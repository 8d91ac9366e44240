package accessory

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/erb"
	"mrsk/internal/yamltree"
)

// Files has the contents of the files of accessories, by the accessory's name, in the order of its files.
type Files map[string][]string

// maxFile is the maximum size of a file in bytes. Files are sent to hosts inside a script, which the shell
// there keeps in memory.
const maxFile = 16 << 20

// ReadFiles reads the files of all accessories that have hosts. read returns the content of a file of the
// project. world gives templates access to files and the environment, and secrets to the env of their
// accessory. The error is yamltree.Problems with
// all problems, at the positions of the files in the configuration.
func ReadFiles(all []config.Accessory, secrets config.Secrets, read func(path string) ([]byte, error), world erb.World) (Files, error) {
	files, problems := Files{}, yamltree.Problems{}
	for _, a := range all {
		if len(a.Hosts) == 0 {
			continue
		}
		world := world
		world.Environ = with(world.Environ, secrets.Env(a.Env))
		for i, f := range a.Files {
			text, err := readFile(f, read, world)
			if err != nil {
				problems = append(problems, yamltree.Problem{Pos: f.Pos, Path: fmt.Sprintf("accessories/%s/files/%d", a.Name, i), Text: err.Error(), Advice: advice(err)})
			}
			files[a.Name] = append(files[a.Name], text)
		}
	}
	return files, problems.Err()
}

// absentError reports a file that does not exist.
type absentError struct{ path string }

func (e *absentError) Error() string { return "there is no file " + e.path }

// advice returns what to do about a file that cannot be read.
func advice(err error) string {
	var absent *absentError
	if errors.As(err, &absent) && !filepath.IsAbs(absent.path) {
		return "write the path relative to the folder that has config/"
	}
	return ""
}

func readFile(f config.Mount, read func(path string) ([]byte, error), world erb.World) (string, error) {
	text, err := read(f.Local)
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &absentError{f.Local}
	case errors.As(err, &path):
		return "", fmt.Errorf("cannot read %s: %w", f.Local, path.Err)
	case err != nil:
		return "", fmt.Errorf("cannot read %s: %w", f.Local, err)
	case len(text) > maxFile:
		return "", fmt.Errorf("%s has %d bytes, more than the limit of %d: put it on the host, and mount it with volumes", f.Local, len(text), maxFile)
	}
	return render(f, string(text), world)
}

// render returns the content of a file. It renders a file whose name ends in .erb as a template.
func render(f config.Mount, text string, world erb.World) (string, error) {
	if !strings.HasSuffix(f.Local, ".erb") {
		return text, nil
	}
	rendered, err := erb.Render(text, world)
	var all erb.Errors
	if errors.As(err, &all) {
		var texts []string
		for _, e := range all {
			texts = append(texts, fmt.Sprintf("%s:%d:%d: %s", f.Local, e.Line, e.Column, e.Text))
		}
		err = errors.New(strings.Join(texts, "; "))
	}
	return rendered.Text, err
}

// with adds an accessory's env, including secrets, to an environment.
func with(environ func() []string, env config.Environment) func() []string {
	return func() []string {
		var all []string
		if environ != nil {
			all = slices.Clone(environ())
		}
		for _, p := range env.Clear {
			all = append(all, p.Name+"="+p.Value)
		}
		for _, s := range env.Secret {
			all = append(all, s.Name+"="+s.Value.Reveal())
		}
		return all
	}
}
