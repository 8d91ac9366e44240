package erb

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// beyondUs needs a Ruby, and has tags of every kind and lines that go away.
const beyondUs = "<%- x = 1 -%>\n# <%= nope %> <%# a\nremark %>\na: <%= x -%>\n b\n<%% c\n<% 2.times do -%>\n- <%= ObjectSpace.class %>\n<% end %>\nlast: <%= ENV['NAME'] %>\n"

func TestRender_gives_to_ruby_what_is_beyond(t *testing.T) {
	t.Parallel()
	w := sampleWorld(t)
	w.Ruby = func(program, input string, environ []string) (string, error) {
		if program != rubyProgram || !slices.Contains(environ, "NAME=world") {
			t.Errorf("the program is %q, the environment %v", program, environ)
		}
		return "ok\x00\x01t10\x02text \x01o4\x02value\x00NEW=of ruby", nil
	}
	r, err := Render("1234567890<%= wat %>", w)
	if err != nil || r.Text != "text value" {
		t.Errorf("%q, error %v", r.Text, err)
	}
	if _, column := r.Origin(1, 3); column != 13 {
		t.Errorf("the text comes from column %d", column)
	}
	if _, column := r.Origin(1, 7); column != 5 {
		t.Errorf("the value comes from column %d", column)
	}
	if !slices.Contains(w.Environ(), "NEW=of ruby") {
		t.Error("what ruby puts into the environment is lost")
	}
}

func TestRender_tells_what_ruby_says(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"failed\x003\x00NameError: no Rails": "3:1: ruby, which renders this file: NameError: no Rails",
		"failed\x00\x00SyntaxError: x":       "1:1: ruby, which renders this file: SyntaxError: x",
		"":                                   "1:1: ruby, which renders this file, printed nothing",
		"!":                                  "1:1: ruby, which renders this file: killed",
		"none":                               "1:5: wat is not known here",
	} {
		w := sampleWorld(t)
		w.Ruby = func(string, string, []string) (string, error) {
			switch said {
			case "!":
				return "", errors.New("killed")
			case "none":
				return "", ErrNoRuby
			}
			return said, nil
		}
		if _, err := Render("<%= wat %>", w); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, not %s", said, err, want)
		}
	}
}

// An error that Ruby cannot know better about is told at once.
func TestRender_asks_ruby_only_about_what_is_beyond(t *testing.T) {
	t.Parallel()
	w := sampleWorld(t)
	w.Ruby = func(string, string, []string) (string, error) {
		t.Error("ruby was asked")
		return "", ErrNoRuby
	}
	for _, template := range []string{"<%= ENV.fetch('NO') %>", "<% raise 'x' %>", "<%= nil.strip %>", "<%= File.read('no') %>", `<% s = "x"; %w[1 2 3].each { s = s * 9_000_000 } %>`} {
		if _, err := Render(template, w); err == nil {
			t.Errorf("%s is no error", template)
		}
	}
}

func TestRuby_renders_as_this_package_does(t *testing.T) {
	t.Parallel()
	w := rubyWorld(t)
	r, err := renderWithRuby(beyondUs, w)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("#  \na: 1 b\n<% c\n- Module\n- Module\n\nlast: world\n", r.Text); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if line, column := r.Origin(4, 3); line != 8 || column != 3 {
		t.Errorf("line 4 comes from %d:%d", line, column)
	}
	_, err = Render("a\n<% if true -%>\n<% end -%>\nb: <%= Rails.root %>\n", w)
	if err == nil || !strings.Contains(err.Error(), "4:1: ruby, which renders this file: NameError: uninitialized constant Rails") {
		t.Errorf("error %v", err)
	}
	if _, err := Render("<% require 'set'; ENV['NEW'] = Object.new.class.name %>", w); err != nil || !slices.Contains(w.Environ(), "NEW=Object") {
		t.Errorf("error %v, environment %v", err, w.Environ())
	}
}

// One process evaluates all of them, each with variables of its own.
func TestExpressions_have_in_ruby_the_value_that_testdata_says(t *testing.T) {
	t.Parallel()
	w := rubyWorld(t)
	all := examples(t, "forms.txt", "expressions.txt", "ruby.txt")
	var template strings.Builder
	template.WriteString("<% require 'json' -%>\n")
	for _, e := range all {
		code := strings.ReplaceAll(strconv.Quote(e.code), "#", `\#`)
		template.WriteString("<%= Object.new.instance_eval { binding }.eval(" + code + ").to_s.to_json %>\n")
	}
	r, err := renderWithRuby(template.String(), w)
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(r.Text, "\n")
	for i, e := range all {
		var got string
		if err := json.Unmarshal([]byte(values[i]), &got); err != nil || got != e.want {
			t.Errorf("%s\n\tis %q, error %v\n\tnot %q", e.code, got, err, e.want)
		}
	}
}

// rubyWorld is a sampleWorld with the ruby of this machine and with its files on disk.
func rubyWorld(t *testing.T) World {
	t.Helper()
	if _, err := exec.LookPath("ruby"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no ruby here: make programs installs it")
		}
		t.Skip("there is no ruby here: make programs installs it")
	}
	dir := t.TempDir()
	for name, file := range sampleFiles {
		if err := os.WriteFile(filepath.Join(dir, name), file.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := sampleWorld(t)
	w.Ruby = func(program, input string, environ []string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "ruby", "-e", program)
		cmd.Dir = dir
		cmd.Env = append(environ, "PATH="+os.Getenv("PATH"), "LANG=C.UTF-8")
		cmd.Stdin = strings.NewReader(input)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Log(stderr.String())
		}
		return string(out), err
	}
	return w
}
