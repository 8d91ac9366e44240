package shell

import (
	"os/exec"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		word        Word
		wire, shown string // shown "" is as the wire
	}{
		"plain":                        {word: Lit("bin/work@1:2,3%4+5.6-7_8"), wire: "bin/work@1:2,3%4+5.6-7_8"},
		"a pair":                       {word: Lit("a=b"), wire: "a=b"},
		"what would assign to nothing": {word: Lit("=b"), wire: "'=b'"},
		"nothing":                      {word: Lit(""), wire: "''"},
		"a space":                      {word: Lit("a b"), wire: "'a b'"},
		"a single quote":               {word: Lit("it's"), wire: `'it'\''s'`},
		"a double quote":               {word: Lit(`a"b`), wire: `'a"b'`},
		"a dollar":                     {word: Lit("5$"), wire: "'5$'"},
		"a variable":                   {word: Lit("${HOME}"), wire: "'${HOME}'"},
		"a newline":                    {word: Lit("a\nb"), wire: "'a\nb'"},
		"a newline at the end":         {word: Lit("a\n"), wire: "'a\n'"},
		"a home":                       {word: Lit("~root"), wire: "'~root'"},
		"a pattern":                    {word: Lit("*"), wire: "'*'"},
		"a comment":                    {word: Lit("#a"), wire: "'#a'"},
		"a backslash":                  {word: Lit(`a\b`), wire: `'a\b'`},
		"no ASCII":                     {word: Lit("grün"), wire: "'grün'"},
		"raw":                          {word: Raw("$(a) | b"), wire: "$(a) | b"},
		"a secret":                     {word: Secret(redact.New("it's")), wire: "_secret1='it'\\''s'\n\"$_secret1\"", shown: "[REDACTED]"},
		"an empty secret":              {word: Secret(redact.New("")), wire: "_secret1=''\n\"$_secret1\"", shown: "[REDACTED]"},
		"nothing to expand":            {word: Expand("a b"), wire: "'a b'"},
		"expanded":                     {word: Expand("a ${HOME} b"), wire: `"a ${HOME} b"`},
		"expanded with a default":      {word: Expand("${NAME:-a 'b'}"), wire: `"${NAME:-a 'b'}"`},
		"an empty default":             {word: Expand("${NAME:-}"), wire: `"${NAME:-}"`},
		"two expanded":                 {word: Expand("${A}${B_1}"), wire: `"${A}${B_1}"`},
		"what else means something":    {word: Expand("${A} $B `c` \"d\" \\e $"), wire: "\"${A} \\$B \\`c\\` \\\"d\\\" \\\\e \\$\""},
		"a default with a command":     {word: Expand("${A:-$(id)}"), wire: `"\${A:-\$(id)}"`},
		"a default with a backquote":   {word: Expand("${A:-`id`}"), wire: "\"\\${A:-\\`id\\`}\""},
		"a default with a quote":       {word: Expand(`${A:-"}`), wire: `"\${A:-\"}"`},
		"another expansion":            {word: Expand("${A:=b}${A%b}${#A}${A}"), wire: `"\${A:=b}\${A%b}\${#A}${A}"`},
		"no name":                      {word: Expand("${1}${}"), wire: `"\${1}\${}"`},
		"not closed":                   {word: Expand("${A"), wire: `"\${A"`},
		"joined":                       {word: Join(Lit("A B="), Expand("${C}"), Secret(redact.New("d"))), wire: "_secret1=d\n'A B='\"${C}\"\"$_secret1\"", shown: `'A B='"${C}"[REDACTED]`},
		"nothing joined":               {word: Join()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.shown == "" {
				tt.shown = tt.wire
			}
			if wire := tt.word.wire.render().Reveal(); wire != tt.wire || tt.word.shown != tt.shown {
				t.Errorf("got %s, shown as %s; want %s, shown as %s", wire, tt.word.shown, tt.wire, tt.shown)
			}
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	a, b, secret := Cmd("a", "1 2"), Cmd("b"), Secret(redact.New("x y"))
	tests := map[string]struct {
		line        Line
		wire, shown string
	}{
		"words":                {line: a.Lits("3").Add(Raw(">&2"), Lit("")), wire: "a '1 2' 3 >&2 ''"},
		"no word":              {line: Cmd()},
		"text":                 {line: Text("a; b"), wire: "a; b"},
		"a variable":           {line: b.With("A", Lit("1 2")), wire: "A='1 2' b"},
		"a secret variable":    {line: b.With("A", secret), wire: "_secret1='x y'\nA=\"$_secret1\" b", shown: "A=[REDACTED] b"},
		"two variables":        {line: b.With("A", Lit("1")).With("B", secret), wire: "_secret1='x y'\nB=\"$_secret1\" A=1 b", shown: "B=[REDACTED] A=1 b"},
		"and":                  {line: a.And(b), wire: "a '1 2' && b"},
		"or":                   {line: a.Or(b), wire: "a '1 2' || b"},
		"then":                 {line: a.Then(b), wire: "a '1 2'\nb"},
		"a pipe":               {line: b.Add(secret).Pipe(a), wire: "_secret1='x y'\nb \"$_secret1\" | a '1 2'", shown: "b [REDACTED] | a '1 2'"},
		"nothing and":          {line: Line{}.And(b), wire: "b"},
		"and nothing":          {line: b.And(Line{}), wire: "b"},
		"a group":              {line: a.And(b).Group().Or(b), wire: "{ a '1 2' && b; } || b"},
		"a user's words":       {line: Words("it's"), wire: `eval 'it'\''s'`, shown: "it's"},
		"given a user's words": {line: Cmd("a").Add(secret).Given("it's"), wire: "_secret1='x y'\n{ _run() {\na \"$_secret1\" \"$@\"\n}\neval '_run it'\\''s'; }", shown: "a [REDACTED] it's"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.shown == "" {
				tt.shown = tt.wire
			}
			if tt.line.Wire().Reveal() != tt.wire || tt.line.String() != tt.shown {
				t.Errorf("got %s, shown as %s; want %s, shown as %s", tt.line.Wire().Reveal(), tt.line, tt.wire, tt.shown)
			}
			if tt.line.Empty() != (tt.wire == "") {
				t.Errorf("empty: %t", tt.line.Empty())
			}
		})
	}
}

func TestWords_keep_a_mistake_in_the_syntax_to_their_line(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]Line{"words": Words(`echo "never closed`), "given": Cmd("echo").Given(`"never closed`)} {
		line = Text("echo before").Then(line.Or(Text("echo caught")))
		out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", "("+line.Wire().Reveal()+")\necho after").Output()
		if got := strings.Fields(string(out)); err != nil || got[0] != "before" || got[len(got)-1] != "after" {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

func TestGiven_leaves_operators_to_the_shell(t *testing.T) {
	t.Parallel()
	line := Cmd("printf", "<%s>").Given(`a "b c" $((1 + 1)) | tr a-z A-Z && echo end`).And(Text("echo last"))
	out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", line.Wire().Reveal()).CombinedOutput()
	if want := "<A><B C><2>end\nlast\n"; err != nil || string(out) != want {
		t.Errorf("%v: %s", err, out)
	}
}

func TestSecrets_are_never_shown(t *testing.T) {
	t.Parallel()
	s := Secret(redact.New("s3cr3t"))
	line := Cmd("a").Add(s, Join(Lit("A="), s)).With("B", s).And(Cmd("b").Add(s).Group()).Or(Cmd("c").Add(s).Given("x")).Then(Cmd("d").Add(s)).Pipe(Cmd("e").Add(s))
	if before, text, _ := strings.Cut(line.Wire().Reveal(), "\n"); before != "_secret1=s3cr3t" || strings.Contains(text, "s3cr3t") || strings.Count(text, `"$_secret1"`) != 7 {
		t.Errorf("on the wire: %s", line.Wire().Reveal())
	}
	if strings.Contains(line.String(), "s3cr3t") {
		t.Errorf("shown: %s", line)
	}
}

// seeds are texts that some shell has read in another way than it was meant.
var seeds = []string{
	"", "plain", "a b", "it's", `"`, `\`, "$", "$HOME", "${HOME}", "$(id)", "`id`", "a\nb", "\n", "\t", "!", "!!", "~", "*",
	"[a-z]", "{a,b}", "-n", "-e a", "%s", `\n`, `\\`, "#", ";", "&", "|", "<", "=", "a=b", "\x01", "\x7f", "ü", "\xff\xfe", "'\\''", "'''", "$'a'",
	"${A:-b}", "${A:-}", "${A:-it's}", "${A:-*}", "${A:-~}", "${A:-a b}", "${A:-!}", "${A", "${A}}", "${A:-{}}", "x${SET}y$", `\${SET}`, "${SET:-a}", "$${SET}",
}

// echoed is what a program gets for a word, with the shell that hosts have.
func echoed(t *testing.T, w Word) string {
	t.Helper()
	line := Cmd("printf", "%s.").Add(w)
	cmd := exec.CommandContext(t.Context(), "/bin/sh")
	cmd.Env = []string{"SET=it's $5", "PATH=/bin:/usr/bin", "HOME=/nowhere"}
	cmd.Stdin = strings.NewReader(line.Wire().Reveal())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, line.Wire().Reveal())
	}
	return string(out)
}

func FuzzQuote(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			t.Skip("no argument can hold a NUL")
		}
		if got := echoed(t, Lit(text)); got != text+"." {
			t.Errorf("%q became %q", text, got)
		}
		if got := echoed(t, Secret(redact.New(text))); got != text+"." {
			t.Errorf("secret %q became %q", text, got)
		}
	})
}

func FuzzExpand(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			t.Skip("no argument can hold a NUL")
		}
		if got, want := echoed(t, Expand(text)), filledIn(text)+"."; got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	})
}

// filledIn is what Expand promises, without a shell: SET and the three others have a value.
func filledIn(text string) string {
	values := map[string]string{"SET": "it's $5", "PATH": "/bin:/usr/bin", "HOME": "/nowhere"}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name, fallback, _ := strings.Cut(strings.Trim(strings.TrimPrefix(found, "$"), "{}"), ":-")
		if v := values[name]; v != "" {
			return v
		}
		return fallback
	})
}
