package lock

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/script"
	"mrsk/internal/server"
)

var noon = time.Date(2026, 1, 1, 13, 0, 0, 0, time.FixedZone("", 3600))

func TestRecord_tells_who_holds_it(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		record Record
		want   string
	}{
		{Record{Who: "ann@laptop", Since: noon}, "ann@laptop since 2026-01-01T12:00:00Z"},
		{
			Record{Who: "ci", Since: noon, Command: "deploy", Version: "v1", Run: "https://ci/1", Holder: "t"},
			"ci runs deploy of version v1 since 2026-01-01T12:00:00Z, see https://ci/1",
		},
	} {
		if got := tt.record.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestErrors_say_who_and_what_to_do(t *testing.T) {
	t.Parallel()
	held := &HeldError{"vm1", Record{Who: "ann", Since: noon, Command: "deploy"}}
	if held.Error() != "locked on vm1: ann runs deploy since 2026-01-01T12:00:00Z" || held.Hint() == "" {
		t.Errorf("%v (%s)", held, held.Hint())
	}
	frozen := &FrozenError{"vm1", Record{Who: "ann", Since: noon, Message: "no deploys today"}}
	if frozen.Error() != "locked on vm1 by ann since 2026-01-01T12:00:00Z: no deploys today" || frozen.Hint() != "mrsk lock release" {
		t.Errorf("%v (%s)", frozen, frozen.Hint())
	}
}

func TestRefusal_is_made_of_what_the_host_answers(t *testing.T) {
	t.Parallel()
	record, _ := json.Marshal(Record{Who: "ann", Since: noon})
	refused := func(status script.Status, said string) error {
		return refusal("vm1", &script.StepError{Step: script.Step{Kind: script.TakeLease}, Status: int(status), Stdout: []byte(said)})
	}
	var taken *HeldError
	if err := refused(script.Held, string(record)+"\n"); !errors.As(err, &taken) || taken.Record.Who != "ann" || taken.Host != "vm1" {
		t.Errorf("held: %v", err)
	}
	// The holder may not have written its record yet.
	if err := refused(script.Held, ""); !errors.As(err, &taken) || taken.Record.Who != "somebody" {
		t.Errorf("held without a record: %v", err)
	}
	var closed *FrozenError
	if err := refused(script.Frozen, string(record)); !errors.As(err, &closed) {
		t.Errorf("frozen: %v", err)
	}
	if err := refused(1, "cannot read"); errors.As(err, &taken) || errors.As(err, &closed) {
		t.Errorf("another failure: %v", err)
	}
}

func TestCheck_lets_the_holder_itself_through(t *testing.T) {
	t.Parallel()
	record := func(r Record) string { text, _ := json.Marshal(r); return string(text) }
	held := facts.Lock{Holder: record(Record{Who: "ann", Holder: HolderOf("mine")})}
	frozen := facts.Lock{Freeze: record(Record{Who: "ann", Message: "no"})}
	for name, tt := range map[string]struct {
		lock facts.Lock
		want string
	}{
		"free":                   {facts.Lock{}, ""},
		"held by this run":       {held, ""},
		"held by another":        {facts.Lock{Holder: record(Record{Who: "bob", Holder: HolderOf("other")})}, "locked on vm2: bob"},
		"held by who knows":      {facts.Lock{Holder: "garbage"}, "locked on vm2: somebody"},
		"frozen":                 {frozen, "locked on vm2 by ann since 0001-01-01T00:00:00Z: no"},
		"frozen, and held by it": {facts.Lock{Holder: held.Holder, Freeze: frozen.Freeze}, "locked on vm2 by ann since 0001-01-01T00:00:00Z: no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Check([]facts.Host{{Name: "vm1"}, {Name: "vm2", Lock: tt.lock}}, "mine")
			if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRead_parts_lease_and_freeze(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]facts.Lock{
		"--\n":                    {},
		"{\"who\":\"a\"}\n--\n":   {Holder: `{"who":"a"}`},
		"--\n{\"who\":\"b\"}\n":   {Freeze: `{"who":"b"}`},
		"{}\n--\n{\"who\":\"b\"}": {Holder: "{}", Freeze: `{"who":"b"}`},
		"":                        {},
	} {
		var h facts.Host
		if err := Read(func(string) []byte { return []byte(out) }, &h); err != nil || h.Lock != want {
			t.Errorf("%q became %+v, %v", out, h.Lock, err)
		}
	}
}

func TestPrelude_is_POSIX_shell(t *testing.T) {
	t.Parallel()
	for _, text := range []string{Functions.Source(), server.Prelude((&config.Project{Service: "shop", Destination: "staging"}).All().Project, "it's me")} {
		if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), ""); err != nil {
			t.Error(err)
		}
	}
}

// host is a place with locks of its own and a docker that knows one freeze, or none.
type host struct {
	t     *testing.T
	dir   string
	shell []string // how its shell is started
}

func newHost(t *testing.T) host {
	t.Helper()
	h := host{t, t.TempDir(), []string{"/bin/sh"}}
	docker := "#!/bin/sh\ncase \"$*\" in *\\ ls\\ *) [ ! -e \"$DIR/freeze\" ] || echo mrsk-freeze.shop ;; *) cat \"$DIR/freeze\" ;; esac\n"
	if err := os.WriteFile(filepath.Join(h.dir, "docker"), []byte(docker), 0o755); err != nil {
		t.Fatal(err)
	}
	return h
}

// statuses are the names that every program of package script begins with.
var statuses = fmt.Sprintf("status_held=%d status_frozen=%d\n", script.Held, script.Frozen)

// command is a shell of its own that runs text with the functions of the locks.
func (h host) command(text string) *exec.Cmd {
	prelude := server.Functions.Text() + Functions.Text() + server.Prelude((&config.Project{Service: "shop"}).All().Project, "somebody")
	cmd := exec.CommandContext(h.t.Context(), h.shell[0], append(h.shell[1:len(h.shell):len(h.shell)], "-c", prelude+statuses+"lock_places() { _locks=$DIR _socket=$DIR/socket; }\nnap() { sleep 0.1; }\n"+text)...)
	cmd.Env = append(os.Environ(), "DIR="+h.dir, "HOME="+h.dir, "PATH="+h.dir+":"+os.Getenv("PATH"))
	return cmd
}

func (h host) run(text string) (out string, status int) {
	h.t.Helper()
	cmd := h.command(text)
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return strings.TrimSpace(string(said)), cmd.ProcessState.ExitCode()
}

// holder is a shell that does text, says so, and then stays until it is told to go.
type holder struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
}

func (h host) hold(text string) holder {
	h.t.Helper()
	cmd := h.command(text + " || exit; echo ready; read -r _")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	x := holder{h.t, cmd, stdin}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		h.t.Fatalf("the holder said %q, %v", line, err)
	}
	h.t.Cleanup(x.kill)
	return x
}

func (x holder) kill() {
	_ = syscall.Kill(-x.cmd.Process.Pid, syscall.SIGKILL)
	_ = x.cmd.Wait()
}

const (
	mine  = `{"who":"ann","holder":"mine"}`
	other = `{"who":"bob","holder":"other"}`
)

func take(record string) string { return "take_lease '" + record + "'" }

func TestLease_is_held_by_one_shell_and_free_when_that_is_killed(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	first := h.hold(take(mine))
	if out, status := h.run(take(other)); status != int(script.Held) || out != mine {
		t.Errorf("a second holder: %d, %s", status, out)
	}
	if out, _ := h.run("lock_facts"); out != mine+"\n--" {
		t.Errorf("facts while it is held: %s", out)
	}
	first.kill()
	// The record is still there, and yet nobody holds the lease.
	if out, _ := h.run("lock_facts"); out != "--" {
		t.Errorf("facts after the holder was killed: %s", out)
	}
	if out, status := h.run(take(other)); status != 0 {
		t.Errorf("it is not free: %d, %s", status, out)
	}
}

// The disk can be full from the start, or become full while the record is written.
func TestLease_leaves_no_record_where_the_disk_is_full(t *testing.T) {
	t.Parallel()
	const sigxfsz = 25 // kills a program that writes more than it may, unless it is ignored
	for _, shell := range []string{"dash", "bash", "busybox"} {
		for blocks := range 2 {
			t.Run(fmt.Sprintf("%s, room for %d blocks", shell, blocks), func(t *testing.T) {
				t.Parallel()
				h := newHost(t)
				h.shell = shellOf(t, shell)
				if out, status := h.run("lock_file shop.lease"); status != 0 {
					t.Fatal(out)
				}
				full := fmt.Sprintf("trap '' %d; ulimit -f %d; ", sigxfsz, blocks)
				record := fmt.Sprintf(`{"who":"ann","message":%q}`, strings.Repeat("x", 4000))
				if out, status := h.run(full + take(record)); status != 1 || !strings.Contains(out, "cannot write the record of the lock") {
					t.Errorf("status %d: %s", status, out)
				}
				if left, _ := filepath.Glob(h.dir + "/*/*.record"); len(left) > 0 {
					t.Errorf("it leaves %s", left)
				}
				if out, status := h.run(take(other) + " && lock_facts"); status != 0 || !strings.HasPrefix(out, other) {
					t.Errorf("when there is room: %d, %s", status, out)
				}
			})
		}
	}
}

// shellOf is how a shell is started.
func shellOf(t *testing.T, name string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: the tests on real hosts have it", name)
	}
	if name == "busybox" {
		return []string{path, "sh"}
	}
	return []string{path}
}

func TestLease_waits_a_moment_for_a_holder_without_a_name(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	lingering := h.hold(take(mine) + " && drop_record") // as what a run that has ended leaves for a moment
	next := h.command("nap() { echo waits; sleep 0.1; }\n" + take(other))
	said, err := next.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for range 3 {
		if !lines.Scan() || lines.Text() != "waits" {
			t.Fatalf("it says %q", lines.Text())
		}
	}
	lingering.kill()
	for lines.Scan() {
	}
	if err := next.Wait(); err != nil {
		t.Error(err)
	}
}

func TestLease_is_refused_with_the_record_of_a_freeze(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	freeze := filepath.Join(h.dir, "freeze")
	if err := os.WriteFile(freeze, []byte(other+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, status := h.run(take(mine)); status != int(script.Frozen) || out != other {
		t.Errorf("frozen: %d, %s", status, out)
	}
	if out, status := h.run("not_frozen"); status != 1 || out != other {
		t.Errorf("not_frozen: %d, %s", status, out)
	}
	if out, _ := h.run("lock_facts"); out != "--\n"+other {
		t.Errorf("facts: %s", out)
	}
	if err := os.Remove(freeze); err != nil {
		t.Fatal(err)
	}
	if out, status := h.run("not_frozen && " + take(mine)); status != 0 {
		t.Errorf("thawed: %d, %s", status, out)
	}
}

func TestWork_is_for_whoever_holds_the_lease(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	const gone = "the lock of this run is gone: another run may have taken over"
	if out, status := h.run("work mine 5"); status != 1 || out != gone {
		t.Errorf("without a lease: %d, %s", status, out)
	}
	lease := h.hold(take(mine))
	if out, status := h.run("work mine 5"); status != 0 {
		t.Errorf("with the lease: %d, %s", status, out)
	}
	if out, status := h.run("work other 5"); status != 1 || out != gone {
		t.Errorf("with the lease of another: %d, %s", status, out)
	}
	lease.kill()
	h.hold(take(other))
	if out, status := h.run("work mine 5"); status != 1 || out != gone {
		t.Errorf("after another took over: %d, %s", status, out)
	}
}

func TestWork_waits_for_an_earlier_script(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	earlier := h.hold("work '' 5")
	if out, status := h.run("work '' 1"); status != 1 || !strings.HasSuffix(out, "an earlier run of this app still goes on after 1 seconds") {
		t.Errorf("while it goes on: %d, %s", status, out)
	}
	later := h.command("work '' 20")
	said, err := later.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := later.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(said).ReadString('\n'); line != "waiting for an earlier run of this app on this host to end\n" {
		t.Errorf("said %q", line)
	}
	earlier.kill()
	if err := later.Wait(); err != nil {
		t.Errorf("after it has ended: %v", err)
	}
}

// Locks are told apart by the app: two apps do not wait for each other.
func TestLocks_are_one_per_app(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.hold(take(mine) + " && work mine 5")
	if out, status := h.run("_app=store; " + take(other) + " && work other 1"); status != 0 {
		t.Errorf("another app: %d, %s", status, out)
	}
}

func TestHost_lock_is_one_for_all_apps(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.hold("host_lock")
	if out, status := h.run("_app=store; patiently() { echo \"$3\"; flock -n \"$1\"; }; host_lock"); status == 0 || out != "work of another app" {
		t.Errorf("another app: %d, %s", status, out)
	}
}
