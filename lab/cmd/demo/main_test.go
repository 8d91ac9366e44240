package main

import "testing"

func TestThousands_are_set_off(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1 000", 18412: "18 412", 1234567: "1 234 567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is shown as %q, want %q", n, got, want)
		}
	}
}
