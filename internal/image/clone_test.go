package image_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/local"
	"mrsk/internal/ui"
)

// The clone of a build that describes itself by tags has those of the checkout.
func TestPush_brings_tags_to_the_clone(t *testing.T) {
	w := newWorkshop(t)
	w.mustPush()
	w.write("app", "two\n")
	w.git("commit", "--quiet", "-am", "two")
	w.git("tag", "-m", "second", "v2")
	w.mustPush()
	tags, err := local.Git(t.Context(), strings.TrimSpace(w.told("where")), "tag")
	if err != nil || tags != "v2" {
		t.Errorf("%v, tags %q", err, tags)
	}
}

func TestPush_builds_what_submodules_have(t *testing.T) {
	w := newWorkshop(t)
	t.Setenv("GIT_CONFIG_COUNT", "1") // git refuses submodules on the same machine else
	t.Setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
	t.Setenv("GIT_CONFIG_VALUE_0", "always")
	engine := filepath.Join(t.TempDir(), "engine")
	commit := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(engine, "part"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, words := range [][]string{{"add", "."}, {"commit", "--quiet", "--allow-empty", "-m", text}} {
			if _, err := local.Git(t.Context(), engine, words...); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.git("init", "--quiet", engine)
	commit("one")
	w.git("submodule", "--quiet", "add", engine, "engine")
	w.git("commit", "--quiet", "-m", "with a submodule")
	w.mustPush()
	part := filepath.Join(strings.TrimSpace(w.told("where")), "engine", "part")
	for _, want := range []string{"one", "two"} {
		if got, err := os.ReadFile(part); err != nil || string(got) != want {
			t.Errorf("%v, the submodule has %q, want %q", err, got, want)
		}
		commit("two")
		w.git("submodule", "--quiet", "update", "--remote")
		w.git("commit", "--quiet", "--allow-empty", "-am", "newer")
		w.mustPush()
	}
}

// Relative URLs of submodules are relative to the remote of the checkout, else to the checkout.
func TestPush_resolves_relative_submodule_URLs(t *testing.T) {
	w := newWorkshop(t)
	t.Setenv("GIT_CONFIG_COUNT", "1") // git refuses submodules on the same machine else
	t.Setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
	t.Setenv("GIT_CONFIG_VALUE_0", "always")
	remotes := t.TempDir()
	w.git("init", "--quiet", filepath.Join(remotes, "engine"))
	put(t, filepath.Join(remotes, "engine", "part"), "one")
	gitIn(t, filepath.Join(remotes, "engine"), "add", ".")
	gitIn(t, filepath.Join(remotes, "engine"), "commit", "--quiet", "-m", "one")
	w.git("clone", "--quiet", "--bare", w.dir, filepath.Join(remotes, "shop.git"))
	for name, remote := range map[string]string{"absolute": remotes + "/shop.git", "relative": "../remotes/shop.git"} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			if err := os.Symlink(remotes, filepath.Join(base, "remotes")); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(base, "shop")
			gitIn(t, base, "clone", "--quiet", filepath.Join(remotes, "shop.git"), dir)
			gitIn(t, dir, "submodule", "--quiet", "add", "../engine", "engine")
			gitIn(t, dir, "remote", "set-url", "origin", remote)
			gitIn(t, dir, "commit", "--quiet", "-m", "with a submodule")
			w.options.Project = dir
			t.Setenv("GIT_CONFIG_COUNT", "2")
			t.Setenv("GIT_CONFIG_KEY_1", "clone.defaultRemoteName")
			t.Setenv("GIT_CONFIG_VALUE_1", "upstream")
			for range 2 {
				w.mustPush()
				part := filepath.Join(strings.TrimSpace(w.told("where")), "engine", "part")
				if got, err := os.ReadFile(part); err != nil || string(got) != "one" {
					t.Errorf("%v, the submodule has %q", err, got)
				}
			}
		})
	}
}

func TestPush_brings_the_clone_up_to_date(t *testing.T) {
	w := newWorkshop(t)
	w.mustPush()
	clone := strings.TrimSpace(w.told("where"))
	if pattern := filepath.Join(w.options.Temp, "mrsk-clones", "app-?????????????", "shop"); !matches(pattern, clone) {
		t.Errorf("built in %s", clone)
	}
	for _, dirt := range []string{"app", "ignored"} {
		if err := os.WriteFile(filepath.Join(clone, dirt), []byte("dirt\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w.write("app", "two\n")
	w.git("commit", "--quiet", "-am", "two")
	// A checkout of CI has a detached HEAD: on no branch that a fetch would bring.
	w.git("checkout", "--quiet", "--detach")
	w.write("app", "three\n")
	w.git("commit", "--quiet", "-am", "three")
	w.shown = nil
	w.mustPush()
	if built := w.told("built"); built != "three\n" {
		t.Errorf("built %q", built)
	}
	if slices.Contains(w.shown, "clone the checkout began") {
		t.Error("cloned anew in place of a refresh")
	}
}

func matches(pattern, path string) bool {
	ok, err := filepath.Match(pattern, path)
	return err == nil && ok
}

func TestPush_clones_anew_where_the_clone_is_broken(t *testing.T) {
	w := newWorkshop(t)
	w.mustPush()
	clone := strings.TrimSpace(w.told("where"))
	if err := os.RemoveAll(filepath.Join(clone, ".git", "objects")); err != nil {
		t.Fatal(err)
	}
	w.mustPush()
	if built := w.told("built"); built != "one\n" {
		t.Errorf("built %q", built)
	}
}

func TestPush_builds_a_project_below_the_top_of_the_checkout(t *testing.T) {
	w := newWorkshop(t)
	w.write("services/api/Dockerfile", "FROM scratch\n")
	w.write("services/api/app", "api\n")
	w.git("add", ".")
	w.git("commit", "--quiet", "-m", "api")
	w.options.Project = filepath.Join(w.dir, "services", "api")
	w.mustPush()
	if built := w.told("built"); built != "api\n" {
		t.Errorf("built %q", built)
	}
}

func TestPush_leaves_a_folder_of_clones_alone_that_others_can_write_to(t *testing.T) {
	w := newWorkshop(t)
	taken := filepath.Join(w.options.Temp, "mrsk-clones")
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(taken, 0o777); err != nil {
		t.Fatal(err)
	}
	w.mustPush()
	want := fmt.Sprintf("%s-%d", taken, os.Getuid())
	if where := w.told("where"); !strings.HasPrefix(where, want+"/") {
		t.Errorf("built in %s", where)
	}
}

func TestPush_builds_the_working_tree_where_a_context_is_set(t *testing.T) {
	w := newWorkshop(t)
	w.write("app", "changed\n")
	w.options.Spec.Builder.Context = "."
	w.mustPush()
	if built := w.told("built"); built != "changed\n" {
		t.Errorf("built %q", built)
	}
	want := "there are uncommitted changes; they are built, too\n M app"
	if !slices.Contains(w.shown, want) {
		t.Errorf("shown %q", w.shown)
	}
}

func TestPrepare_looks_for_the_Dockerfile_before_anything_runs(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Dockerfile = "docker/Dockerfile"
	_, err := w.push()
	want := "error: no Dockerfile: there is no docker/Dockerfile in " + w.dir + "\nhint: write one, or set builder.dockerfile\n"
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
	if log := w.told("log"); log != "" {
		t.Error(log)
	}
}

func TestPush_says_that_the_Dockerfile_is_not_committed(t *testing.T) {
	w := newWorkshop(t)
	w.write("Dockerfile.new", "")
	w.options.Spec.Builder.Dockerfile = "Dockerfile.new"
	_, err := w.push()
	want := "error: no Dockerfile: Dockerfile.new is not in the commit that is built\n" +
		"hint: commit it, or set builder.context to build the working tree\n"
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
}

func TestPush_needs_a_checkout_to_clone(t *testing.T) {
	w := newWorkshop(t)
	if err := os.RemoveAll(filepath.Join(w.dir, ".git")); err != nil {
		t.Fatal(err)
	}
	_, err := w.push()
	var failed *image.CloneError
	if got := ui.Error(err); !errors.As(err, &failed) || !strings.HasSuffix(got, "hint: set builder.context: . to build the working tree\n") {
		t.Error(got)
	}
}

// Two deploys from one checkout share its clone: one must not change it while the other builds.
func TestPush_waits_for_another_build_of_the_checkout(t *testing.T) {
	w := newWorkshop(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	inner := w.options
	inner.Events = func(e event.Event) {
		if note, ok := e.(event.Note); ok && note.Text == "waiting for another build of this checkout" {
			cancel(errors.New("seen to wait"))
		}
	}
	var waited error
	w.options.Events = func(e event.Event) {
		if step, ok := e.(event.Step); ok && step.Name == "build image" && step.State == event.Began {
			b, err := image.Prepare(ctx, inner)
			if err == nil {
				_, err = b.Push(ctx)
			}
			waited = err
		}
	}
	w.mustPush()
	// The login goes on meanwhile, and may be what the end of the wait meets.
	if waited == nil || !strings.HasSuffix(waited.Error(), ": seen to wait") {
		t.Errorf("got %v", waited)
	}
	w.options.Events = w.record
	w.mustPush()
}
