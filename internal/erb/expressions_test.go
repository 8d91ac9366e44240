package erb

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// example is one of testdata/expressions.txt.
type example struct {
	code, want string
}

// examples are the code up to a line that begins with =>, and its value as a text, as JSON has it.
func examples(t testing.TB, file string) []example {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	var code []string
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
	return all
}

func TestRender_gives_expressions_the_value_that_Ruby_gives_them(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t, "testdata/expressions.txt") {
		r, err := Render("<%= "+e.code+"\n%>", sampleWorld(t))
		if err != nil {
			t.Errorf("%s\n\t%v", e.code, err)
		} else if r.Text != e.want {
			t.Errorf("%s\n\tis %q\n\tnot %q", e.code, r.Text, e.want)
		}
	}
}
