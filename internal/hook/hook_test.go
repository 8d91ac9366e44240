package hook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/hook"
	"mrsk/internal/redact"
	"mrsk/internal/ui"
)

func TestRun_finds_the_file(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		hooksPath string
		project   []string
		home      []string
		hook      string
		want      string
	}{
		{"none", "", nil, nil, "pre-build", ""},
		{"a sample is none", "", []string{".mrsk/hooks/pre-build.sample"}, nil, "pre-build", ""},
		{"a folder is none", "", []string{".mrsk/hooks/pre-build/x"}, nil, "pre-build", ""},
		{"the project's", "", []string{".mrsk/hooks/pre-build"}, nil, "pre-build", "project .mrsk/hooks/pre-build"},
		{"the project's before the user's", "", []string{".mrsk/hooks/pre-build"}, []string{".mrsk/hooks/pre-build"}, "pre-build", "project .mrsk/hooks/pre-build"},
		{"the user's where the project has none", "", []string{".mrsk/hooks/pre-deploy"}, []string{".mrsk/hooks/pre-build"}, "pre-build", "home .mrsk/hooks/pre-build"},
		{"hooks_path in place of .mrsk/hooks", "my/hooks", []string{"my/hooks/pre-build", ".mrsk/hooks/pre-build"}, nil, "pre-build", "project my/hooks/pre-build"},
		{"hooks_path and the user's", "my/hooks", []string{".mrsk/hooks/pre-build"}, []string{".mrsk/hooks/pre-build"}, "pre-build", "home .mrsk/hooks/pre-build"},
		{".kamal", "", []string{".kamal/hooks/pre-build"}, nil, "pre-build", "project .kamal/hooks/pre-build"},
		{".kamal does not count beside .mrsk", "", []string{".kamal/hooks/pre-build", ".mrsk/secrets"}, nil, "pre-build", ""},
		{"traefik for proxy", "", []string{".mrsk/hooks/pre-traefik-reboot"}, nil, "pre-proxy-reboot", "project .mrsk/hooks/pre-traefik-reboot"},
		{"proxy before traefik", "", []string{".mrsk/hooks/post-traefik-reboot", ".mrsk/hooks/post-proxy-reboot"}, nil, "post-proxy-reboot", "project .mrsk/hooks/post-proxy-reboot"},
		{"post-rollback", "", []string{".mrsk/hooks/post-rollback", ".mrsk/hooks/post-deploy"}, nil, "post-rollback", "project .mrsk/hooks/post-rollback"},
		{"post-deploy for post-rollback", "", []string{".mrsk/hooks/post-deploy"}, nil, "post-rollback", "project .mrsk/hooks/post-deploy"},
		{"the project's post-deploy before the user's post-rollback", "", []string{".mrsk/hooks/post-deploy"}, []string{".mrsk/hooks/post-rollback"}, "post-rollback", "project .mrsk/hooks/post-deploy"},
		{"post-rollback is not for post-deploy", "", []string{".mrsk/hooks/post-rollback"}, nil, "post-deploy", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			for _, path := range tt.project {
				p.write(p.dir, path, "echo project "+path+" >out")
			}
			for _, path := range tt.home {
				p.write(p.home, path, "echo home "+path+" >out")
			}
			p.options.Folders.HooksPath = tt.hooksPath
			got := strings.TrimSpace(p.ran(tt.hook, hook.Vars{}))
			if got != tt.want {
				t.Errorf("ran %q, want %q", got, tt.want)
			}
			if has := hook.New(p.options).Has(tt.hook); has != (tt.want != "") {
				t.Errorf("Has = %v", has)
			}
		})
	}
}

func TestRun_reads_no_secrets_where_there_is_no_hook(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.options.Secrets = func(context.Context) (map[string]redact.String, error) {
		return nil, errors.New("asked for a password")
	}
	if err := p.run("pre-connect", hook.Vars{}); err != nil {
		t.Error(err)
	}
	p.write(p.dir, ".mrsk/hooks/pre-connect", "")
	err := p.run("pre-connect", hook.Vars{})
	if err == nil || err.Error() != "read secrets for hook pre-connect: asked for a password" {
		t.Error(err)
	}
}

func TestRun_fails_with_the_name_and_the_last_lines(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".mrsk/hooks/pre-build", "for i in $(seq 30); do echo line $i; done\nexit 3\n")
	err := p.run("pre-build", hook.Vars{})
	var failed *hook.FailedError
	if !errors.As(err, &failed) || failed.Hook != "pre-build" || failed.Path != ".mrsk/hooks/pre-build" {
		t.Fatalf("%#v", err)
	}
	if got := strings.Count(failed.Output, "\n"); got != 29 {
		t.Errorf("%d line ends in the output", got)
	}
	var want strings.Builder
	want.WriteString("error: hook pre-build (.mrsk/hooks/pre-build): exit status 3\n")
	for i := 11; i <= 30; i++ {
		fmt.Fprintf(&want, "  | line %d\n", i)
	}
	want.WriteString("hint: put the hook right, or leave out all hooks with --skip-hooks\n")
	if diff := cmp.Diff(want.String(), ui.Error(err)); diff != "" {
		t.Error(diff)
	}
}

func TestRun_says_how_to_make_a_file_work(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	if err := os.Chmod(p.write(p.dir, ".mrsk/hooks/pre-build", ""), 0o644); err != nil {
		t.Fatal(err)
	}
	want := "error: hook pre-build: .mrsk/hooks/pre-build is not executable\nhint: chmod +x .mrsk/hooks/pre-build\n"
	if diff := cmp.Diff(want, ui.Error(p.run("pre-build", hook.Vars{}))); diff != "" {
		t.Error(diff)
	}
	p.executable(p.write(p.home, ".mrsk/hooks/pre-deploy", ""), "echo no interpreter\n")
	err := p.run("pre-deploy", hook.Vars{})
	got := ui.Error(err)
	if !strings.Contains(got, "hook pre-deploy (~/.mrsk/hooks/pre-deploy): ") || !strings.HasSuffix(got, "hint: begin the file with a line like \"#!/bin/sh\"\n") {
		t.Error(got)
	}
}

func TestRun_does_nothing_when_hooks_are_skipped(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".mrsk/hooks/pre-build", "exit 1")
	p.options.Skip = true
	if err := p.run("pre-build", hook.Vars{}); err != nil || hook.New(p.options).Has("pre-build") {
		t.Error(err)
	}
}

func TestRun_tells_what_happens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		output      hook.Output
		loud, minor bool
	}{
		{hook.ByLevel, false, false},
		{hook.Always, true, false},
		{hook.Never, false, true},
	} {
		p := newProject(t)
		p.write(p.dir, ".mrsk/hooks/pre-build", "echo hello")
		p.options.Output = func(string) hook.Output { return tt.output }
		if err := p.run("pre-build", hook.Vars{}); err != nil {
			t.Fatal(err)
		}
		want := []string{
			fmt.Sprintf("event.Step {Host: Name:hook pre-build State:began Shown:.mrsk/hooks/pre-build Took:0s Err:<nil> VerboseOnly:%t}", tt.minor),
			fmt.Sprintf("event.Line {Host: Step:hook pre-build Stream:stdout Loud:%t Text:hello}", tt.loud),
			fmt.Sprintf("event.Step {Host: Name:hook pre-build State:done Shown: Took:0s Err:<nil> VerboseOnly:%t}", tt.minor),
		}
		if diff := cmp.Diff(want, p.events); diff != "" {
			t.Errorf("%q: %s", tt.output, diff)
		}
	}
}

// The file of another hook is shown as that hook is.
func TestRun_shows_a_file_as_its_name_says(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".mrsk/hooks/post-deploy", "echo hello")
	p.options.Output = func(name string) hook.Output {
		return map[string]hook.Output{"post-deploy": hook.Always}[name]
	}
	if err := p.run("post-rollback", hook.Vars{}); err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprint(p.events); !strings.Contains(shown, "Loud:true Text:hello") {
		t.Error(shown)
	}
}

func TestRun_shows_no_secret(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	p.write(p.dir, ".mrsk/hooks/pre-deploy", "echo \"$TOKEN $PEM\"\nexit 1")
	p.options.Secrets = func(context.Context) (map[string]redact.String, error) {
		return map[string]redact.String{"TOKEN": redact.New("sentinel"), "PEM": redact.New("BEGIN\r\nsentinel2\nEND")}, nil
	}
	err := p.run("pre-deploy", hook.Vars{})
	shown := fmt.Sprintf("%v %+v %s", err, err, p.events)
	if strings.Contains(shown, "sentinel") || !strings.Contains(shown, redact.Mark) {
		t.Error(shown)
	}
}

// A hook that has started programs of its own must not leave them running behind a cancelled
// deploy.
func TestRun_ends_the_hook_and_its_children_with_its_context(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	fifo := filepath.Join(p.dir, "alive")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	p.write(p.dir, ".mrsk/hooks/pre-build", "sleep 60 >alive &\nwait")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- hook.New(p.options).Run(ctx, "pre-build", hook.Vars{}) }()

	child, err := os.Open(fifo) // waits for the child to open it, too
	if err != nil {
		t.Fatal(err)
	}
	defer child.Close()
	began := time.Now()
	cancel(errors.New("interrupted"))
	if _, err := io.ReadAll(child); err != nil { // ends with the last process that has it open
		t.Error(err)
	}
	var failed *hook.FailedError
	if err := <-ended; !errors.As(err, &failed) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the child lived on for %v", took)
	}
}
