package workflow

import (
	"context"
	"errors"
	"testing"
)

// What a plan asks is asked once, also where the run plans anew.
func TestRun_asks_what_a_plan_asks(t *testing.T) {
	t.Parallel()
	asked, answer := 0, true
	r := &Run{Confirm: func(context.Context, string) (bool, error) { asked++; return answer, nil }}
	for _, questions := range [][]string{nil, {"a"}, {"a"}, {"a", "b"}} {
		if err := r.agree(t.Context(), questions); err != nil {
			t.Errorf("%v: %v", questions, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	answer = false
	if err := r.agree(t.Context(), []string{"c"}); !errors.Is(err, errDeclined) {
		t.Errorf("after a no: %v", err)
	}
	if err := new(Run).agree(t.Context(), []string{"c"}); !errors.Is(err, errDeclined) {
		t.Errorf("nobody to ask: %v", err)
	}
}
