package config

import "testing"

func TestDecimal_of_integers_of_YAML(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10_000_000": "10000000", "0x1F": "31", "-0x1f": "-31", "010": "8", "0b11": "3", "+5": "5", "0": "0", "-1_0": "-10",
		"99_999_999_999_999_999_999": "99999999999999999999", "0x": "", "08": "", "1__0": "", "3.10": "", "1_": "", "a_1": "", "": "", "5": "", "1e3": "", "0o17": "",
	} {
		if got, is := decimal(text); got != want || is != (want != "") {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
