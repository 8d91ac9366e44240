package lab

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var testTools = tools{hash: "h", traefik: module{hash: "t"}, engine: module{hash: "e"}}

// A lab must find every image that it starts, and an image all that it is made from.
func TestImageBuilds_make_all_that_a_lab_needs(t *testing.T) {
	t.Parallel()
	for _, e := range Engines {
		var made []string
		for _, r := range testTools.builds([]Engine{e}, io.Discard) {
			if slices.Contains(made, r.tag) {
				t.Errorf("%s: %s is made twice", e, r.tag)
			}
			made = append(made, r.tag)
		}
		tags := testTools.tags(e)
		needed := []string{tags.host, tags.parts, tags.deployer, tags.seed}
		for _, r := range testTools.builds([]Engine{e}, io.Discard) {
			needed = append(needed, r.from...)
		}
		for _, tag := range needed {
			if !slices.Contains(made, tag) {
				t.Errorf("%s: %s is not made", e, tag)
			}
		}
	}
}

func TestImageBuilds_of_several_engines_share_what_is_no_engine(t *testing.T) {
	t.Parallel()
	old, now := testTools.tags(Docker20), testTools.tags(Docker29)
	if old.seed != now.seed || old.parts != now.parts || old.host == now.host || old.deployer != old.parts || now.deployer != now.host {
		t.Errorf("got %+v and %+v", old, now)
	}
	one, all := testTools.builds(Engines[:1], io.Discard), testTools.builds(Engines, io.Discard)
	if len(all) != len(one)+2 { // 20.10 and a host image with it; that with 26 is there for parts that run no engine
		t.Errorf("%d builds for all engines, %d for one", len(all), len(one))
	}
}

func TestOptions_without_a_registry_need_no_image_of_one(t *testing.T) {
	t.Parallel()
	tags := testTools.tags(Docker26)
	if got := (Options{NoRegistry: true}).unneeded(tags); got != tags.seed {
		t.Errorf("without a registry the image %q is not needed", got)
	}
	if got := (Options{}).unneeded(tags); got != "" {
		t.Errorf("with a registry the image %q is not needed", got)
	}
}

func TestBuildImages_makes_images_in_the_order_of_what_is_made_from_what(t *testing.T) {
	t.Parallel()
	var order []string
	var mu sync.Mutex
	image := func(tag string, from ...string) imageBuild {
		return imageBuild{tag: tag, from: from, message: "making " + tag, make: func(_ context.Context, tag string) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, tag)
			return nil
		}}
	}
	var log strings.Builder
	builds := []imageBuild{image("c", "b", "a"), image("b", "a"), image("a", "there already")}
	if err := buildImages(t.Context(), builds, &lockedWriter{w: &log}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "abc" || strings.Count(log.String(), "lab: making ") != 3 || strings.Count(log.String(), " took ") != 3 {
		t.Errorf("made %s, log:\n%s", got, log.String())
	}
}

// Two images at once, and programs while an image is made: else a build on two cores waits.
func TestBuildImages_works_on_several_at_once(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	meet := make(chan struct{})
	arrive := func(ctx context.Context, _ string) error {
		select {
		case meet <- struct{}{}:
		case <-meet:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	none := func(context.Context, string) error { return nil }
	alone := func(ctx context.Context) error { return arrive(ctx, "") }
	for name, builds := range map[string][]imageBuild{
		"images":    {{tag: "a", make: arrive}, {tag: "b", make: arrive}},
		"programs":  {{tag: "a", make: arrive}, {tag: "b", from: []string{"a"}, prepare: alone, make: none}},
		"downloads": {{tag: "a", prepare: alone, make: none}, {tag: "b", fetch: alone, make: none}},
	} {
		if err := buildImages(ctx, builds, io.Discard); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBuildImages_ends_with_the_first_failure(t *testing.T) {
	t.Parallel()
	broken := errors.New("no space left")
	waits := func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() }
	never := func(context.Context, string) error { t.Error("made from what is missing"); return nil }
	err := buildImages(t.Context(), []imageBuild{
		{tag: "a", make: waits},
		{tag: "b", make: func(context.Context, string) error { return broken }},
		{tag: "c", from: []string{"b"}, make: never},
	}, io.Discard)
	if !errors.Is(err, broken) || err.Error() != "image b: no space left" {
		t.Errorf("got %v", err)
	}
}
