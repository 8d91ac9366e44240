package workflow

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"mrsk/internal/remote"
)

// A host that answers is not left out, whatever it says.
func TestUnreachable_is_a_host_that_does_not_say_who_it_is(t *testing.T) {
	t.Parallel()
	down := &remote.ConnectError{Stage: remote.StageConnect, Err: errors.New("connection refused")}
	for name, tt := range map[string]struct {
		err  error
		want bool
	}{
		"refused":       {down, true},
		"wrapped":       {fmt.Errorf("x: %w", down), true},
		"silent":        {&remote.ConnectError{Stage: remote.StageBanner, Err: errors.New("no answer")}, true},
		"busy":          {&remote.ConnectError{Stage: remote.StageBanner, Err: io.EOF}, false},
		"another key":   {&remote.ConnectError{Stage: remote.StageKeys, Err: &remote.HostKeyError{}}, false},
		"no login":      {&remote.ConnectError{Stage: remote.StageLogin, Err: errors.New("no")}, false},
		"unknown name":  {&remote.ConnectError{Stage: remote.StageResolve, Err: errors.New("no such host")}, false},
		"the jump host": {&remote.ConnectError{Stage: remote.StageConnect, Err: &remote.JumpError{Host: "j", Err: down}}, false},
		"another error": {errors.New("x"), false},
	} {
		if got := unreachable(tt.err); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
