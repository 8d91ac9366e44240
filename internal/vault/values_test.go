package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mrsk/internal/redact"
)

func TestExtract_takes_the_name_or_the_first_that_ends_with_it(t *testing.T) {
	t.Parallel()
	const document = `{"x/A": "one", "A": "two", "y/B": "three\nlines", "z/B": "four", "N": 12, "O": {"k": [1, true]}, "NULL": null, "x/NULL": "five", "密码(1)": "<&>", "": "six"}`
	for name, want := range map[string]string{
		"A": "two", "x/A": "one", "B": "three\nlines", "z/B": "four", "N": "12", "O": `{"k":[1,true]}`, "NULL": "five", "密码(1)": "<&>", "": "six",
	} {
		for _, form := range []string{document, inString(document)} {
			got, err := Extract(redact.New(form), name)
			if err != nil || got.Reveal() != want {
				t.Errorf("%s is %q, %v; want %q", name, got.Reveal(), err, want)
			}
		}
	}
}

// inString is what jq's @json makes of a document.
func inString(document string) string {
	text, _ := json.Marshal(document)
	return string(text)
}

func TestExtract_names_what_there_is_but_no_value(t *testing.T) {
	t.Parallel()
	_, err := Extract(redact.New(`{"x/A": "sentinel", "B": "sentinel"}`), "C")
	var name *NameError
	if !errors.As(err, &name) || err.Error() != "there is no secret C" || name.Hint() != "fetched were x/A, B" {
		t.Errorf("got %v", err)
	}
	if _, err = Extract(redact.New(`{}`), "C"); !errors.As(err, &name) || name.Hint() != "nothing was fetched" {
		t.Errorf("got %v", err)
	}
	for _, document := range []string{"", "sentinel", `["sentinel"]`, `{"A": "sentinel"`, `{"A": sentinel}`, `{"A": "x"} sentinel`, `{"A": "x"}{"A": "sentinel"}`} {
		_, err := Extract(redact.New(document), "A")
		if err == nil || strings.Contains(err.Error(), "sentinel") || !strings.Contains(err.Error(), "secrets fetch") {
			t.Errorf("%s: %v", document, err)
		}
	}
}

func TestValues_show_nothing(t *testing.T) {
	t.Parallel()
	v := Values{}.with("A", "sentinel")
	if text := fmt.Sprintf("%v %+v %#v %s", v, v, v, v.Document()); strings.Contains(text, "sentinel") {
		t.Error(text)
	}
}

// What is written as a document can be extracted again, whatever is in it.
func FuzzDocument(f *testing.F) {
	f.Add("A", "it's \"quoted\"\n<&>\\ 密码")
	f.Add("x/y(z)", "")
	f.Fuzz(func(t *testing.T, key, value string) {
		if key != strings.ToValidUTF8(key, "") || value != strings.ToValidUTF8(value, "") {
			t.Skip("JSON has text only")
		}
		document := Values{}.with("other", "x").with(key, value).Document()
		if got, err := Extract(document, key); err != nil || got.Reveal() != value {
			t.Fatalf("%q became %q, %v", value, got.Reveal(), err)
		}
	})
}
