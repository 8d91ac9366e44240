package shell

import (
	"os/exec"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

var (
	tools = NewLibrary(`# A comment.
# greet NAME: say hello.
greet() {
  # Not sent alone.
  printf '%s %s\n' "$hello" "$1"
}

shout() { greet "$1" | tr a-z A-Z; }

# quiet: nothing.
quiet() (
  :
)
`).Set("hello", "good day")
	greet = tools.Function("greet")
	shout = tools.Function("shout", greet)
	quiet = tools.Function("quiet")

	other  = NewLibrary("twice() {\n  shout \"$1\"\n  shout \"$1\"\n}\n")
	twice  = other.Function("twice", shout)
	nested = NewNested("_inside", "umask 077\n\nleft() { echo it\\'s left; }\nright() { echo right; }\n\n\"$@\"\n")
	left   = nested.Function("left")
	_      = nested.Function("right")
)

func TestDefinitions_are_those_that_lines_need(t *testing.T) {
	t.Parallel()
	greeting := "greet() {\n  # Not sent alone.\n  printf '%s %s\\n' \"$hello\" \"$1\"\n}\n"
	const shouting = "shout() { greet \"$1\" | tr a-z A-Z; }\n"
	const doubling = "twice() {\n  shout \"$1\"\n  shout \"$1\"\n}\n"
	for name, tt := range map[string]struct {
		lines []Line
		want  string
	}{
		"none":                       {[]Line{Cmd("echo", "greet"), {}}, ""},
		"one":                        {[]Line{greet.Call("ann")}, "hello='good day'\n" + greeting},
		"one in two lines":           {[]Line{greet.Call("ann"), greet.Call("bob")}, "hello='good day'\n" + greeting},
		"what it needs":              {[]Line{shout.Call("ann")}, "hello='good day'\n" + greeting + shouting},
		"of another library":         {[]Line{twice.Call("ann")}, "hello='good day'\n" + greeting + shouting + doubling},
		"behind an operator":         {[]Line{Cmd("true").And(Cmd("false").Or(quiet.Call()).Group())}, "hello='good day'\nquiet() (\n  :\n)\n"},
		"within a word":              {[]Line{Cmd("echo").Add(quiet.Call().Output())}, "hello='good day'\nquiet() (\n  :\n)\n"},
		"in text":                    {[]Line{Text("x=$(quiet)").Uses(quiet)}, "hello='good day'\nquiet() (\n  :\n)\n"},
		"with words of a user":       {[]Line{quiet.Call().Given("a b")}, "hello='good day'\nquiet() (\n  :\n)\n"},
		"one that runs in a program": {[]Line{Cmd("run").Add(left.Word())}, "_inside='umask 077\nleft() { echo it\\'\\''s left; }\n\"$@\"\n'\n"},
	} {
		if got := Definitions(tt.lines...); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, tt.want)
		}
		if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(tt.want), ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCall_shows_and_sends_quoted_words(t *testing.T) {
	t.Parallel()
	line := greet.Call("it's me", "$HOME").Uses(quiet)
	want := `greet 'it'\''s me' '$HOME'`
	if line.String() != want || line.Wire().Reveal() != want {
		t.Errorf("shown %s, sent %s", line, line.Wire().Reveal())
	}
	if shout.Name() != "shout" || len(shout.Needs()) != 1 || shout.Text() != "shout() { greet \"$1\" | tr a-z A-Z; }\n" {
		t.Errorf("got %s, which needs %v", shout.Text(), shout.Needs())
	}
}

func TestText_is_all_of_a_library(t *testing.T) {
	t.Parallel()
	if got := tools.Text(); strings.Count(got, "() ") != len(tools.Functions()) || !strings.HasPrefix(got, "hello=") {
		t.Errorf("got\n%s", got)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", nested.Text()+`sh -c "$_inside" x left`).CombinedOutput()
	if err != nil || string(out) != "it's left\n" {
		t.Errorf("%v, said %q", err, out)
	}
}
