package shell

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                 nil,
		" \n":                              nil,
		"app exec  -i\t--reuse":            {"app", "exec", "-i", "--reuse"},
		`app exec "bin/rails console"`:     {"app", "exec", "bin/rails console"},
		`exec 'sh -c "a b"' ''`:            {"exec", `sh -c "a b"`, ""},
		`a\ b "c\"d\$e\f" 'g\h' i"j"'k'l\`: {"a b", `c"d$e\f`, `g\h`, `ijkl\`},
		"a\\\nb \"c\\\nd\"":                {"ab", "cd"},
		"$HOME * ~ # ; ü":                  {"$HOME", "*", "~", "#", ";", "ü"},
	} {
		got, err := Split(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	}
	for _, text := range []string{`'`, `a "b`, `a "b\"`, `"\`} {
		if got, err := Split(text); err == nil {
			t.Errorf("%q: %q, want an error", text, got)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsRune(a+b, 0) {
			t.Skip("no argument can hold a NUL")
		}
		words, err := Split(Quote(a) + " " + Quote(b))
		if diff := cmp.Diff([]string{a, b}, words); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if strings.ContainsAny(a, "$`*?[~#;&|<>(){}!=") {
			return // what a shell fills in, Split leaves
		}
		words, err = Split(a)
		if err != nil {
			return
		}
		out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", "for w in "+a+"\ndo printf '%s.' \"$w\"; done").Output()
		if got := strings.Join(append(words, ""), "."); err == nil && got != string(out) {
			t.Errorf("%q is %q, and %q for a shell", a, got, out)
		}
	})
}
