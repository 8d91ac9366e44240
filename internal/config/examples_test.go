package config

import (
	"os"
	"strings"
	"testing"
)

func TestExamples_of_the_reference_load(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, s := range sections() {
		known[s.path()] = true
		text, found := examples[s.path()]
		if !found || !strings.HasPrefix(text, "\n") || !strings.HasSuffix(text, "\n") {
			t.Errorf("section %q has no example that begins and ends with a newline", s.path())
			continue
		}
		t.Run(s.path(), func(t *testing.T) {
			t.Parallel()
			checkExample(t, s, text)
		})
	}
	for name := range examples {
		if !known[name] {
			t.Errorf("there is an example for %q, which is no section", name)
		}
	}
}

// checkExample loads an example over a minimal file. The example for the root is a file of its own.
func checkExample(t *testing.T, s documented, text string) {
	t.Helper()
	older := s.path() == "healthcheck" || s.path() == "traefik"
	files := map[string]string{"deploy.yml": minimal, "deploy.prod.yml": text}
	destination := "prod"
	switch {
	case s.path() == "":
		files["deploy.yml"], destination = text, ""
	case !older:
		files["deploy.yml"] += "builder: {arch: amd64}\n" // else the file counts as one of Kamal 1
	}
	c, err := Load(LoadOptions{File: "deploy.yml", Destination: destination, ReadFile: fakeFiles(files)})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Notices) > 0 && !older {
		t.Errorf("notices: %v", c.Notices)
	}
	if !setsKey(s, text) {
		t.Errorf("it sets no key of its section")
	}
}

// setsKey reports whether an example names a key of the section.
func setsKey(s documented, text string) bool {
	for _, key := range s.keys() {
		if strings.Contains(text, key[strings.LastIndexByte(key, '/')+1:]+":") {
			return true
		}
	}
	return false
}

func TestExamples_in_pages_load(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"../../README.md": 1, "../../docs/guide.md": 3, "../../docs/config.md": len(examples) + 2} {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		blocks := strings.Split(string(page), "```yaml\n")[1:]
		if len(blocks) != want {
			t.Errorf("%s has %d examples, want %d", name, len(blocks), want)
		}
		for _, block := range blocks {
			text, _, _ := strings.Cut(block, "```")
			_, err := Load(LoadOptions{
				File: "deploy.yml", Destination: "prod", World: sampleWorld(),
				ReadFile: fakeFiles(map[string]string{"deploy.yml": minimal, "deploy.prod.yml": text}),
			})
			if err != nil {
				t.Errorf("%s: %v in:\n%s", name, err, text)
			}
		}
	}
}
