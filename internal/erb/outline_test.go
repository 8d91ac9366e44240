package erb

import (
	"errors"
	"testing"
)

func TestOutline_has_all_branches_and_runs_nothing(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"a: b\n": "a: b\n",
		"<% if `x` -%>\na: <%= `y` %>\n<%- else -%>\nb: 1\n<% end %>\n": "a: ?\nb: 1\n\n",
		"<%# a note %>a: <%% b\n": "a: <% b\n",
	} {
		if got, err := Outline(template, "?"); err != nil || got != want {
			t.Errorf("%q: %q, %v", template, got, err)
		}
	}
}

func TestOutline_of_an_open_tag_is_an_error(t *testing.T) {
	t.Parallel()
	_, err := Outline("a\n  <% b", "")
	var at *Error
	if !errors.As(err, &at) || at.Line != 2 || at.Column != 3 {
		t.Errorf("%v", err)
	}
}
