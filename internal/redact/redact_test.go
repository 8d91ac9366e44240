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

func TestHide_replaces_secrets_but_leaves_very_short_ones(t *testing.T) {
	got := Hide("login s3cret failed at 1", New("s3cret"), New("1"))
	if want := "login [REDACTED] failed at 1"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}
