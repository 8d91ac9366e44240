package deploy

import (
	"errors"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/traefik"
)

// rolledOut is the request to bring version v3 up where v2 runs; more lines are added to the
// configuration, and the image is on every host already.
func rolledOut(t *testing.T, more string) Request {
	t.Helper()
	return rolledOutFrom(t, load(t, shop+more))
}

// rolledOutFrom is rolledOut with another configuration.
func rolledOutFrom(t *testing.T, c *config.Scope) Request {
	t.Helper()
	seen := map[string]facts.Host{
		"vm1": served(t, c, "vm1", container("web", "v2", "running", 2), container("web", "v1", "exited", 1)),
		"vm2": served(t, c, "vm2", container("web", "v2", "running", 2), container("workers", "v2", "running", 3)),
	}
	for name, h := range seen {
		h.Images = append(h.Images, facts.Image{
			ID: "sha256:v3", Tags: []string{c.Project.AbsoluteImage("v3")}, Digests: []string{c.Project.Repository() + "@sha256:d3"},
		})
		seen[name] = h
	}
	return Request{Scope: c, Secrets: secretsOf(c, known), Verb: "deploy", Version: "v3", Token: "t", Facts: seen, Release: true, Prune: true}
}

// The order of a zero-downtime deploy, and what is taken back in it, is the product: a change of
// these files is a change of what happens to users' servers.
func TestRollout(t *testing.T) {
	tests := map[string]struct {
		more   string
		change func(*Request)
	}{
		"deploy":              {},
		"release":             {more: "release: bin/migrate\n"},
		"batches":             {more: "boot: {limit: 1}\n"},
		"barrier":             {more: "boot: {barrier: before_start}\n"},
		"parallel-roles":      {more: "boot: {parallel_roles: true}\n"},
		"stop-first":          {more: "boot: {order: stop_first}\n"},
		"own-health-check":    {more: "healthcheck: {cmd: bin/healthy, port: 80}\nboot: {order: stop_first}\n"},
		"same-version":        {change: func(r *Request) { r.Version = "v2" }},
		"rollback":            {change: func(r *Request) { r.Verb, r.Version, r.Release = "rollback", "v1", false }},
		"first":               {change: bare},
		"image-from-registry": {change: withoutImage},
		"assets":              {more: "asset_path: /app/public/assets:ro\n"},
		"assets-in-batches":   {more: "asset_path: /app/public/assets:ro\nboot: {limit: 1}\n"},
		"error-pages":         {more: "error_pages_path: public\n", change: anotherPage},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := rolledOut(t, tt.more)
			if tt.change != nil {
				tt.change(&r)
			}
			p, err := Rollout(r)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, "testdata/rollout/"+name+".golden", p.String())
		})
	}
}

// bare hosts have the image and nothing else.
func bare(r *Request) {
	for name, h := range r.Facts {
		r.Facts[name] = facts.Host{Name: name, Engine: h.Engine, Images: h.Images}
	}
}

// anotherPage is for an app that has a new page on one host, and none on the other.
func anotherPage(r *Request) {
	route := traefik.ForRole(r.Scope.Project, r.Scope.Roles[0], "m-web2")
	route.ErrorPages.Pages = map[int]string{503: "earlier"}
	r.Facts["vm1"].Routes[0].Content = route.Content()
	r.Scope.Project.ErrorPages.Pages = map[int]string{502: "down", 503: "new"}
}

// withoutImage takes the new image away from one host.
func withoutImage(r *Request) {
	h := r.Facts["vm2"]
	h.Images = h.Images[:2]
	r.Facts["vm2"] = h
}

func TestRollout_refuses_a_version_that_is_nowhere_and_names_those_that_are(t *testing.T) {
	r := rolledOut(t, "")
	r.Version = "v9"
	_, err := Rollout(r)
	var missing *MissingImageError
	if !errors.As(err, &missing) {
		t.Fatalf("err = %v", err)
	}
	golden.Equal(t, "testdata/rollout/nowhere.golden", err.Error()+"\n")
}

// The registry on the operator's machine is led to the hosts while a deploy brings images, not in
// a rollback: an image that a host lacks cannot be fetched from there.
func TestRollout_fetches_nothing_from_the_operators_machine(t *testing.T) {
	t.Parallel()
	r := onHosts(load(t, "service: shop\nservers: [vm1, vm2]\n"), nil)
	h := r.Facts["vm2"]
	h.Images = nil
	r.Facts["vm2"] = h
	_, err := Rollout(r)
	var missing *MissingImageError
	if !errors.As(err, &missing) || len(missing.Hosts) != 1 || missing.Hosts[0] != "vm2" {
		t.Fatalf("err = %v", err)
	}
}

// Whatever an earlier run may do last before it gives up: drain, wait for an old container to be up
// again, and stop the new one.
func TestWorkWait_is_longer_than_what_an_undo_may_take(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]time.Duration{
		"": 2 * time.Minute,
		"drain_timeout: 60\ndeploy_timeout: 90\nstop_timeout: 5\n": 190 * time.Second,
		"drain_timeout: 5\nstop_timeout: 200\n":                    265 * time.Second,
	} {
		if got := WorkWait(load(t, shop+more)); got != want {
			t.Errorf("%q: %s, want %s", more, got, want)
		}
	}
}
