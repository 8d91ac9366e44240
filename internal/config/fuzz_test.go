package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

// Whatever the file says, Load answers with a configuration or with problems.
func FuzzLoad(f *testing.F) {
	f.Add(minimal, "servers: {web: {hosts: [{h1: [x]}], proxy: {ssl: {}}}}\n")
	f.Add(secretive, "env:\nproxy: {run: {publish: no}}\nboot: {limit: 9%}\n")
	f.Add("servers: {web: , a: {logging: , env: , proxy: }}\nlogging: {options: {a: }}", "registry: {password: [[]]}\nbuilder: {arch: [[]], cache: }")
	for _, h := range hostile {
		if len(h.text) < 10_000 {
			f.Add(h.text, "env: {A: b}\n")
			f.Add(minimal, h.text)
		}
	}
	for _, text := range samples(f) {
		f.Add(minimal, text)
	}
	f.Fuzz(func(t *testing.T, base, over string) {
		files := fakeFiles(map[string]string{"deploy.yml": base, "deploy.prod.yml": over})
		opts := LoadOptions{File: "deploy.yml", Destination: "prod", Version: "1.0.0", ReadFile: files}
		ReadChoices(opts)
		if _, err := Aliases(opts); err != nil && !errors.As(err, new(Problems)) {
			t.Fatal(err)
		}
		c, err := Load(opts)
		var problems Problems
		switch {
		case err != nil && (!errors.As(err, &problems) || len(problems) == 0 || c != nil):
			t.Fatalf("error %v with %v", err, c)
		case err == nil && (c.Service == "" || c.PrimaryHost() == "" && len(c.Accessories) == 0):
			t.Fatalf("accepted without service or hosts: %+v", c)
		case err == nil:
			use(t, c)
		}
	})
}

// samples are the inputs of the cases in testdata.
func samples(f *testing.F) []string {
	f.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(text), "=== ")[1:] {
			input, _, _ := strings.Cut(c, "\n----\n")
			_, body, _ := strings.Cut(input, "\n")
			all = append(all, body)
		}
	}
	return all
}

// use does with a configuration what commands do.
func use(t *testing.T, c *Project) {
	t.Helper()
	for _, n := range c.Notices {
		if n.Text == "" || n.Pos.Line == 0 {
			t.Errorf("notice %+v says nothing, or not where", n)
		}
	}
	view := c.All().Shown("v1", true)
	if _, err := view.YAML(); err != nil {
		t.Error(err)
	}
	if _, err := view.JSON(); err != nil {
		t.Error(err)
	}
	for _, s := range c.All().Settings() {
		if s.Key == "" || s.Value == nil || s.Origin == "" {
			t.Errorf("setting %+v says nothing", s)
		}
	}
	if _, err := c.Select(Selection{Primary: c.PrimaryHost() != ""}); err != nil {
		t.Error(err)
	}
	if _, err := c.All().Secrets(func(string) (redact.String, error) { return redact.New("x"), nil }, Needs{App: true, Accessories: true}); err != nil {
		t.Error(err)
	}
	c.Batches(c.AppHosts())
}
