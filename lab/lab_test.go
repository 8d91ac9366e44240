package lab

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOptions_have_defaults(t *testing.T) {
	t.Parallel()
	o, err := Options{Hosts: 2}.withDefaults()
	if err != nil || !validName.MatchString(o.Name) || !slices.Equal(o.Balanced, []string{"vm1", "vm2"}) {
		t.Errorf("got %+v, %v", o, err)
	}
	if o.shell(0) != "dash" || o.shell(1) != "dash" {
		t.Errorf("shells %q %q", o.shell(0), o.shell(1))
	}
}

func TestOptions_refuse_what_cannot_be(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"name":     {Name: "Demo Lab"},
		"store":    {Store: "../other"},
		"hosts":    {Hosts: 99},
		"engine":   {Engine: "17"},
		"shell":    {Shells: []string{"zsh"}},
		"shells":   {Hosts: 1, Shells: []string{"dash", "dash"}},
		"balanced": {Balanced: []string{"vm2"}},
	} {
		if _, err := o.withDefaults(); err == nil {
			t.Errorf("%s: no error for %+v", name, o)
		}
	}
}

func TestLab_finds_its_parts_by_name(t *testing.T) {
	t.Parallel()
	l := newLab("x", []string{"vm1", "vm2"})
	for _, name := range []string{"vm1", "vm2", "deployer", "registry", "balancer"} {
		if h := l.Host(name); h == nil || h.Container() != "mrsk-lab-x-"+name {
			t.Errorf("%s: %+v", name, h)
		}
	}
	if l.Host("vm3") != nil {
		t.Error("there is a vm3")
	}
}

func TestStartTime_counts_behind_the_name(t *testing.T) {
	t.Parallel()
	rest := " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 98765 20"
	for stat, want := range map[string]string{
		"12 (sh)" + rest:                               "98765",
		"12 (a ) b (c)" + rest:                         "98765",
		"12 (sh)" + strings.Replace(rest, "S", "Z", 1): "",
		"": "",
	} {
		if got := startTime(stat); got != want {
			t.Errorf("%q: got %q, want %q", stat, got, want)
		}
	}
}

func TestProcess_is_alive_till_it_ends(t *testing.T) {
	t.Parallel()
	if !thisProcess().alive() {
		t.Error("this process does not run")
	}
	child := exec.CommandContext(t.Context(), "sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	p := process{pid: child.Process.Pid, born: born(child.Process.Pid)}
	if !p.alive() {
		t.Error("the child does not run")
	}
	child.Process.Kill()
	child.Wait()
	if p.alive() || (process{pid: os.Getpid(), born: "1"}).alive() {
		t.Error("a process that ended, or whose number was taken again, runs")
	}
}

func TestParseInfos_tells_labs_apart(t *testing.T) {
	t.Parallel()
	lines := "two|12|900|false|3\none|11|800|true|1\ntwo|12|900|false|3\n|||\nbroken\ngone|13|1|false|2\n"
	got := parseInfos(lines, func(p process) bool { return p == process{12, "900"} })
	want := []Info{
		{Name: "gone", Hosts: 2}, {Name: "one", Hosts: 1, Keep: true}, {Name: "two", Hosts: 3, Alive: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if !got[0].Abandoned() || got[1].Abandoned() || got[2].Abandoned() {
		t.Error("abandoned is what was not kept and has no process")
	}
}

func TestTagged_changes_with_each_input(t *testing.T) {
	t.Parallel()
	all := []string{tagged("a", "b", "c"), tagged("a", "bc"), tagged("a", "b", "d"), tagged("a", "c", "b")}
	slices.Sort(all)
	if len(slices.Compact(all)) != 4 {
		t.Errorf("equal tags: %q", all)
	}
}

func TestAptProxy_takes_how_archives_are_reached_and_no_more(t *testing.T) {
	t.Parallel()
	dump := "APT::Install-Recommends \"1\";\nAcquire::http::Proxy \"http://proxy:3128\";\nDir \"/\";\n"
	if got := aptProxy(dump); got != "Acquire::http::Proxy \"http://proxy:3128\";\n" {
		t.Errorf("got %q", got)
	}
}

func TestTail_keeps_the_end(t *testing.T) {
	t.Parallel()
	if got := tail(strings.Repeat("line\n", 50) + "end\n"); strings.Count(got, "\n") != tailLines || !strings.HasSuffix(got, "| end") {
		t.Errorf("got %q", got)
	}
}

func TestTrafficFlags_leave_out_what_is_not_set(t *testing.T) {
	t.Parallel()
	got := strings.Join(trafficFlags(TrafficOptions{URLs: []string{"http://vm1/"}, Rate: 0.5, For: time.Second}), " ")
	const want = "--host  --rate 0.5 --kept 0 --new 0 --slow 0 --upload 0 --url http://vm1/ --for 1s"
	if got != want {
		t.Errorf("got %q", got)
	}
}

// An engine that no longer answers must end a test with a word about it, not hang it.
func TestDocker_tells_of_an_engine_that_does_not_answer(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errPatience)
	defer cancel()
	if _, err := docker(ctx, "ps"); !errors.Is(err, errPatience) {
		t.Errorf("got %v", err)
	}
}
