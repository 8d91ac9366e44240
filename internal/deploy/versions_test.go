package deploy

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// manyVersions is a shop that has seen much: v3 runs, the others have stopped or failed.
func manyVersions(t *testing.T) (*config.Scope, map[string]facts.Host) {
	t.Helper()
	c := load(t, shop)
	failed := container("web", "f6", "exited", 6)
	failed.Restart = "no"
	image := func(version string, built int) facts.Image {
		return facts.Image{ID: "sha256:" + version, Tags: []string{c.Project.AbsoluteImage(version)}, Created: at(built)}
	}
	images := []facts.Image{image("a1", 0), image("a2", 0), image("c3", 0), image("f6", 6), image("b0", 0), {ID: "sha256:x", Tags: []string{c.Project.AbsoluteImage("latest"), c.Project.AbsoluteImage("\x1b[2J")}}}
	return c, map[string]facts.Host{
		"vm1": {Name: "vm1", Images: images, Containers: []facts.Container{
			failed, container("web", "c3", "running", 5), container("web", "a1", "exited", 3), container("web", "a2", "exited", 1),
		}},
		"vm2": {Name: "vm2", Images: images[:3], Containers: []facts.Container{
			container("web", "c3", "running", 5), container("web", "a1", "exited", 4), container("workers", "a2", "exited", 2),
		}},
	}
}

func TestVersions_are_listed_by_time_with_what_has_become_of_them(t *testing.T) {
	t.Parallel()
	const want = `c3  runs, since 2026-01-01 12:05 UTC
f6  was never healthy, tried 2026-01-01 12:06 UTC; not on vm2
a1  was healthy, until 2026-01-01 12:05 UTC
a2  was healthy, until 2026-01-01 12:03 UTC
b0  has no container, built 2026-01-01 12:00 UTC; not on vm2
`
	c, seen := manyVersions(t)
	if diff := cmp.Diff(want, VersionTable(Versions(c, seen))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindVersion_takes_the_beginning_of_one(t *testing.T) {
	t.Parallel()
	c, seen := manyVersions(t)
	for typed, want := range map[string]string{"c3": "c3", "c": "c3", "f": "f6", "a1": "a1", "nowhere": "nowhere", "latest": "latest"} {
		if got, err := FindVersion(c, seen, typed); err != nil || got != want {
			t.Errorf("%s: %s, %v", typed, got, err)
		}
	}
	_, err := FindVersion(c, seen, "a")
	var ambiguous *AmbiguousVersionError
	if !errors.As(err, &ambiguous) {
		t.Fatalf("err = %v", err)
	}
	const want = `find version a: several versions begin with it:
a1  was healthy, until 2026-01-01 12:05 UTC
a2  was healthy, until 2026-01-01 12:03 UTC`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A version that begins another one is meant when it is typed in full.
func TestFindVersion_prefers_the_whole_name(t *testing.T) {
	t.Parallel()
	c := load(t, shop)
	images := []facts.Image{{Tags: []string{c.Project.AbsoluteImage("1.2")}}, {Tags: []string{c.Project.AbsoluteImage("1.2.1")}}}
	seen := map[string]facts.Host{"vm1": {Images: images}, "vm2": {Images: images}}
	if got, err := FindVersion(c, seen, "1.2"); err != nil || got != "1.2" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestCurrentVersion_is_what_runs_or_else_was_deployed_last(t *testing.T) {
	t.Parallel()
	c, seen := manyVersions(t)
	if version, why := CurrentVersion(c, seen); version != "c3" || why != "runs now" {
		t.Errorf("got %s, which %s", version, why)
	}
	stopped := map[string]facts.Host{}
	for name, h := range seen {
		h.Containers = nil
		h.Images = append(slices.Clone(h.Images), facts.Image{ID: "sha256:last", Tags: []string{c.Project.AbsoluteImage("f6"), c.Project.AbsoluteImage(c.Project.LatestTag())}})
		stopped[name] = h
	}
	if version, why := CurrentVersion(c, stopped); version != "f6" || why != "was deployed last" {
		t.Errorf("nothing runs: got %s, which %s", version, why)
	}
	if version, _ := CurrentVersion(c, nil); version != "" {
		t.Errorf("no host has a version: got %s", version)
	}
}
