package workflow

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/lock"
)

const twoHosts = "servers: [vm1, vm2]"

// lagging is a project whose second host runs v1, while the first one has v2.
func lagging(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, strings.Replace(shopText, "servers: [vm1]", twoHosts, 1), "vm1", "vm2")
	s.deployed("v1")
	s.deployOn("v2", "vm1")
	return s
}

// deployOn deploys a version to some of the hosts.
func (s *shop) deployOn(version string, hosts ...string) {
	s.t.Helper()
	env := s.env(version)
	scope, err := env.Scope.Project.Select(config.Selection{Hosts: hosts})
	if err != nil {
		s.t.Fatal(err)
	}
	env.Scope = scope
	if err := Deploy(s.t.Context(), env, fromRegistry); err != nil {
		s.t.Fatal(err)
	}
}

// serving returns the version that serves on each host, in the order of their names.
func (s *shop) serving() string {
	var all []string
	for _, name := range s.Names {
		_, serves, _ := strings.Cut(s.Engines[name].State(), "route shop.web.http0: shop-web-")
		version, _, _ := strings.Cut(serves, "\n")
		all = append(all, version)
	}
	return strings.Join(all, " ")
}

func TestSync_changes_the_hosts_that_lag_alone(t *testing.T) {
	t.Parallel()
	s := lagging(t)
	said := len(s.Events())
	if err := Sync(t.Context(), s.env(""), SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := s.serving(); got != "v2 v2" {
		t.Errorf("they run %s", got)
	}
	announced := 0
	for _, e := range s.Events()[said:] {
		switch e := e.(type) {
		case event.Work:
			announced++
			if !slices.Equal(e.Hosts, []string{"vm2"}) || e.Doing != "Syncing shop" || e.Version != "v2" {
				t.Errorf("announced %+v", e)
			}
		case event.Stage:
			if slices.Contains(e.Hosts, "vm1") {
				t.Errorf("vm1 has a stage %s", e.Name)
			}
		}
	}
	if announced == 0 {
		t.Error("nothing was announced")
	}
}

// A host that does not lag is locked, too: what it runs decides which version the others get.
func TestSync_locks_hosts_that_do_not_lag(t *testing.T) {
	t.Parallel()
	s := lagging(t)
	s.Freeze("vm1", "bob", "moving house")
	err := Sync(t.Context(), s.env(""), SyncOptions{})
	if frozen := new(*lock.FrozenError); !errors.As(err, frozen) {
		t.Fatalf("err = %v", err)
	}
	if got := s.serving(); got != "v2 v1" {
		t.Errorf("they run %s", got)
	}
}

// Another run may bring up a version after sync has looked, and before sync has the lease.
func TestSync_refuses_a_version_that_is_no_longer_the_last(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meanwhile func(*shop)
		error     error
		runs      string
	}{
		"another deploy": {
			func(s *shop) { s.deployOn("v3", "vm1") },
			&MovedError{"v2", "v3"}, "v3 v1",
		},
		"a stop": {
			func(s *shop) {
				if err := StopApp(s.t.Context(), s.env("")); err != nil {
					s.t.Error(err)
				}
			},
			&NothingRunsError{}, " ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lagging(t)
			env, once := s.env(""), false
			env.Changing = func() {
				if !once {
					once = true
					tt.meanwhile(s)
				}
			}
			err := Sync(t.Context(), env, SyncOptions{})
			if err == nil || err.Error() != tt.error.Error() {
				t.Errorf("err = %v", err)
			}
			var failed *RolloutError
			if !errors.As(err, &failed) || failed.End.Outcome != event.Unchanged {
				t.Errorf("%+v", failed)
			}
			if got := s.serving(); got != tt.runs {
				t.Errorf("they run %s", got)
			}
		})
	}
}

func TestChange_is_about_all_hosts_unless_it_names_some(t *testing.T) {
	t.Parallel()
	c := change{hosts: []string{"vm1", "vm2"}}
	if got := c.changed(); !slices.Equal(got, c.hosts) {
		t.Errorf("of all: %v", got)
	}
	c.about = []string{"vm2"}
	if got := c.changed(); !slices.Equal(got, c.about) {
		t.Errorf("of one: %v", got)
	}
}
