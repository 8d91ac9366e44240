package observe

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/remote"
	"mrsk/internal/server"
	"mrsk/internal/testfleet"
)

const oneContainer = `{"id":"a0","name":"/shop-web-v1","image":"sha256:1","labels":{"service":"shop","role":"web","destination":"","mrsk.version":"v1"},` +
	`"created":"2026-01-02T00:00:00Z","restart":"no","retries":0,"state":"running","exit":0,"started":"2026-01-02T00:00:00Z","finished":"0001-01-01T00:00:00Z","health":""}`

// newObserver observes vm1, a host on which version v1 runs.
func newObserver(t *testing.T) (*Observer, *testfleet.Fleet) {
	t.Helper()
	f := testfleet.NewWithDocker(t, "vm1")
	f.RunApp("vm1", "v1")
	text := "service: shop\nimage: shop\nservers: [vm1]\nregistry: {server: registry.example.com, username: u, password: p}\n"
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	prelude := server.Prelude(c.All().Project, "ann")
	return New(Options{Scope: c.All(), Fleet: f.Fleet, Sink: f.Sink, Prelude: prelude}), f
}

func factsOf(t *testing.T, o *Observer, want Want) facts.Host {
	t.Helper()
	seen, err := o.Facts(t.Context(), []string{"vm1"}, want)
	if err != nil {
		t.Fatal(err)
	}
	return seen["vm1"]
}

// Only a part of the facts is asked for: the parsers once panicked on the parts that were not.
func TestPrefetch_asks_only_what_does_not_change(t *testing.T) {
	t.Parallel()
	o, f := newObserver(t)
	f.Freeze("vm1", "ann", "moving house")
	seen, err := o.Prefetch(t.Context(), []string{"vm1"}, Want{Locks: true})
	if err != nil {
		t.Fatal(err)
	}
	h := seen["vm1"]
	if h.Engine.Arch != "amd64" || len(h.Images) != 1 || !strings.Contains(h.Lock.Freeze, "moving house") {
		t.Errorf("seen: %+v", h)
	}
	if len(h.Containers) != 0 || h.Network {
		t.Errorf("containers were asked for: %+v", h)
	}
}

func TestFacts_reuse_what_was_prefetched_until_it_is_forgotten(t *testing.T) {
	t.Parallel()
	o, f := newObserver(t)
	if _, err := o.Prefetch(t.Context(), []string{"vm1"}, Want{}); err != nil {
		t.Fatal(err)
	}
	f.PushApp("v2")
	f.Docker("vm1", "pull", testfleet.ImageOfApp("v2"))
	seen := factsOf(t, o, Want{})
	if len(seen.Containers) != 1 || len(seen.Images) != 1 || !seen.Network || seen.Engine.Arch != "amd64" {
		t.Errorf("seen: %+v", seen)
	}
	f.Docker("vm1", "stop", "shop-web-v1")
	if again := factsOf(t, o, Want{}); len(again.Containers) != 1 || again.Containers[0].State != "exited" {
		t.Errorf("containers were not asked for again: %+v", again.Containers)
	}
	o.Forget()
	if anew := factsOf(t, o, Want{}); len(anew.Images) != 2 {
		t.Errorf("images were not asked for again: %+v", anew)
	}
}

// The cache does not answer what was not wanted before.
func TestFacts_ask_what_only_the_second_use_case_wants(t *testing.T) {
	t.Parallel()
	o, f := newObserver(t)
	f.Freeze("vm1", "ann", "moving house")
	if h := factsOf(t, o, Want{}); h.Lock != (facts.Lock{}) {
		t.Errorf("locks were asked for: %+v", h.Lock)
	}
	if h := factsOf(t, o, Want{Locks: true}); !strings.Contains(h.Lock.Freeze, "moving house") {
		t.Errorf("locks: %+v", h.Lock)
	}
}

func TestAddImage_adds_to_images_that_were_asked_for(t *testing.T) {
	t.Parallel()
	const pulled = `{"id":"sha256:2","tags":["registry.example.com/shop:v2"],"digests":[]}`
	o, _ := newObserver(t)
	o.AddImage("vm1", []byte(pulled))
	if h := factsOf(t, o, Want{}); len(h.Images) != 1 {
		t.Errorf("an image that docker does not list: %+v", h.Images)
	}
	o.AddImage("vm1", []byte(pulled))
	if h := factsOf(t, o, Want{}); len(h.Images) != 2 || h.Images[0].ID != "sha256:2" {
		t.Errorf("images: %+v", h.Images)
	}
}

// A host that cannot be reached is an error that names it; the facts of the others are complete.
func TestFacts_name_the_host_that_does_not_answer(t *testing.T) {
	t.Parallel()
	o, f := newObserver(t)
	f.Hosts["vm1"].RefuseLogins(true)
	_, err := o.Facts(t.Context(), []string{"vm1"}, Want{})
	var failed *remote.ConnectError
	if err == nil || !strings.HasPrefix(err.Error(), "vm1: ") || !errors.As(err, &failed) {
		t.Errorf("err = %v", err)
	}
}

// everything wants all facts.
var everything = Want{Accessories: true, Former: true, Network: true, Locks: true}

// Accessories on different hosts may have the same service name: each host is asked about the image
// of the one that belongs there.
func TestParts_ask_a_host_for_its_own_accessories(t *testing.T) {
	t.Parallel()
	o := New(Options{Scope: &config.Scope{Project: &config.Project{}, Placement: config.Placement{Accessories: []config.Accessory{
		{Name: "one", Service: "cache", Image: "redis:7", Hosts: []string{"vm1"}},
		{Name: "two", Service: "cache", Image: "redis:8", Hosts: []string{"vm2"}},
	}}}})
	var asked strings.Builder
	for _, q := range questions(o.parts("vm2", everything)) {
		asked.WriteString(q.Run.Wire().Reveal())
	}
	if got := asked.String(); strings.Contains(got, "redis:7") || !strings.Contains(got, "redis:8") {
		t.Errorf("vm2 is asked for %s", got)
	}
}

// No part reads what another one has filled in.
func TestRead_gives_the_same_facts_in_any_order_of_parts(t *testing.T) {
	t.Parallel()
	c := (&config.Project{Service: "shop", Image: "shop", Placement: config.Placement{Accessories: []config.Accessory{{Name: "db", Service: "shop-db", Image: "mysql", Hosts: []string{"vm1"}}}}}).All()
	parts := New(Options{Scope: c}).parts("vm1", everything)
	for name, known := range map[string]map[string][]byte{
		"nothing runs":     {"look at docker": []byte("29.0 amd64"), "look at the network": []byte("n\n")},
		"a container runs": {"look at docker": []byte("29.0 amd64"), "look at the network": []byte("n\n"), seeContainers: []byte(oneContainer), "look at the locks": []byte("{}\n--\n")},
	} {
		want, err := read("vm1", parts, known)
		if err != nil {
			t.Fatal(err)
		}
		reversed := slices.Clone(parts)
		slices.Reverse(reversed)
		got, err := read("vm1", reversed, known)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: -want +got, %v:\n%s", name, err, diff)
		}
		if !want.Network || want.Engine.Arch != "amd64" {
			t.Errorf("%s: %+v", name, want)
		}
	}
}

func TestQuestions_have_names_of_their_own(t *testing.T) {
	t.Parallel()
	c := (&config.Project{Service: "shop", Image: "shop", Placement: config.Placement{Accessories: []config.Accessory{{Name: "db", Service: "shop-db", Image: "mysql", Hosts: []string{"vm1"}}}}}).All()
	seen := map[string]bool{}
	for _, q := range questions(New(Options{Scope: c}).parts("vm1", everything)) {
		if seen[q.Name] {
			t.Errorf("two questions have the name %q", q.Name)
		}
		seen[q.Name] = true
	}
}
