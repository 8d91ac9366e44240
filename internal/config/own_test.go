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
	if diff := cmp.Diff([]Pair{ours}, (&Project{}).Prefixed(version)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Pair{ours, theirs}, (&Project{OfKamal: true}).Prefixed(version)); diff != "" {
		t.Error(diff)
	}
}

// What its minimum_version says is no version of mrsk.
func TestLoad_takes_kamals_minimum_version_in_a_project_of_kamals(t *testing.T) {
	t.Parallel()
	file := fakeFiles(map[string]string{"deploy.yml": minimal + "minimum_version: 2.0.0\n"})
	c, err := Load(LoadOptions{File: "deploy.yml", Version: "1.2.3", OfKamal: true, ReadFile: file})
	if err != nil {
		t.Fatal(err)
	}
	want := "deploy.yml:5:18: minimum_version: has no effect: in a Kamal project it is a version of Kamal\n"
	if diff := cmp.Diff(want, noticeText(c.Notices)); diff != "" {
		t.Error(diff)
	}
}
