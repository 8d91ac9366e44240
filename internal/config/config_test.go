package config

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mrsk/internal/golden"
	"mrsk/internal/redact"
)

// minimal is what the cases marked with + are laid over.
const minimal = "service: app\nimage: org/app\nservers: [h1]\nregistry: {username: u, password: [P]}\n"

// The files in testdata hold cases:
//
//	=== what it shows [@part of the result]
//	YAML ("=== +": laid over a minimal file)
//	--- (optional: the overlay of a destination follows)
//	YAML
//	----
//	the problems, or the effective configuration without positions and zero values
func TestLoad_tells_what_testdata_says(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, c := range cases(t, file) {
				got.WriteString("=== " + c.input + "\n----\n" + outcome(t, c.opts(), c.part) + "\n")
			}
			golden.Equal(t, file, got.String())
		})
	}
}

// rules.txt is the table of what may be wrong with a file, one thing each, in the order of the
// keys' chapters. What Kamal refuses and mrsk takes stands there, too, with the reason. Not there:
// hooks that are named pre-traefik-reboot, which Kamal wants renamed, and package hook runs.
func TestLoad_refuses_every_case_of_rules_but_those_that_say_why(t *testing.T) {
	t.Parallel()
	for _, c := range cases(t, "testdata/rules.txt") {
		_, err := Load(c.opts())
		if why := strings.Contains(c.title, ", accepted: "); why != (err == nil) {
			t.Errorf("%s: %v", c.title, err)
		}
	}
}

func TestCases_stand_once(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[testCase]string{}
	for _, file := range files {
		for _, c := range cases(t, file) {
			where := file + ": " + c.title
			c.title, c.input = "", ""
			if seen[c] != "" {
				t.Errorf("%s is %s again", where, seen[c])
			}
			seen[c] = where
		}
	}
}

// testCase is a case as it stands in a file.
type testCase struct {
	input, title, body, part string
	laidOver                 bool // body, over minimal
}

func cases(t *testing.T, file string) []testCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []testCase
	for _, c := range strings.Split(string(text), "=== ")[1:] {
		input, _, _ := strings.Cut(c, "\n----\n")
		input = strings.TrimRight(input, "\n")
		title, body, _ := strings.Cut(input, "\n")
		_, part, _ := strings.Cut(title, "@")
		all = append(all, testCase{input, title, body, part, strings.HasPrefix(title, "+")})
	}
	return all
}

func (c testCase) opts() LoadOptions {
	body := c.body
	files := map[string]string{"deploy.yml": body}
	opts := LoadOptions{File: "deploy.yml", Version: "1.2.3", Commands: []string{"deploy", "plan"}, ReadFile: fakeFiles(files), World: sampleWorld()}
	if base, overlay, ok := strings.Cut(body, "\n---\n"); ok {
		files["deploy.yml"], files["deploy.prod.yml"] = base, overlay
		opts.Destination = "prod"
	}
	if c.laidOver {
		files["deploy.yml"], files["deploy.prod.yml"] = minimal, body
		opts.Destination = "prod"
	}
	return opts
}

func fakeFiles(files map[string]string) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
}

func outcome(t *testing.T, opts LoadOptions, part string) string {
	t.Helper()
	c, err := Load(opts)
	if err != nil {
		return problemText(t, err)
	}
	if part == "Notices" {
		return noticeText(c.Notices)
	}
	plain, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(plain, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(pruned(find(tree, part)), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

func noticeText(all []Notice) string {
	var b strings.Builder
	for _, n := range all {
		b.WriteString(strings.TrimPrefix(n.Error(), "deploy.prod.yml:") + ": " + n.Hint() + "\n")
	}
	return b.String()
}

func problemText(t *testing.T, err error) string {
	t.Helper()
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("%T is not Problems: %v", err, err)
	}
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(strings.TrimPrefix(p.Error(), "deploy.prod.yml:") + "\n")
		if p.Hint() != "" {
			b.WriteString("  hint: " + p.Hint() + "\n")
		}
	}
	return b.String()
}

// find walks a decoded JSON value along keys and indexes joined by slashes.
func find(tree any, path string) any {
	if path == "" {
		return tree
	}
	key, rest, _ := strings.Cut(path, "/")
	switch v := tree.(type) {
	case map[string]any:
		return find(v[key], rest)
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i < len(v) {
			return find(v[i], rest)
		}
		all := make([]any, len(v)) // for *
		for i := range v {
			all[i] = find(v[i], rest)
		}
		return all
	}
	return nil
}

// pruned drops positions and zero values, and makes durations readable.
func pruned(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		if v["Text"] == redact.Mark && v["Key"] != "" {
			delete(v, "Text") // redact.String shows an empty value like any other
		} else if v["Text"] == redact.Mark && v["Pos"].(map[string]any)["Line"] == 0.0 {
			return nil
		}
		delete(v, "Pos")
		for key, value := range v {
			if v[key] = pruned(value); v[key] == nil {
				delete(v, key)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
		if len(v) == 0 {
			return nil
		}
	case float64:
		if v >= float64(time.Second) {
			return time.Duration(v).String()
		}
		if v == 0 {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return tree
}

func TestReference_is_what_docs_say(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "../../docs/config.md", Reference())
}

func TestEvery_key_is_documented_once(t *testing.T) {
	t.Parallel()
	checkSection(t, rootSection)
	checkSection(t, roleSection)
	checkSection(t, envSection())
	checkSection(t, registrySection)
	checkSection(t, builderSection)
	checkSection(t, proxySection)
	checkSection(t, proxyRunSection)
	checkSection(t, accessorySection)
	checkSection(t, mountSection)
	checkSection(t, sshSection)
	checkSection(t, bootSection)
}

func checkSection[T any](t *testing.T, s section[T]) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range s.fields {
		if seen[f.key] || f.doc == "" || f.kind == "" || f.read == nil {
			t.Errorf("%s/%s is there twice, or lacks its doc, type or reader", s.name, f.key)
		}
		seen[f.key] = true
	}
}
