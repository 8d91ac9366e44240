package config

import (
	"strings"
	"testing"
)

// References to images come from files and hosts. Each has one familiar name, with and without the name of
// Docker's registry.
func FuzzFamiliar(f *testing.F) {
	for _, ref := range []string{"postgres", "library/postgres", "docker.io/library/postgres", "index.docker.io/acme/app", "localhost:5000/a/b", "library/a/b", "docker.io/", "library/", "/"} {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		name := Familiar(ref)
		if !strings.HasSuffix(ref, name) {
			t.Errorf("%q is called %q", ref, name)
		}
		server, _, _ := strings.Cut(ref, "/")
		if server == "docker.io" || server == "index.docker.io" {
			return
		}
		for _, full := range []string{"docker.io/" + ref, "index.docker.io/" + ref} {
			if got := Familiar(full); got != name {
				t.Errorf("%q is called %q, and %q is called %q", ref, name, full, got)
			}
		}
	})
}
