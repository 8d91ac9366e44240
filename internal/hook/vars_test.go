package hook_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/hook"
	"mrsk/internal/redact"
)

// facts is a script that writes down all that a hook is told.
const facts = "env | grep -E '^(MRSK|KAMAL)' | grep -v WITHIN | sort >out"

func TestRun_tells_hooks_their_context(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".mrsk/hooks/post-deploy", facts)
	p.options.Facts.Destination = "staging"
	p.options.Facts.Subcommand = "boot"
	p.options.Facts.Roles = []string{"web", "worker"}
	got := p.ran("post-deploy", hook.Vars{
		Version: "0123456789abcdef", Hosts: []string{"10.0.0.1", "10.0.0.2"},
		Locked: true, LockToken: "t0ken", Runtime: 61900 * time.Millisecond,
	})
	want := `MRSK_COMMAND=deploy
MRSK_DESTINATION=staging
MRSK_HOSTS=10.0.0.1,10.0.0.2
MRSK_LOCK=true
MRSK_LOCK_TOKEN=t0ken
MRSK_PERFORMER=ada@example.com
MRSK_RECORDED_AT=2026-03-01T12:00:00Z
MRSK_ROLES=web,worker
MRSK_RUNTIME=61
MRSK_SERVICE=app
MRSK_SERVICE_VERSION=app@0123456
MRSK_SUBCOMMAND=boot
MRSK_VERSION=0123456789abcdef
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRun_leaves_out_what_there_is_not(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".mrsk/hooks/pre-build", facts)
	got := p.ran("pre-build", hook.Vars{Version: "0123456789_uncommitted_ab", Hosts: []string{"a"}, Runtime: time.Minute})
	want := `MRSK_COMMAND=deploy
MRSK_HOSTS=a
MRSK_LOCK=false
MRSK_PERFORMER=ada@example.com
MRSK_RECORDED_AT=2026-03-01T12:00:00Z
MRSK_SERVICE=app
MRSK_SERVICE_VERSION=app@0123456789_uncommitted_ab
MRSK_VERSION=0123456789_uncommitted_ab
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRun_gives_hooks_of_the_reference_its_names_as_well(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".kamal/hooks/post-deploy", facts)
	got := p.ran("post-deploy", hook.Vars{Version: "3f2a", LockToken: "t"})
	for _, fact := range []string{"COMMAND=deploy", "VERSION=3f2a", "SERVICE_VERSION=app@3f2a", "RUNTIME=0"} {
		for _, prefix := range []string{"MRSK_", "KAMAL_"} {
			if !slices.Contains(strings.Split(got, "\n"), prefix+fact) {
				t.Errorf("%s%s is missing in\n%s", prefix, fact, got)
			}
		}
	}
}

// A mrsk command in a post-deploy hook has hooks, too: they must not take what the outer hook was
// told for their own.
func TestRun_does_not_pass_on_what_an_outer_hook_was_told(t *testing.T) {
	p := newProject(t)
	for _, outer := range []string{"MRSK_DESTINATION=production", "MRSK_RUNTIME=9", "MRSK_LOCK_TOKEN=t"} {
		name, value, _ := strings.Cut(outer, "=")
		t.Setenv(name, value)
	}
	p.options.Environ = os.Environ()
	p.write(p.dir, ".mrsk/hooks/pre-connect", `echo "<$MRSK_DESTINATION> <$MRSK_RUNTIME> <$MRSK_LOCK_TOKEN>" >out`)
	if got, want := p.ran("pre-connect", hook.Vars{}), "<> <> <t>\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestRun_does_not_run_pre_command_inside_of_itself(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	for _, name := range []string{"pre-command", "post-command", "post-deploy"} {
		p.write(p.dir, ".mrsk/hooks/"+name, "echo $MRSK_WITHIN_HOOK >out")
	}
	inside := p.ran("pre-command", hook.Vars{})
	p.options.Environ = []string{"MRSK_WITHIN_HOOK=" + strings.TrimSpace(inside)}
	for name, want := range map[string]bool{"pre-command": false, "post-command": true, "post-deploy": true} {
		if got := hook.New(p.options).Has(name); got != want {
			t.Errorf("%s runs: %v", name, got)
		}
	}
	if got, want := p.ran("post-command", hook.Vars{}), strings.TrimSpace(inside)+":"+p.dir+"/.mrsk/hooks/post-command\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRun_exports_secrets_for_four_hooks_only(t *testing.T) {
	t.Parallel()
	entitled := []string{"pre-connect", "pre-deploy", "post-deploy", "post-rollback"}
	for _, name := range hook.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			p.write(p.dir, ".mrsk/hooks/"+name, `echo "${TOKEN-unset} ${MRSK_SERVICE}" >out`)
			asked := 0
			p.options.Secrets = func(context.Context) (map[string]redact.String, error) {
				asked++
				return map[string]redact.String{"TOKEN": redact.New("s3cret"), "MRSK_SERVICE": redact.New("other")}, nil
			}
			want, calls := "unset app\n", 0
			if slices.Contains(entitled, name) {
				want, calls = "s3cret app\n", 1
			}
			if got := p.ran(name, hook.Vars{}); got != want || asked != calls {
				t.Errorf("the hook saw %q; secrets were read %d times", got, asked)
			}
		})
	}
}
