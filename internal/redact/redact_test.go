package redact

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestString_shows_a_mark_under_every_verb(t *testing.T) {
	s := New("sentinel")
	holder := struct{ Password String }{s}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", holder, holder, holder, s, s, s, s) + string(encoded) + fmt.Sprint(&s)
	if strings.Contains(shown, "sentinel") || strings.Contains(shown, fmt.Sprintf("%x", "sentinel")) {
		t.Fatalf("the secret is visible in %s", shown)
	}
	if s.Reveal() != "sentinel" {
		t.Fatalf("Reveal() = %q", s.Reveal())
	}
}

// fmt calls no method of a value in a field that is not exported. It prints what the value is made of.
func TestString_is_not_visible_in_fields_that_are_not_exported(t *testing.T) {
	holder := struct {
		password String
		all      map[string]String
	}{New("sentinel"), map[string]String{"KEY": New("sentinel")}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown := fmt.Sprintf(verb, holder) + fmt.Sprintf(verb, &holder)
		if strings.Contains(shown, "sentinel") || strings.Contains(shown, fmt.Sprintf("%x", "sentinel")) {
			t.Errorf("%s shows %s", verb, shown)
		}
	}
}

func TestString_is_compared_by_its_value(t *testing.T) {
	a, again, b := New("a"), New("a"), New("b")
	if a != again || a == b || New("") != (String{}) {
		t.Error("strings are not compared by their values")
	}
	if empty := New(""); !empty.Empty() || empty.Reveal() != "" || New("a").Empty() {
		t.Error("the empty string is not empty")
	}
}

func TestHide_replaces_secrets_but_leaves_very_short_ones(t *testing.T) {
	got := Hide("login s3cret failed at 1", New("s3cret"), New("1"))
	if want := "login [REDACTED] failed at 1"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}
