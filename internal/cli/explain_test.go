package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/redact"
	"mrsk/internal/workflow"
)

func TestKeepFailure_writes_what_the_screen_of_a_command_that_failed_said(t *testing.T) {
	t.Parallel()
	const head = "mrsk deploy, Thu, 01 Jan 1970 00:00:00 UTC\n\n"
	rollout := &workflow.RolloutError{
		End: event.RolloutEnd{App: "shop", Again: "mrsk deploy", Version: "v2", Outcome: event.Unchanged},
		Err: errors.New("the password is s3cret"),
	}
	for _, tt := range []struct {
		name     string
		err      error
		rollsOut bool
		want     string
	}{
		{
			"a rollout", rollout, true,
			head + "✗ shop v2 failed before any container changed\nerror: the password is [REDACTED]\nhint: solve this, then run mrsk deploy again\n",
		},
		{"before the rollout", errors.New("no secret"), true, head + "error: no secret\n"},
		{"no failure", nil, true, ""},
		{"another command", errors.New("boom"), false, ""},
	} {
		dir := t.TempDir()
		o := newProgram(t.Context(), System{Dir: dir, Now: func() time.Time { return time.Unix(0, 0) }}).opener
		o.ran = "deploy"
		file := o.failureFile(&config.Project{Service: "shop"})
		if tt.rollsOut {
			o.failed = file
		}
		o.console.hidden.add(redact.New("s3cret"))
		o.keepFailure(tt.err)
		if got, _ := os.ReadFile(filepath.Join(dir, file)); string(got) != tt.want {
			t.Errorf("%s: kept:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
}

func TestFailureFile_is_one_for_each_app_and_destination(t *testing.T) {
	t.Parallel()
	o := newProgram(t.Context(), System{Dir: t.TempDir()}).opener
	for want, c := range map[string]config.Project{
		"failure.shop.txt":       {Service: "shop"},
		"failure.shop.a_b.txt":   {Service: "shop", Destination: "a/b"},
		"failure.admin.prod.txt": {Service: "admin", Destination: "prod"},
	} {
		if got := o.failureFile(&c); got != filepath.Join(".mrsk", "logs", want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
