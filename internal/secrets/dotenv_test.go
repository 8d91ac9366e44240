package secrets

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// world is a small environment; a command's output is the command itself, in angle brackets.
var world = outside{
	lookup: func(name string) (string, bool) { return lookup([]string{"HOME=/home/u", "A=outer"}, name) },
	run:    func(command string, _ []Secret) (string, error) { return "<" + command + ">", nil },
}

func parsed(t *testing.T, text string, world outside) map[string]string {
	t.Helper()
	all, err := parse("secrets", text, world)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range all {
		got[s.Key] = s.Value.Reveal()
	}
	return got
}

func TestParse_knows_the_dialect_of_dotenv(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       map[string]string
	}{
		{"plain", "A=1\nB = two words \nC: yaml\n", map[string]string{"A": "1", "B": "two words", "C": "yaml"}},
		{"empty values", "A=\nB=\"\"\nC=''\nD:\n", map[string]string{"A": "", "B": "", "C": "", "D": ""}},
		{"no final newline", "A=1", map[string]string{"A": "1"}},
		{"export", "export A=1\n  export\tB: 2\n", map[string]string{"A": "1", "B": "2"}},
		{"export of what is there", "A=1\nexport A HOME\n", map[string]string{"A": "1"}},
		{"dots in names", "a.b=1\n", map[string]string{"a.b": "1"}},
		{"the last one wins", "A=1\nA=2\n", map[string]string{"A": "2"}},
		{"CRLF and BOM", "\ufeffA=1\r\nB=2\r\n", map[string]string{"A": "1", "B": "2"}},
		{"comments", "# x\nA=1 # one\n\t# y\nB=a#b\nC='x' # z\nD=# nothing\n", map[string]string{"A": "1", "B": "a#b", "C": "x", "D": ""}},
		{"single quotes are literal", `A='$HOME \n $(x) \\'`, map[string]string{"A": `$HOME \n $(x) \\`}},
		{"single quotes end at a backslash if they must", `A='C:\'`, map[string]string{"A": `C:\`}},
		{"double quotes", `A="a b # c"`, map[string]string{"A": "a b # c"}},
		{"double quotes keep line breaks escaped", `A="a\nb\r\tc"`, map[string]string{"A": `a\nb\rtc`}},
		{"escapes", "A=\"say \\\"hi\\\" \\\\ there\"\nB=a\\ b\\\\c\n", map[string]string{"A": `say "hi" \ there`, "B": `a b\c`}},
		{"several lines", "A=\"one\ntwo\n\"\nB='three\nfour'\nC=5\n", map[string]string{"A": "one\ntwo\n", "B": "three\nfour", "C": "5"}},
		{"a quote in a value", "B=it's\n", map[string]string{"B": "it's"}},
		{"text after the quotes", `A="one" two`, map[string]string{"A": `"one" two`}},
		{"variables", "B=ABC\nC=${B}DEF\nD=\"$B-$NONE-\"\nE=$HOME/x\n", map[string]string{"B": "ABC", "C": "ABCDEF", "D": "ABC--", "E": "/home/u/x"}},
		{"a variable of its own name is the environment's", "A=$A\n", map[string]string{"A": "outer"}},
		{"the file's variables come first", "A=1\nB=$A\n", map[string]string{"A": "1", "B": "1"}},
		{"dollars that mean nothing", "A=1\nB=pa$ $- 5$\nC=\\$A \\${A} \\$(x)\n", map[string]string{"A": "1", "B": "pa$ $- 5$", "C": "$A ${A} $(x)"}},
		{"commands", "A=$(get a)\nB=\"x $(get \"b c\") y\"\nC=a$(b)$(c)d\n", map[string]string{"A": "<get a>", "B": `x <get "b c"> y`, "C": "a<b><c>d"}},
		{"commands with a comment sign", "A=$(sed 's/ #//') # b\n", map[string]string{"A": "<sed 's/ #//'>"}},
		{"nested parentheses", "A=$(a $(b (c)) d)\nB=$(echo ')')\nC=$(echo \\\\))\n", map[string]string{"A": "<a $(b (c)) d>", "B": "<echo ')'>", "C": `<echo \)>`}},
		{"a command that is none", "A='$(x'\nB=1\n", map[string]string{"A": "$(x", "B": "1"}},
		{"dollars for the shell", "A=$(awk '{print \\$1}' $HOME)\n", map[string]string{"A": "<awk '{print $1}' $HOME>"}},
		{"variables in quotes of a command", "J={}\nA=$(echo '$J $K' \"$J\" $J)\n", map[string]string{"J": "{}", "A": `<echo ''"$J"' $K' "$J" "$J">`}},
		{"documents stay one word", "J={}\nA=$(kamal secrets extract X $J | cat)\nB=$(x ${J} \"$J\")\nC=words of\nD=$(x $C)\n", map[string]string{"J": "{}", "A": `<kamal secrets extract X "$J" | cat>`, "B": `<x "$J" "$J">`, "C": "words of", "D": "<x $C>"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, parsed(t, test.text, world)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_names_file_and_line_of_a_mistake_but_no_value(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"A=1\nsesame open\n":    "secrets:2: is not of the form NAME=value",
		"A=\"x\ny\"\n!sesame\n": "secrets:3: is not of the form NAME=value",
		"export A\nexport B\n":  "secrets:2: B is exported, but has no value",
		"A=1\nB=\"sesame\n":     `secrets:2: the " is not closed: close it, or put a value that begins with one in the other quotes`,
		"A='sesame\nB=\"x\"\n":  "secrets:1: the ' is not closed: close it, or put a value that begins with one in the other quotes",
		"A=\nB=a$(get sesame\n": "secrets:2: the $( is not closed: close it, or put a value that has one in single quotes",
		"A=sesame\x00x\n":       "secrets:1: holds a NUL byte, which no variable can",
		// All mistakes are told at once, and no command is run before.
		"A=$(run)\n!sesame\nB='a\nexport C\n": "secrets:2: is not of the form NAME=value\nsecrets:3: the ' is not closed: close it, or put a value that begins with one in the other quotes\nsecrets:4: C is exported, but has no value",
	} {
		idle := world
		idle.run = func(string, []Secret) (string, error) { t.Error("a command was run"); return "", nil }
		_, err := parse("secrets", text, idle)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// A command has in it what nobody may see, and may be as long as the file.
func TestParse_shows_no_more_of_a_command_than_its_program(t *testing.T) {
	t.Parallel()
	failing := world
	failing.run = func(string, []Secret) (string, error) { return "", errors.New("no") }
	for command, want := range map[string]string{
		"curl -H 'Authorization: sesame'": "curl …", "TOKEN=sesame get": "…", "./get": "./get", strings.Repeat("x", 5000): "…", " ": "",
	} {
		_, err := parse("secrets", "A=$("+command+")\n", failing)
		if err == nil || err.Error() != `secrets:1: the command "`+want+`": no` {
			t.Errorf("%.100q: got %v", command, err)
		}
	}
}

func TestParse_stops_at_a_command_that_fails(t *testing.T) {
	t.Parallel()
	failing := world
	failing.run = func(string, []Secret) (string, error) { return "", errors.New("exit status 7") }
	_, err := parse("secrets", "A=1\nB=$(false)\nC=3\n", failing)
	if want := `secrets:2: the command "false": exit status 7`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The shell must see the values of the file byte for byte, whatever is in them.
func TestParse_hands_values_to_a_real_shell_unharmed(t *testing.T) {
	t.Parallel()
	const document = `{"a": "it's  $HOME \"quoted\" *"}`
	shell := world
	shell.run = func(command string, set []Secret) (string, error) {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
		cmd.Env = withSecrets([]string{"PATH=/usr/bin:/bin"}, set)
		out, err := cmd.Output()
		return chomp(string(out)), err
	}
	text := "J=$(printf %s \"\\$GIVEN\")\nA=$(printf %s \"$J\")\nB=$(printf %s '$J')\nC=\"$(printf '%s' \"${J}\")\"\n"
	shell.lookup = func(string) (string, bool) { return "", false }
	given := shell.run
	shell.run = func(command string, set []Secret) (string, error) {
		if strings.Contains(command, "$GIVEN") {
			return document, nil
		}
		return given(command, set)
	}
	want := map[string]string{"J": document, "A": document, "B": document, "C": document}
	if diff := cmp.Diff(want, parsed(t, text, shell)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("A=1\nB=\"x $(y \"z\") $A\"\n")
	f.Add("export A\n# c\nB='\\'\nC: ${D}\\$\n")
	f.Add("A=$((((\nB=\")\\\"'$(\nC=\\")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parse("secrets", text, world)
		var file *FileError
		if err != nil && (!errors.As(err, &file) || file.Line < 1) {
			t.Fatalf("error without a line: %v", err)
		}
		if err == nil && text == "" && len(all) != 0 {
			t.Fatal("something from nothing")
		}
	})
}

// What stands in single quotes comes out as it is.
func FuzzSingleQuotes(f *testing.F) {
	f.Add("a $(b) ${c} \\n # \n \"")
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "'\r\\\x00") {
			t.Skip()
		}
		got, err := parse("secrets", "A='"+value+"'\n", world)
		if err != nil || len(got) != 1 || got[0].Value.Reveal() != value {
			t.Fatalf("%q became %d secrets, %v", value, len(got), err)
		}
	})
}
