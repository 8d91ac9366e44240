package yamltree

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown is a tree on one line: scalars with their place, "" round quoted ones, - for null.
func shown(n *Node) string {
	switch {
	case n.Kind == Map:
		var parts []string
		for _, e := range n.Entries {
			parts = append(parts, e.Key+"="+shown(e.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case n.Kind == List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, shown(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case n.Null:
		return "-"
	case n.Quoted:
		return fmt.Sprintf("%q", n.Text)
	}
	return n.Text
}

func TestParse_keeps_what_was_written(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"literals", "a: 0755\nb: 1.0\nc: 0x1F\nd: yes\ne: 22:22\nf: 2001-01-01\ng: 1e3\n", "{a=0755 b=1.0 c=0x1F d=yes e=22:22 f=2001-01-01 g=1e3}"},
		{"quotes", "a: '1'\nb: \"x\\ty\"\nc: |\n  one\n  two\nd: >-\n  three\n  four\n", `{a="1" b="x\ty" c="one\ntwo\n" d="three four"}`},
		{"tags", "a: !!str 1\nb: !!int 2\n", `{a="1" b=2}`},
		{"null", "a:\nb: ~\nc: null\nd: 'null'\ne: [~, ]\n", `{a=- b=- c=- d="null" e=[-]}`},
		{"nothing", "", "{}"},
		{"only comments", "# a\n---\n", "{}"},
		{"another root", "- a\n- [b, {c: d}]\n", "[a [b {c=d}]]"},
		{"keys of any type", "1: a\ntrue: b\n'x y': c\n", "{1=a true=b x y=c}"},
		{"aliases", "a: &x {k: 1}\nb: *x\nc: [&y 2, *y]\n", "{a={k=1} b={k=1} c=[2 2]}"},
		{"a merge", "a: &x {k: 1, l: 2}\nb:\n  first: 0\n  <<: *x\n  k: 3\n", "{a={k=1 l=2} b={first=0 l=2 k=3}}"},
		{"a list of merges", "a: &x {k: 1, l: 2}\nb: &y {k: 5, m: 6}\nc: {<<: [*x, *y], l: 9}\n", "{a={k=1 l=2} b={k=5 m=6} c={k=1 m=6 l=9}}"},
		{"two merges", "a: &x {k: 1}\nb: &y {k: 5, m: 6}\nc:\n  <<: *x\n  <<: *y\n", "{a={k=1} b={k=5 m=6} c={k=1 m=6}}"},
		{"a quoted merge key is a key", "a: {'<<': 1}\n", "{a={<<=1}}"},
		{"a second document of nothing", "a: 1\n---\n", "{a=1}"},
	} {
		n, err := Parse("f", []byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if got := shown(n); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestParse_knows_the_place_of_every_value(t *testing.T) {
	t.Parallel()
	n, err := Parse("f.yml", []byte("é: ü\nlist:\n  - a\n  - k: v\n"))
	if err != nil {
		t.Fatal(err)
	}
	item := n.Get("list").Items[1]
	got := []string{n.Entries[0].Pos.String(), n.Get("é").Pos.String(), n.Get("list").Items[0].Pos.String(), item.Entries[0].Pos.String(), item.Get("k").Pos.String()}
	want := []string{"f.yml:1:1", "f.yml:1:4", "f.yml:3:5", "f.yml:4:5", "f.yml:4:8"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParse_takes_the_last_value_of_a_key_and_knows_of_the_earlier_one(t *testing.T) {
	t.Parallel()
	n, err := Parse("f", []byte("a: 1\nb: {c: 1, c: 2}\na: 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(n.Entries, n.Get("b").Entries...) {
		got := e.Key + "=" + e.Value.Text + " " + e.Pos.String() + " after " + e.Earlier.String()
		want := map[string]string{"a": "a=2 f:3:1 after f:1:1", "b": "b= f:2:1 after " + Pos{}.String(), "c": "c=2 f:2:11 after f:2:5"}[e.Key]
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestParse_tells_what_is_wrong_and_where(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"a list that is not closed", "a: [1\nb: 2\n", []string{"f:2:2: while parsing a flow sequence that begins on line 1: did not find expected ',' or ']'"}},
		{"a colon too many", "a: é: b\n", []string{"f:1:5: mapping values are not allowed in this context"}},
		{"a tab", "a:\n\tb: 1\n", []string{"f:2:1: while scanning for the next token: found character that cannot start any token"}},
		{"an unknown anchor", "a: *x\n", []string{"f:1:4: unknown anchor 'x' referenced"}},
		{"an alias in itself", "a: &x [*x]\n", []string{"f:1:8: a/0: *x refers to a value that contains it"}},
		{"a merge of something else", "a:\n  <<: 1\n", []string{"f:2:7: a: << needs a map, or a list of maps"}},
		{"a key that is a list", "? [a]\n: b\n", []string{"f:1:3: a key must be a plain text"}},
		{"tags of other programs", "a: !ruby/object x\nb: [!ruby/symbol Y, !env Z]\n", []string{
			"f:1:4: a: tag !ruby/object means nothing here", "f:2:5: b/0: tag !ruby/symbol means nothing here",
		}},
		{"two documents", "a: 1\n---\nb: 2\n", []string{"f:3:1: a second document begins here; the file may hold one only"}},
		{"bytes that are no text", "a: 1\nü\xff: 2\n", []string{"f:2:2: is not UTF-8 text, or holds a control character"}},
		{"control characters", "a: \x01\n", []string{"f:1:4: is not UTF-8 text, or holds a control character"}},
	} {
		_, err := Parse("f", []byte(test.text))
		var problems Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: error %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, strings.Split(problems.Error(), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestParse_gives_advice_for_common_mistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a:\n\tb: 1\n":        "indent with spaces: YAML allows no tabs there",
		"a: @x\n":             "put the value in quotes",
		"a: %x\n":             "put the value in quotes",
		"a: [1\nb: 2\n":       "close the bracket, or put a comma between the values",
		"a:\n  b: 1\n c: 2\n": "indent the line like those that it belongs to",
		"a: b: c\n":           "put the value in quotes, or indent the line like those that it belongs to",
		"a: *b\n":             "",
	} {
		_, err := Parse("f", []byte(text))
		var p Problem
		if !errors.As(err, &p) || p.Hint() != want {
			t.Errorf("%q: %v, hint %q, want %q", text, err, p.Hint(), want)
		}
	}
}

// A few hundred bytes of aliases must not unfold to gigabytes.
func TestParse_bounds_what_aliases_unfold_to(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9))
	}
	_, err := Parse("f", []byte(b.String()))
	if err == nil || !strings.Contains(err.Error(), "too large") || strings.Count(err.Error(), "\n") != 0 {
		t.Errorf("error %v", err)
	}
}

func TestNode_reads_booleans_and_integers_of_YAML_1_1(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"true": "true", "Yes": "true", "ON": "true", "False": "false", "no": "false", "OFF": "false",
		"'yes'": "", "\"true\"": "", "y": "", "tRUE": "", "1": "1", "-5": "-5", "+7": "7", "10_000_000": "10000000",
		"0x1f": "31", "0o17": "15", "017": "15", "0b101": "5", "'1'": "", "1.0": "", "08": "", "_1": "", "~": "", "1e3": "",
		"99999999999999999999": "", "[1]": "", "22:22": "",
	} {
		root, err := Parse("f", []byte("a: "+text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if is, ok := root.Get("a").Bool(); ok {
			got = fmt.Sprint(is)
		}
		if n, ok := root.Get("a").Int(); ok {
			got = fmt.Sprint(n)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestMerge_recurses_into_maps_and_replaces_the_rest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ base, over, want string }{
		{"a: 1\nb: {c: 2, d: 3}\n", "b: {d: 4, e: 5}\nf: 6\n", "{a=1 b={c=2 d=4 e=5} f=6}"},
		{"a: [1, 2]\n", "a: [3]\n", "{a=[3]}"},
		{"a: [1]\n", "a: {b: 2}\n", "{a={b=2}}"},
		{"a: {b: 2}\n", "a: 3\n", "{a=3}"},
		{"a: {b: 2}\n", "a:\n", "{a=-}"},
		{"a:\n", "a: {b: 2}\n", "{a={b=2}}"},
		{"", "a: 1\n", "{a=1}"},
		{"a: 1\n", "", "{a=1}"},
	} {
		if got := shown(Merge(parsed(t, "base", test.base), parsed(t, "over", test.over))); got != test.want {
			t.Errorf("%q over %q: got %s, want %s", test.over, test.base, got, test.want)
		}
	}
}

func TestMerge_leaves_every_value_in_its_file(t *testing.T) {
	t.Parallel()
	m := Merge(parsed(t, "base", "a: 1\nb: {c: 2, d: 3}\n"), parsed(t, "over", "b: {d: 4}\n"))
	got := []string{m.Get("a").Pos.String(), m.Get("b").Get("c").Pos.String(), m.Get("b").Get("d").Pos.String()}
	if diff := cmp.Diff([]string{"base:1:4", "base:2:8", "over:1:8"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func parsed(t testing.TB, file, text string) *Node {
	t.Helper()
	n, err := Parse(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestProblems_are_sorted_and_list_themselves(t *testing.T) {
	t.Parallel()
	at := func(file string, line, column int) Problem { return Problem{Pos: Pos{file, line, column}, Text: "x"} }
	err := Problems{at("b", 1, 1), at("a", 2, 1), at("a", 1, 9), at("a", 1, 2), {Text: "nowhere"}}.Err()
	if want := "nowhere\na:1:2: x\na:1:9: x\na:2:1: x\nb:1:1: x"; err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if Problems(nil).Err() != nil {
		t.Error("no problems are an error")
	}
	var p Problem
	if !errors.As(err, &p) || p.Text != "nowhere" || p.Position() != (Pos{}) {
		t.Errorf("the first problem is %v", p)
	}
}

// Merging keeps every key of both, takes over's scalars, and changes neither.
func FuzzMerge(f *testing.F) {
	f.Add("a: 1\nb: {c: 2}\n", "b: {c: [3]}\nd: *x\n")
	f.Add("a: &x {<<: {b: 1}}\nc: *x\n", "a: {b: ~}\n")
	f.Add("- a\n", "a: 1\n")
	f.Fuzz(func(t *testing.T, base, over string) {
		b, err1 := Parse("base", []byte(base))
		o, err2 := Parse("over", []byte(over))
		if err1 != nil || err2 != nil {
			t.Skip()
		}
		before := shown(b) + shown(o)
		m := Merge(b, o)
		if shown(b)+shown(o) != before {
			t.Fatal("an operand was changed")
		}
		if got := shown(Merge(m, o)); got != shown(m) {
			t.Fatalf("merging twice differs: %s, then %s", shown(m), got)
		}
		if b.Kind == Map && o.Kind == Map && !sameKeys(m, b, o) {
			t.Fatalf("%s over %s lost keys: %s", shown(o), shown(b), shown(m))
		}
	})
}

func sameKeys(merged *Node, parts ...*Node) bool {
	var want, got []string
	for _, n := range parts {
		for _, e := range n.Entries {
			want = append(want, e.Key)
		}
	}
	for _, e := range merged.Entries {
		got = append(got, e.Key)
	}
	slices.Sort(want)
	slices.Sort(got)
	return slices.Equal(slices.Compact(want), got)
}

// Thousands of problems would scroll the first of them away.
func TestErr_tells_the_first_of_very_many_problems(t *testing.T) {
	t.Parallel()
	all := make(Problems, 103)
	for i := range all {
		all[i] = Problem{Pos: Pos{"a.yml", 103 - i, 1}, Text: "is odd"}
	}
	lines := strings.Split(all.Err().Error(), "\n")
	if len(lines) != 101 || lines[0] != "a.yml:1:1: is odd" || lines[100] != "and 3 more problems" {
		t.Errorf("%d lines, from %q to %q", len(lines), lines[0], lines[len(lines)-1])
	}
}
