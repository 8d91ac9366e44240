package image_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/image"
)

func TestDetails(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Dockerfile = "none" // it takes no Dockerfile to look after builders
	b, err := image.Open(t.Context(), w.options)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Details(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := "Builder: local\n\nNAME     DESCRIPTION\ndefault  here\n\nNAME  DRIVER\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRemoveBuilder(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Dockerfile = "none" // it takes no Dockerfile to look after builders
	b, err := image.Open(t.Context(), w.options)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
		want string
	}{
		{"create", b.CreateBuilder, "mrsk-local-docker-container\n"},
		{"create what is there", b.CreateBuilder, "mrsk-local-docker-container\n"},
		{"remove", b.RemoveBuilder, ""},
		{"remove what is not there", b.RemoveBuilder, ""},
	} {
		if err := step.do(t.Context()); err != nil || w.told("builders") != step.want {
			t.Errorf("%s: %v, builders %q", step.name, err, w.told("builders"))
		}
	}
}
