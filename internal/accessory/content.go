package accessory

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/erb"
	"mrsk/internal/yamltree"
)

// Files is what the files of accessories hold, by the accessory's name, in their order.
type Files map[string][]string

// maxFile is the largest file, in bytes, that is brought to hosts: it travels in a script, which
// the host's shell has to hold.
const maxFile = 16 << 20

// ReadFiles reads the files of those accessories that have hosts; read returns the content of a
// file of the project, and world is what templates among them may ask for. What is wrong with them is told all at once, as yamltree.Problems at the
// places that name them.
func ReadFiles(all []config.Accessory, read func(path string) ([]byte, error), world erb.World) (Files, error) {
	files, problems := Files{}, yamltree.Problems{}
	for _, a := range all {
		if len(a.Hosts) == 0 {
			continue
		}
		for i, f := range a.Files {
			text, err := readFile(a, f, read, world)
			if err != nil {
				problems = append(problems, yamltree.Problem{Pos: f.Pos, Path: fmt.Sprintf("accessories/%s/files/%d", a.Name, i), Text: err.Error()})
			}
			files[a.Name] = append(files[a.Name], text)
		}
	}
	return files, problems.Err()
}

func readFile(a config.Accessory, f config.Mount, read func(path string) ([]byte, error), world erb.World) (string, error) {
	text, err := read(f.Local)
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s", f.Local)
	case errors.As(err, &path):
		return "", fmt.Errorf("cannot read %s: %w", f.Local, path.Err)
	case err != nil:
		return "", fmt.Errorf("cannot read %s: %w", f.Local, err)
	case len(text) > maxFile:
		return "", fmt.Errorf("%s has %d bytes, and no more than %d can be brought: put it on the host, and mount it with volumes", f.Local, len(text), maxFile)
	}
	return render(a, f, string(text), world)
}

// render makes the content of a file out of what the project has. A name that ends in .erb says
// that the file is a template, for which the accessory's env is set.
func render(a config.Accessory, f config.Mount, text string, world erb.World) (string, error) {
	if !strings.HasSuffix(f.Local, ".erb") {
		return text, nil
	}
	world.Environ = with(world.Environ, a.Env)
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

// with adds an accessory's env, whose secrets are filled in, to an environment.
func with(environ func() []string, env config.Env) func() []string {
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
