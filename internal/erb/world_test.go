package erb

import (
	"cmp"
	"errors"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// sampleFiles are the files of the world in which tests render.
var sampleFiles = fstest.MapFS{
	"version":  {Data: []byte("3.4.1\n")},
	"conf.yml": {Data: []byte("hosts: [10.0.0.1, 10.0.0.2]\ndb: {name: shop, port: 5432}\nbase: &base {x: 1, y: 2}\nmerged: {<<: *base, y: 3}\n")},
	".env":     {Data: []byte("TOKEN=t0k\nNAME=from the file\n")},
}

const sampleDir = "/work/shop"

// sampleWorld has some variables and files, and a shell.
func sampleWorld(t testing.TB) World {
	t.Helper()
	environ := []string{"NAME=world", "EMPTY=", "HOSTS=10.0.0.1, 10.0.0.2", "MODE=staging"}
	return World{
		Environ: func() []string { return environ },
		Setenv:  func(name, value string) { environ = append(environ, name+"="+value) },
		Dir:     sampleDir, Home: "/home/ann",
		ReadFile: func(path string) ([]byte, error) {
			return sampleFiles.ReadFile(strings.TrimPrefix(path, sampleDir+"/"))
		},
		Stat: func(path string) (fs.FileInfo, error) {
			return sampleFiles.Stat(cmp.Or(strings.TrimPrefix(strings.TrimPrefix(path, sampleDir), "/"), "."))
		},
		Run: func(command string, environ []string) (Ran, error) {
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
			cmd.Env = environ
			out, err := cmd.Output()
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				return Ran{Stdout: string(out), Stderr: string(exit.Stderr), Status: exit.ExitCode()}, nil
			}
			return Ran{Stdout: string(out)}, err
		},
		Dotenv: func(_, text string) ([]string, error) {
			return slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return s == "" }), nil
		},
	}
}
