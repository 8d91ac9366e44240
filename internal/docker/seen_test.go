package docker

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/shell"
	"mrsk/internal/testhost/engine"
)

func TestSeen_tells_what_plans_stand_on(t *testing.T) {
	t.Parallel()
	all := []Seen{{Name: "/shop-db"}, {Name: "/shop", ID: "x"}}
	if got := Named(all, "shop"); got.ID != "x" || Named(all, "db").Name != "" {
		t.Errorf("%+v", got)
	}
	const id = "0123456789abcdef"
	for name, tt := range map[string]struct {
		seen     Seen
		alias    string
		detached bool
		policy   string
	}{
		"mrsk's own":       {Seen{Labels: map[string]string{LabelAlias: "m-1"}, Mode: "mrsk", Endpoint: "e", State: "running", Restart: "always"}, "m-1", false, "always"},
		"adopted":          {Seen{ID: id, Aliases: []string{"web", "m-0123456789ab"}, Restart: "on-failure", Retries: 3}, "m-0123456789ab", false, "on-failure:3"},
		"of another tool":  {Seen{ID: id, Aliases: []string{"web"}}, "", false, ""},
		"without endpoint": {Seen{Mode: "mrsk", State: "running"}, "", true, ""},
		"on the host's":    {Seen{Mode: "host", State: "running"}, "", false, ""},
		"in another stack": {Seen{Mode: "container:x", State: "running"}, "", false, ""},
		"not running":      {Seen{Mode: "mrsk", State: "exited"}, "", false, ""},
	} {
		if tt.seen.Alias() != tt.alias || tt.seen.Detached() != tt.detached || tt.seen.Policy() != tt.policy {
			t.Errorf("%s: %q, %t, %q", name, tt.seen.Alias(), tt.seen.Detached(), tt.seen.Policy())
		}
	}
}

func TestLines_reads_a_value_a_line(t *testing.T) {
	t.Parallel()
	got, err := Lines([]byte("1\n\n  \n2\n3"), func(n int) int { return 10 * n })
	if err != nil || len(got) != 3 || got[2] != 30 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Lines([]byte("1\n{"), func(n int) int { return n }); err == nil {
		t.Error("half a value is read")
	}
}

func TestNetworks_of_a_container(t *testing.T) {
	t.Parallel()
	option := func(values ...string) []config.Option { return []config.Option{{Name: "network", Values: values}} }
	for name, tt := range map[string]struct {
		options     []config.Option
		host, joins bool
	}{
		"mrsk's own":     {nil, false, true},
		"and another":    {option("backend"), false, true},
		"the host's":     {option("host"), true, false},
		"none":           {option("none"), false, false},
		"a container's":  {option("container:x"), false, false},
		"in other words": {[]config.Option{{Name: "net", Values: []string{"host"}}}, true, false},
	} {
		if got := HostNetwork(tt.options); got != tt.host {
			t.Errorf("%s: host %t", name, got)
		}
		if got := (Container{Options: tt.options}).Joins(); got != tt.joins {
			t.Errorf("%s: joins %t", name, got)
		}
	}
	if (Container{Network: "other"}).Joins() || !(Container{Network: "other", Options: option(Network)}).Joins() {
		t.Error("a network in the place of mrsk's own")
	}
}

// A second container beside the first cannot have its ports, its name or its health check.
func TestRepeatable_options(t *testing.T) {
	t.Parallel()
	var got []string
	for _, o := range Repeatable([]config.Option{{Name: "publish"}, {Name: "memory"}, {Name: "health-cmd"}, {Name: "p"}, {Name: "cpus"}}) {
		got = append(got, o.Name)
	}
	if strings.Join(got, " ") != "memory cpus" {
		t.Error(got)
	}
}

func TestHash_tells_its_arguments_apart(t *testing.T) {
	t.Parallel()
	a, b := Hash(12, "ab", "c"), Hash(12, "a", "bc")
	if a == b || len(a) != 12 || a != Hash(12, "ab", "c") {
		t.Errorf("%s, %s", a, b)
	}
}

// host is a shell with a docker that keeps state.
func host(t *testing.T) (*engine.Engine, func(lines ...shell.Line) (said string, ok bool)) {
	t.Helper()
	e := engine.New("host", engine.NewRegistry())
	e.Behave("alpine", engine.Habit{Log: []string{"first", "an ERROR", "last"}})
	path := engine.Serve(t, e) + string(filepath.ListSeparator) + os.Getenv("PATH")
	return e, func(lines ...shell.Line) (string, bool) {
		var program strings.Builder
		for _, l := range lines {
			program.WriteString(l.Wire().Reveal() + "\n")
		}
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", program.String())
		cmd.Env = append(os.Environ(), "PATH="+path)
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err == nil
	}
}

func TestLogs_of_a_container(t *testing.T) {
	t.Parallel()
	_, run := host(t)
	run(shell.Cmd("docker", "run", "--detach", "--name", "x", "alpine"))
	for name, tt := range map[string]struct {
		logs Logs
		want string
	}{
		"all":             {Logs{SkipTimestamps: true}, "first\nan ERROR\nlast"},
		"the end":         {Logs{SkipTimestamps: true, Lines: "1"}, "last"},
		"with times":      {Logs{Lines: "1", Since: "5m"}, "2026-01-02T00:00:02Z last"},
		"what matches":    {Logs{SkipTimestamps: true, Grep: "err", GrepOptions: []string{"-i"}}, "an ERROR"},
		"nothing matches": {Logs{Grep: "nothing"}, ""},
	} {
		if said, ok := run(tt.logs.Of(shell.Lit("x"))); !ok || said != tt.want {
			t.Errorf("%s: %t, %q", name, ok, said)
		}
	}
	if _, ok := run(Logs{Grep: "["}.Of(shell.Lit("x"))); ok {
		t.Error("a pattern that is none is no failure")
	}
}

func TestNewest_prefers_what_runs(t *testing.T) {
	t.Parallel()
	_, run := host(t)
	newest := func() (string, bool) {
		find := Newest("container of role web", "--filter", "label=role=web")
		return run(find, shell.Cmd("docker", "inspect", "--format", "{{.Name}}").Add(Found()))
	}
	if said, ok := newest(); ok || !strings.Contains(said, "there is no container of role web") {
		t.Errorf("%t, %q", ok, said)
	}
	start := func(name string) {
		run(shell.Cmd("docker", "run", "--detach", "--label", "role=web", "--name", name, "alpine"))
	}
	start("one")
	start("two")
	if said, _ := newest(); said != "/two" {
		t.Error(said)
	}
	run(shell.Cmd("docker", "stop", "two"))
	if said, _ := newest(); said != "/one" {
		t.Error(said)
	}
	run(shell.Cmd("docker", "stop", "one"))
	if said, _ := newest(); said != "/two" {
		t.Error(said)
	}
}

// A log is followed from a container to the one that takes its place, which is shown as a whole.
func TestFollowed_goes_on_to_the_successor(t *testing.T) {
	t.Parallel()
	_, run := host(t)
	follow := Logs{Lines: "1", SkipTimestamps: true}.Followed("container of role web", "--filter", "label=role=web").Wire().Reveal()
	start := `docker run --detach --label role=web --name %s alpine >/dev/null`
	program := strings.NewReplacer("%s", "one").Replace(start) + "\n( " + follow + " ) >\"$0\" 2>&1 & pid=$!\n" +
		`until grep -q last "$0"; do sleep 0.05; done; docker stop one >/dev/null; ` + strings.NewReplacer("%s", "two").Replace(start) + "\n" +
		`until grep -q first "$0"; do sleep 0.05; done; kill "$pid"; docker stop two >/dev/null`
	file := filepath.Join(t.TempDir(), "log")
	if said, ok := run(shell.Cmd("sh", "-c", program, file)); !ok && said != "" {
		t.Log(said)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "last\n") || !strings.Contains(string(text), "first\nan ERROR\n") {
		t.Errorf("%q, %v", text, err)
	}
}

func TestInspect_tells_of_what_is_left(t *testing.T) {
	t.Parallel()
	_, run := host(t)
	run(shell.Cmd("docker", "run", "--detach", "--name", "x", "alpine"))
	list := shell.Cmd("printf", `x\ngone\n`)
	if said, ok := run(Inspect(list, "inspect", "{{.Name}}")); !ok || !strings.HasPrefix(said, "/x") {
		t.Errorf("%t, %q", ok, said)
	}
	if said, ok := run(Inspect(shell.Cmd("true"), "inspect", "{{.Name}}")); !ok || said != "" {
		t.Errorf("%t, %q", ok, said)
	}
}
