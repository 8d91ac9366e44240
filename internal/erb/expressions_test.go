package erb

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// example is code, and its value as a text.
type example struct {
	code, want string
}

// examples are the code up to a line that begins with =>, and its value as JSON writes a text.
func examples(t testing.TB, files ...string) []example {
	t.Helper()
	var all []example
	var code []string
	for _, file := range files {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSuffix(line, "\n")
			value, isValue := strings.CutPrefix(line, "=> ")
			if !isValue {
				code = append(code, line)
				continue
			}
			e := example{code: strings.TrimSpace(strings.Join(code, "\n"))}
			if err := json.Unmarshal([]byte(value), &e.want); err != nil {
				t.Fatalf("%s: %v", e.code, err)
			}
			all = append(all, e)
			code = nil
		}
	}
	return all
}

// forms.txt restates the forms of real files; docs/compatibility.md counts them. expressions.txt
// has their neighbours.
func TestRender_gives_expressions_the_value_that_Ruby_gives_them(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t, "forms.txt", "expressions.txt") {
		r, err := Render("<%= "+e.code+"\n%>", sampleWorld(t))
		if err != nil {
			t.Errorf("%s\n\t%v", e.code, err)
		} else if r.Text != e.want {
			t.Errorf("%s\n\tis %q\n\tnot %q", e.code, r.Text, e.want)
		}
	}
}

// What is not supported has no value at all, rather than a wrong one, and a way out.
func TestRender_leaves_to_Ruby_what_is_not_supported(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t, "ruby.txt") {
		_, failures := render("\n <%= "+e.code+"\n%>", sampleWorld(t))
		if len(failures) != 1 || !failures[0].unsupported {
			t.Errorf("%s\n\tis %v", e.code, failures)
			continue
		}
		if f := failures[0].in("\n <%= " + e.code + "\n%>"); f.Line < 2 || !strings.Contains(f.Advice, "install ruby, which then renders the file, or write ") {
			t.Errorf("%s\n\tis %v, hint %q", e.code, f, f.Advice)
		}
	}
}
