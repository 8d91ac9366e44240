package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// shown is a step with its cause, its command and its undo.
func shown(steps ...plan.Step) string {
	out := &strings.Builder{}
	for _, s := range steps {
		fmt.Fprintf(out, "%s, because %s\n  %s\n", s.Name, s.Cause, s.Run.String())
		if !s.Undo.Empty() {
			fmt.Fprintf(out, "  undo, %s: %s\n", s.UndoName, s.Undo.String())
		}
	}
	return out.String()
}

func at(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }

// seen is a host on which v1 serves, a leftover of v2 runs, and v0 has stopped.
func seen() facts.Host {
	return facts.Host{
		Name: "vm1",
		Containers: []facts.Container{
			{ID: "c2", Name: "shop-web-v2", Role: "web", Version: "v2", Alias: "m-2", State: "running", Restart: "no", Started: at(3)},
			{ID: "c1", Name: "shop-web-v1", Role: "web", Version: "v1", Alias: "m-1", Image: "sha256:1", State: "running", Restart: "unless-stopped", Started: at(2)},
			{ID: "c0", Name: "shop-web-v0", Role: "web", Version: "v0", State: "exited", Restart: "unless-stopped", Started: at(1), Finished: at(2)},
			{ID: "cx", Name: "shop-web-vx", Role: "web", Version: "vx", State: "created"},
		},
		Images: []facts.Image{
			{ID: "sha256:1", Tags: []string{"registry.example.com/acme/shop:v1", "registry.example.com/acme/shop:latest"}, Digests: []string{"elsewhere/shop@sha256:9", "registry.example.com/acme/shop@sha256:1"}},
			{ID: "sha256:0"},
		},
	}
}

func bootOf(t *testing.T, version string) Boot {
	t.Helper()
	c, role := load(t)
	return Boot{Scope: c, Secrets: values, Role: role, Host: seen(), Version: version, Token: "token", Serving: "m-1"}
}

func TestSteps_of_a_role(t *testing.T) {
	t.Parallel()
	b := bootOf(t, "v1")
	old, _ := b.Old()
	var steps []plan.Step
	steps = append(steps, Expect(b.Scope.Project, b.Host))
	steps = append(steps, b.MakeRoom()...)
	steps = append(steps, b.Start(), b.AwaitUp(), b.Secure(), b.Confirm(), b.Keep(), b.Stop(old, "v1 is deployed again"), b.TagLatest())
	steps = append(steps, b.StopForNow(old, "it is in the way", shell.Line{}))
	steps = append(steps, Release(ReleaseRequest{Scope: b.Scope, Secrets: b.Secrets, Role: b.Role, Host: "vm1", Version: "v1", Token: "token"})...)
	steps = append(steps, Remove(old))
	steps = append(steps, RemoveRest(b.Scope.Project, b.Host)...)
	golden.Equal(t, "testdata/steps.golden", shown(steps...))
}

func TestAssets_are_a_volume_of_the_container(t *testing.T) {
	t.Parallel()
	b := bootOf(t, "v2")
	if steps, volumes := b.Assets(shell.Lit("helper")), b.volumes(); steps != nil || strings.Join(volumes, " ") != "data:/data" {
		t.Errorf("without asset_path: %v, %v", steps, volumes)
	}
	b.Role.Assets = config.Assets{Path: "/app/assets", Options: "ro"}
	volumes := strings.Join(b.volumes(), "\n") + "\n"
	steps := append(b.Assets(shell.Lit("helper")), SweepAssets(b.Scope.Project, "web", "containers are gone"))
	golden.Equal(t, "testdata/assets.golden", volumes+shown(steps...))
}

// Which container is the old one decides what stops and what drains.
func TestOld_is_the_one_that_serves(t *testing.T) {
	t.Parallel()
	for serving, want := range map[string]struct{ old, stale string }{
		"m-1": {"c1", "c2"},
		"m-2": {"c2", "c1"},
		"":    {"c2", "c1"}, // the one that was started last
		"m-9": {"c2", "c1"},
	} {
		b := bootOf(t, "v3")
		b.Serving = serving
		old, _ := b.Old()
		stale := b.Stale()
		if old.ID != want.old || len(stale) != 1 || stale[0].ID != want.stale {
			t.Errorf("serving %q: old %s, stale %+v", serving, old.ID, stale)
		}
	}
	b := bootOf(t, "v3")
	b.Host.Containers = nil
	if old, found := b.Old(); found || b.Stale() != nil && len(b.Stale()) > 0 {
		t.Errorf("on an empty host: %+v", old)
	}
}

func TestStart_says_why(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"v1": "version v1 is deployed again", "v3": "version v3 takes over from v1"} {
		if got := bootOf(t, version).Start().Cause; got != want {
			t.Errorf("%s: %s", version, got)
		}
	}
	b := bootOf(t, "v3")
	b.Host.Containers = nil
	if got := b.Start().Cause; got != "no container of role web runs" {
		t.Error(got)
	}
	if b.MakeRoom() != nil {
		t.Error("nothing is in the way, and yet something is renamed")
	}
}

// The restart policy tells whether a host has committed, so that before the commit must differ from
// that behind it, whatever the role has.
func TestInterim_policy_is_never_that_of_the_role(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]struct{ interim, kept string }{
		"always":         {"unless-stopped", "always"},
		"unless-stopped": {"always", "unless-stopped"},
		"no":             {"always", "no"},
		"on-failure:3":   {"always", "on-failure"},
	} {
		b := bootOf(t, "v3")
		b.Role.Restart = policy
		kept := b.KeptAs()
		if b.interim() != want.interim || len(kept) != 2 || kept[1] != want.kept || kept[0] != "mrsk.alias="+b.Alias() {
			t.Errorf("%s: %s, %v", policy, b.interim(), kept)
		}
	}
}

// A container of a role without the proxy may have begun with work.
func TestUndo_leaves_time_to_a_role_without_the_proxy(t *testing.T) {
	t.Parallel()
	b := bootOf(t, "v3")
	b.Role.StopTimeout = 25 * time.Second
	if got := b.undoGrace(); got != "0" {
		t.Errorf("behind the proxy: %s", got)
	}
	b.Role.Proxy = nil
	if got := b.undoGrace(); got != "25" {
		t.Errorf("without: %s", got)
	}
	if got := b.AwaitUp().Cause; got != "role web is not behind the proxy" {
		t.Error(got)
	}
}

func TestDigest_is_that_of_the_own_repository(t *testing.T) {
	t.Parallel()
	if got := bootOf(t, "v1").digest(); got != "registry.example.com/acme/shop@sha256:1" {
		t.Error(got)
	}
	if got := bootOf(t, "v9").digest(); got != "" {
		t.Errorf("of an image that is not there: %s", got)
	}
}

func TestRunning_and_last_of_a_role(t *testing.T) {
	t.Parallel()
	h := seen()
	if running := Running(h, "web"); len(running) != 2 || running[0].ID != "c2" {
		t.Errorf("%+v", running)
	}
	if last, found := Last(h, "web"); !found || last.ID != "c0" {
		t.Errorf("%+v", last) // one that never ran does not count
	}
	if last, found := Last(h, "worker"); found {
		t.Errorf("%+v", last)
	}
}

// The hosts that stay tell by it which others had the app.
func TestPlacement_is_read_as_it_was_written(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	got := placementIn(map[string]string{"mrsk.placement": placement(&c.Placement)})
	if len(got) != 1 || strings.Join(got["web"], " ") != "vm1" {
		t.Errorf("%v", got)
	}
	tooLarge := `{"web":["` + strings.Repeat("v", largest) + `"]}`
	for _, label := range []string{"{", tooLarge} {
		if got := placementIn(map[string]string{"mrsk.placement": label}); got != nil {
			t.Errorf("%v", got)
		}
	}
}

// docker run takes a label as one argument, which cannot be of any length.
func TestPlacement_that_is_too_large_is_not_in_a_label(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	b := Boot{Scope: c, Role: c.Roles[0], Host: facts.Host{Name: "vm1"}, Version: "v1"}
	placed := func() bool {
		return slices.ContainsFunc(b.labels(), func(p config.Pair) bool { return p.Name == docker.LabelPlacement })
	}
	if !placed() {
		t.Error("there is no label for one host")
	}
	c.Project.Roles[0].Hosts = append(c.Project.Roles[0].Hosts, config.Host{Name: strings.Repeat("v", largest)})
	if placed() {
		t.Error("there is a label for too many hosts")
	}
}

func TestVersion_in_the_name_of_another_tools_container(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"shop-web-v1":               "v1",
		"shop-web-v1_replaced_abcd": "v1",
		"else":                      "else",
	} {
		if got := versionIn(name, map[string]string{"service": "shop", "role": "web"}); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := versionIn("shop-web-staging-v1", map[string]string{"service": "shop", "role": "web", "destination": "staging"}); got != "v1" {
		t.Error(got)
	}
}

func TestBuilt_reads_both_of_dockers_forms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-01-02T03:00:00Z":          at(3),
		"2026-01-02 03:00:00 +0000 UTC": at(3),
		"yesterday":                     {},
	} {
		if got := (image{Created: text}).built(); !got.Equal(want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}
