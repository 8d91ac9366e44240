package secrets

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// owning is world with commands of mrsk's own: the value of one is its words, in brackets.
func owning() outside {
	w := world
	w.own = func(words []string, _ []Secret) (string, error) {
		for i, word := range words {
			words[i] = shell.Quote(word)
		}
		return "[" + strings.Join(words, " ") + "]", nil
	}
	return w
}

func TestCommands_of_mrsk_run_in_this_process_where_they_are_plain(t *testing.T) {
	t.Parallel()
	const file = `
		J="{\"a b\": \"it's  * \$x | y\"}"
		FLAGS=--adapter test
		`
	for _, test := range []struct{ name, command, want string }{
		{"by either name", "kamal secrets fetch A", "[secrets fetch A]"},
		{"through Bundler", "bundle exec kamal secrets fetch A", "[secrets fetch A]"},
		{"through a binstub", "bin/kamal secrets extract A B", "[secrets extract A B]"},
		{"through a binstub from here", "./bin/kamal secrets extract A B", "[secrets extract A B]"},
		{"with blanks", " mrsk  secrets\tfetch  -a test A ", "[secrets fetch -a test A]"},
		{"names in other scripts", "mrsk secrets fetch 密码 'A B'", "[secrets fetch '密码' 'A B']"},
		{"parentheses in names", "mrsk secrets fetch A(b) 'C(d)' \"(e)\"", "[secrets fetch 'A(b)' 'C(d)' '(e)']"},
		{"a document", "mrsk secrets extract A $J", `[secrets extract A '{"a b": "it'\''s  * $x | y"}']`},
		{"a document in quotes", "mrsk secrets extract A \"${J}\" '$J'", `[secrets extract A '{"a b": "it'\''s  * $x | y"}' '{"a b": "it'\''s  * $x | y"}']`},
		{"several words from a variable", "mrsk secrets fetch $FLAGS A", "[secrets fetch --adapter test A]"},
		{"one word from a variable in quotes", "mrsk secrets fetch \"$FLAGS\" A", "[secrets fetch '--adapter test' A]"},
		{"the environment", "mrsk secrets fetch --from $HOME/$NONE A", "[secrets fetch --from /home/u/ A]"},
		{"a dollar", `mrsk secrets fetch \$A '\$B'`, "[secrets fetch '$A' '$B']"},

		{"a pipe", "mrsk secrets fetch A | jq .A", "<mrsk secrets fetch A | jq .A>"},
		{"two commands", "mrsk secrets fetch A; date", "<mrsk secrets fetch A; date>"},
		{"a redirection", "mrsk secrets fetch A 2>/dev/null", "<mrsk secrets fetch A 2>/dev/null>"},
		{"a command within", "mrsk secrets fetch --account $(whoami) A", "<mrsk secrets fetch --account $(whoami) A>"},
		{"a command within quotes", `mrsk secrets fetch "$(whoami)"`, `<mrsk secrets fetch "$(whoami)">`},
		{"backquotes", "mrsk secrets fetch `whoami`", "<mrsk secrets fetch `whoami`>"},
		{"a default", "mrsk secrets fetch ${NAME:-A}", "<mrsk secrets fetch ${NAME:-A}>"},
		{"another command of mrsk", "mrsk secrets print", "<mrsk secrets print>"},
		{"another program", "mrsk2 secrets fetch A", "<mrsk2 secrets fetch A>"},
		{"not in the first place", "echo mrsk secrets fetch A", "<echo mrsk secrets fetch A>"},
		{"operators in quotes mean nothing", "mrsk secrets fetch 'a|b' \"c;d\"", "[secrets fetch 'a|b' 'c;d']"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := parsed(t, file+"X=$("+test.command+")\n", owning())
			if diff := cmp.Diff(test.want, got["X"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommands_of_mrsk_go_to_the_shell_where_there_is_no_own(t *testing.T) {
	t.Parallel()
	if got := parsed(t, "X=$(mrsk secrets fetch A)\n", world)["X"]; got != "<mrsk secrets fetch A>" {
		t.Errorf("got %q", got)
	}
}

// A value keeps its line ends, unlike the output of a shell's command.
func TestCommands_of_mrsk_give_values_byte_for_byte(t *testing.T) {
	t.Parallel()
	w := owning()
	w.own = func([]string, []Secret) (string, error) { return "-----END KEY-----\r\n\n", nil }
	if got := parsed(t, "X=$(mrsk secrets extract X $J)\n", w)["X"]; got != "-----END KEY-----\r\n\n" {
		t.Errorf("got %q", got)
	}
}

func TestCommands_of_mrsk_that_fail_name_file_and_line(t *testing.T) {
	t.Parallel()
	w := owning()
	w.own = func([]string, []Secret) (string, error) { return "", errors.New("there is no sesame in it") }
	_, err := parse("secrets", "A=sesame\nX=$(mrsk secrets extract X $J)\n", w)
	if want := `secrets:2: the command "mrsk …": there is no [REDACTED] in it`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Words reach mrsk as a shell would have given them, whatever a document holds.
func FuzzDocumentWords(f *testing.F) {
	f.Add("it's \"x\" $HOME `y` \\ | & ; \n 密码")
	f.Fuzz(func(t *testing.T, content string) {
		var got []string
		w := owning()
		w.own = func(words []string, _ []Secret) (string, error) { got = words; return "", nil }
		p := parser{outside: w, has: map[string]int{}}
		p.keep(Secret{Key: "J", Value: redact.New("{" + content)})
		if _, err := p.output(`mrsk secrets extract A $J "$J" '$J'`); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"secrets", "extract", "A", "{" + content, "{" + content, "{" + content}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
