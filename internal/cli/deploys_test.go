package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"mrsk/internal/testhost"
	"mrsk/internal/testhost/engine"
)

// site is what a script of testdata/deploys works on: hosts with engines that keep state, the operator's
// machine, and the registry between them.
type site struct {
	t        *testing.T
	hosts    map[string]*testhost.Server
	engines  map[string]*engine.Engine
	registry *engine.Registry
	vars     []string // environment of the script's programs
	tty      *tty     // that the script has started last, nil if none
}

// hostNames are the names by which scripts know the hosts; the operator's machine is here.
var hostNames = []string{"a", "b", "c"}

const here = "here"

// TestDeploys runs testdata/deploys: whole commands against hosts in this process. In the files of a
// script @KEY@ is the key that logs in, and @SSH@ the SSH configuration that names the hosts a, b and c.
func TestDeploys(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes: make test runs it by itself, without the race detector")
	}
	t.Parallel()
	files, err := filepath.Glob("testdata/deploys/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runDeploys(t, file)
		})
	}
}

func runDeploys(t *testing.T, file string) {
	t.Helper()
	s := newSite(t, hostNames...)
	s.engines[here] = engine.New(here, s.registry)
	bin := engine.Serve(t, s.engines[here])
	testscript.Run(t, testscript.Params{
		Files: []string{file}, RequireExplicitExec: true, RequireUniqueNames: true,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:         func(env *testscript.Env) error { return s.prepare(env, bin) },
		Cmds:          s.commands(),
	})
	s.check()
}

// commands are what scripts may use besides those of testscript.
func (s *site) commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exits": exits, "waitfor": waitFor,
		"push": s.push, "protect": s.protect, "behave": s.behave, "fail": s.fail, "heal": s.heal, "end": s.end, "busy": s.busy,
		"hosts": s.show, "docker": s.docker, "environment": s.environment, "on": s.on, "asked": s.asked, "commands": s.counted, "terminal": s.terminal, "events": validEvents, "page": wholePage, "collector": startCollector, "trace": traceTree,
	}
}

// check fails when something asked for a docker command that the stand-in does not know.
func (s *site) check() {
	s.t.Helper()
	for name, e := range s.engines {
		for _, command := range e.Unknown() {
			s.t.Errorf("on %s: %s", name, command)
		}
	}
}

func newSite(t *testing.T, hosts ...string) *site {
	t.Helper()
	s := &site{t: t, hosts: map[string]*testhost.Server{}, engines: map[string]*engine.Engine{}, registry: engine.NewRegistry()}
	for _, name := range hosts {
		e := engine.New(name, s.registry)
		s.engines[name] = e
		s.hosts[name] = testhost.New(t, testhost.Programs(engine.Serve(t, e)))
		s.hosts[name].Trust(s.hosts["a"].Key())
	}
	return s
}

// prepare fills in what the files of the script name.
func (s *site) prepare(env *testscript.Env, bin string) error {
	key, known := filepath.Join(env.WorkDir, ".key"), filepath.Join(env.WorkDir, ".ssh-config")
	text := &strings.Builder{}
	for _, name := range hostNames {
		address, port, _ := strings.Cut(s.hosts[name].Addr(), ":")
		fmt.Fprintf(text, "Host %s\n  HostName %s\n  Port %s\n", name, address, port)
		env.Setenv("AT_"+strings.ToUpper(name), s.hosts[name].Home())
	}
	for name, value := range surroundings(env) {
		env.Setenv(name, value)
	}
	env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	s.vars = env.Vars
	return errors.Join(
		os.WriteFile(key, s.hosts["a"].KeyPEM(), 0o600),
		os.WriteFile(known, []byte(text.String()), 0o600),
		os.WriteFile(filepath.Join(env.WorkDir, ".gitconfig"), []byte("[user]\n\temail = test@example.com\n"), 0o600),
		os.MkdirAll(filepath.Join(env.WorkDir, ".home"), 0o700),
		fill(env.WorkDir, s.hosts["a"], strings.NewReplacer("@KEY@", key, "@SSH@", known)),
		executable(filepath.Join(env.WorkDir, ".mrsk", "hooks")),
	)
}

// executable makes the files of a folder, where there is one, executable.
func executable(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		err = errors.Join(err, os.Chmod(f, 0o755))
	}
	return err
}

// each calls do for the engines that the first argument names: one, several with commas, or all.
func (s *site) each(ts *testscript.TestScript, which string, do func(name string, e *engine.Engine)) {
	names := strings.Split(which, ",")
	if which == "all" {
		names = hostNames
	}
	for _, name := range names {
		e := s.engines[name]
		if e == nil {
			ts.Fatalf("there is no host %s", name)
		}
		do(name, e)
	}
}

// push puts images into the registry: push REFERENCE…. Their label service is the last part of their
// repository.
func (s *site) push(ts *testscript.TestScript, _ bool, args []string) {
	for _, ref := range args {
		repository, tag, found := strings.Cut(ref[strings.LastIndex(ref, "/")+1:], ":")
		if !found {
			ts.Fatalf("no tag in %s", ref)
		}
		s.registry.Push(ref, map[string]string{"service": repository}, map[string]string{"app-" + tag + ".js": tag})
	}
}

// protect makes a registry ask for a login: protect SERVER USER PASSWORD.
func (s *site) protect(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: protect SERVER USER PASSWORD")
	}
	s.registry.Protect(args[0], args[1], args[2])
}

// behave says what an image does on hosts: behave HOSTS IMAGE [crash=1] [after=2] [answer=503] [late=1]
// [good=3] [health=healthy] [log=TEXT] ['PROGRAM WORDS'=STATUS].
func (s *site) behave(ts *testscript.TestScript, _ bool, args []string) {
	h := engine.Habit{Programs: map[string]engine.Outcome{}}
	for _, arg := range args[2:] {
		at := strings.LastIndex(arg, "=")
		name, value := arg[:at], arg[at+1:]
		n, err := strconv.Atoi(value)
		numbers := map[string]*int{"crash": &h.Crash, "after": &h.After, "answer": &h.Answer, "late": &h.Late, "good": &h.Good, "stop": &h.StopStatus}
		switch to := numbers[name]; {
		case to != nil && err == nil:
			*to = n
		case name == "health":
			h.Health = value
		case name == "log":
			h.Log = append(h.Log, value)
		case err == nil:
			h.Programs[name] = engine.Outcome{Status: n, Says: "said by " + name}
		default:
			ts.Fatalf("no such habit: %s", arg)
		}
	}
	s.each(ts, args[0], func(_ string, e *engine.Engine) { e.Behave(args[1], h) })
}

// fail makes docker commands fail: fail HOSTS 'BEGINNING OF THE COMMAND' SAYS [TIMES [SKIP]].
func (s *site) fail(ts *testscript.TestScript, _ bool, args []string) {
	f := engine.Fault{Command: args[1], Says: args[2]}
	for i, to := range []*int{&f.Times, &f.Skip} {
		if len(args) > 3+i {
			n, err := strconv.Atoi(args[3+i])
			ts.Check(err)
			*to = n
		}
	}
	s.each(ts, args[0], func(_ string, e *engine.Engine) { e.Fail(f) })
}

// heal ends all faults: heal HOSTS.
func (s *site) heal(ts *testscript.TestScript, _ bool, args []string) {
	s.each(ts, args[0], func(_ string, e *engine.Engine) { e.Heal() })
}

// end lets a program end by itself: end HOSTS CONTAINER STATUS.
func (s *site) end(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[2])
	ts.Check(err)
	s.each(ts, args[0], func(_ string, e *engine.Engine) { e.End(args[1], status) })
}

// busy lets a container have a request in flight for so many looks: busy HOSTS CONTAINER LOOKS.
func (s *site) busy(ts *testscript.TestScript, _ bool, args []string) {
	looks, err := strconv.Atoi(args[2])
	ts.Check(err)
	s.each(ts, args[0], func(_ string, e *engine.Engine) { e.Busy(args[1], looks) })
}

// show writes what is on hosts into the file hosts: hosts [HOSTS]. Hosts that have the same are written
// once.
func (s *site) show(ts *testscript.TestScript, _ bool, args []string) {
	which := "all"
	if len(args) > 0 {
		which = args[0]
	}
	var states []string
	of := map[string][]string{}
	s.each(ts, which, func(name string, e *engine.Engine) {
		state := e.State()
		if of[state] == nil {
			states = append(states, state)
		}
		of[state] = append(of[state], name)
	})
	out := &strings.Builder{}
	for _, state := range states {
		fmt.Fprintf(out, "%s:\n%s", strings.Join(of[state], " "), state)
	}
	ts.Check(os.WriteFile(ts.MkAbs("hosts"), []byte(out.String()), 0o600))
}

// docker runs a docker command on hosts: docker HOSTS WORD….
func (s *site) docker(ts *testscript.TestScript, neg bool, args []string) {
	s.each(ts, args[0], func(name string, e *engine.Engine) {
		var said strings.Builder
		status := e.Run(s.t.Context(), engine.Call{
			Args: args[1:], Stdout: &said, Stderr: &said,
			Read: func(string) ([]byte, error) { return nil, io.EOF }, Env: func(string) string { return "" },
		})
		ts.Logf("%s: %s", name, said.String())
		if (status != 0) != neg {
			ts.Fatalf("docker ends with %d on %s", status, name)
		}
	})
}

// asked writes the docker commands since the last time that are more than a question into the file
// asked: asked HOST.
func (s *site) asked(ts *testscript.TestScript, _ bool, args []string) {
	s.each(ts, args[0], func(_ string, e *engine.Engine) {
		ts.Check(os.WriteFile(ts.MkAbs("asked"), []byte(strings.Join(e.Asked(), "\n")+"\n"), 0o600))
	})
}

// counted writes the docker programs since the last time into the file commands, equal ones as one line
// with their number, sorted because some run at the same time: commands HOST.
func (s *site) counted(ts *testscript.TestScript, _ bool, args []string) {
	s.each(ts, args[0], func(_ string, e *engine.Engine) {
		number, all := map[string]int{}, e.Commands()
		for _, command := range all {
			number[brief(command)]++
		}
		out := &strings.Builder{}
		fmt.Fprintf(out, "%d docker programs\n", len(all))
		for _, command := range slices.Sorted(maps.Keys(number)) {
			fmt.Fprintf(out, "%3d %s\n", number[command], command)
		}
		ts.Check(os.WriteFile(ts.MkAbs("commands"), []byte(out.String()), 0o600))
	})
}

// random is what commands have of names and ids that are new in each run of a test.
var random = regexp.MustCompile(`\b[0-9a-f]{64}\b|\bm-[0-9a-f]{12}\b|_replaced_[0-9a-f]+`)

// brief returns the beginning of a command that tells it from others.
func brief(command string) string {
	const longest = 80
	command, _, _ = strings.Cut(random.ReplaceAllString(command, "*"), "\n")
	if len(command) > longest {
		return command[:longest] + "..."
	}
	return strings.TrimSpace(command)
}

// environment writes the variables of a container into the file environment: environment HOST CONTAINER.
func (s *site) environment(ts *testscript.TestScript, _ bool, args []string) {
	s.each(ts, args[0], func(_ string, e *engine.Engine) {
		text := strings.Join(e.Environment(args[1]), "\n") + "\n"
		ts.Check(os.WriteFile(ts.MkAbs("environment"), []byte(text), 0o600))
	})
}

// on drops the connections of hosts, or refuses logins: on HOSTS refuse|admit|drop.
func (s *site) on(ts *testscript.TestScript, _ bool, args []string) {
	s.each(ts, args[0], func(name string, _ *engine.Engine) {
		switch host := s.hosts[name]; {
		case slices.Contains(args[1:], "refuse"):
			host.RefuseLogins(true)
		case slices.Contains(args[1:], "admit"):
			host.RefuseLogins(false)
		default:
			host.Drop()
		}
	})
}
