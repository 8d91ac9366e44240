package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The code of an app that Kamal has deployed so far may read Kamal's names.
func TestPrefixed_has_kamals_names_in_a_project_of_kamals(t *testing.T) {
	t.Parallel()
	version := Pair{Name: "VERSION", Value: "v1"}
	ours, theirs := Pair{Name: "MRSK_VERSION", Value: "v1"}, Pair{Name: "KAMAL_VERSION", Value: "v1"}
	if diff := cmp.Diff([]Pair{ours}, (&Config{}).Prefixed(version)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Pair{ours, theirs}, (&Config{OfKamal: true}).Prefixed(version)); diff != "" {
		t.Error(diff)
	}
}
