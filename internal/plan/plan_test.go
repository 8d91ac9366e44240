package plan

import (
	"testing"

	"mrsk/internal/golden"
	"mrsk/internal/redact"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

func step(name string) Step { return Step{Name: name, Run: shell.Cmd("do", name)} }

func host(name string, stages ...Stage) Host { return Host{Name: name, Stages: stages} }

func do(names ...string) Stage {
	s := Stage{Name: "start"}
	for _, n := range names {
		s.Steps = append(s.Steps, step(n))
	}
	return s
}

// full is a plan with everything that can be said of one.
func full() *Plan {
	run := Step{
		Name: "run a container", Cause: "none runs", UndoName: "remove it", Role: "web", BestEffort: true,
		Run:  shell.Cmd("docker", "run").With("TOKEN", shell.Secret(redact.New("s3cr3t"))),
		Undo: shell.Cmd("docker", "rm", "a b").Then(shell.Cmd("docker", "network", "rm")),
	}
	keep := func(s Step) Stage {
		return Stage{Name: "keep", Gate: "gate: all are well", Commit: true, Steps: []Step{s}}
	}
	return &Plan{
		Title: "deploy shop",
		Notes: []string{"the proxy differs", "role web is down for a moment"},
		Phases: []Phase{
			{Name: "release", Hosts: []Host{host("vm1", do("migrate"))}},
			{Name: "roll out", Rollout: true, Batch: 1, Hosts: []Host{
				host("vm3", Stage{Name: "start", Steps: []Step{run}}, keep(step("keep"))),
				host("vm1", Stage{Name: "start", Steps: []Step{run}}, keep(step("keep"))),
				host("vm2", do(), keep(step("keep other"))),
			}},
			{Name: "roll out", Rollout: true, Batch: 2, Hosts: []Host{host("vm4", Stage{Name: "start", Steps: []Step{run}}, keep(step("keep")))}},
			{Name: "nothing", Hosts: nil},
		},
	}
}

func TestString_puts_hosts_with_the_same_steps_together(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "testdata/string.golden", full().String())
}

func TestCommands_show_what_is_run_without_secrets(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "testdata/commands.golden", full().Commands())
}

func TestJSON_says_the_same(t *testing.T) {
	t.Parallel()
	text, err := full().JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/plan.json", string(text))
	text, err = (&Plan{Title: "nothing"}).JSON()
	if want := "{\n  \"title\": \"nothing\",\n  \"notes\": [],\n  \"phases\": []\n}\n"; err != nil || string(text) != want {
		t.Errorf("an empty plan is %s, %v", text, err)
	}
}

func TestHosts_are_told_apart_by_commands_only_where_commands_are_shown(t *testing.T) {
	t.Parallel()
	alike := func(id string) Host {
		return host("vm"+id, Stage{Name: "stop", Steps: []Step{{Name: "stop container web", Run: shell.Cmd("docker", "stop", id)}}})
	}
	p := &Plan{Title: "stop", Phases: []Phase{{Name: "stop", Hosts: []Host{alike("1"), alike("2")}}}}
	if want := "stop\n\nstop: vm1, vm2\n  stop on vm1, vm2\n    stop container web\n"; p.String() != want {
		t.Errorf("got %s", p)
	}
	want := "stop\n\nstop: vm1, vm2\n  stop on vm1\n    stop container web\n      $ docker stop 1\n  stop on vm2\n    stop container web\n      $ docker stop 2\n"
	if p.Commands() != want {
		t.Errorf("got %s", p.Commands())
	}
}

func TestEmpty_is_a_plan_without_a_step(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		plan Plan
		want bool
	}{
		"no phase": {Plan{Title: "a", Notes: []string{"b"}}, true},
		"no host":  {Plan{Phases: []Phase{{Name: "a"}}}, true},
		"no step":  {Plan{Phases: []Phase{{Hosts: []Host{host("vm1", do(), do())}}}}, true},
		"a step":   {Plan{Phases: []Phase{{}, {Hosts: []Host{host("vm1"), host("vm2", do(), do("a"))}}}}, false},
	} {
		if got := tt.plan.Empty(); got != tt.want {
			t.Errorf("%s: empty %t", name, got)
		}
	}
}

func TestScript_of_a_step_is_all_that_a_host_needs_of_it(t *testing.T) {
	t.Parallel()
	s := Step{Name: "a", Kind: script.AwaitHealthy, Cause: "b", Run: shell.Cmd("c"), Undo: shell.Cmd("d"), UndoName: "e", Role: "f", BestEffort: true, Captured: true, VerboseOnly: true}
	got := s.Script()
	if got.Name != "a" || got.Kind != script.AwaitHealthy || got.Role != "f" || got.Run.Wire().Reveal() != "c" || got.Undo.Wire().Reveal() != "d" || !got.BestEffort || !got.Captured || !got.VerboseOnly || got.Main {
		t.Errorf("got %+v", got)
	}
}
