package main

import (
	"slices"
	"testing"
	"time"
)

func TestRatio_compares_medians_with_the_target(t *testing.T) {
	of := func(ms ...int) []sample {
		var out []sample
		for _, n := range ms {
			out = append(out, sample{Serving: time.Duration(n) * time.Millisecond})
		}
		return out
	}
	for name, tt := range map[string]struct {
		mine, theirs []sample
		want         []string
	}{
		"one slow run does not count": {
			of(1100, 9000, 1000), of(1000, 1000, 1000),
			[]string{"case", "1.10 s", "1.00 s", "1.10", "≤ 1.15", "held"},
		},
		"slower than the target": {
			of(2000), of(1000),
			[]string{"case", "2.00 s", "1.00 s", "2.00", "≤ 1.15", "missed"},
		},
	} {
		var got table
		got.ratio("case", map[string][]sample{"mrsk": tt.mine, "script": tt.theirs}, servingOf, "1.15")
		if !slices.Equal(got.rows[0], tt.want) {
			t.Errorf("%s: %q, want %q", name, got.rows[0], tt.want)
		}
	}
}

func TestInside_takes_time_and_memory_of_a_command(t *testing.T) {
	s, err := timed(t.Context(), []string{"sleep", "0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if s.Total < 100*time.Millisecond || s.Peak == 0 {
		t.Errorf("took %s and %d KiB", s.Total, s.Peak)
	}
	if _, err := timed(t.Context(), []string{"sh", "-c", "echo why; exit 3"}, time.Now()); err == nil {
		t.Error("a command that failed was measured")
	}
}
