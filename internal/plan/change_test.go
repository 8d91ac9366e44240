package plan

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestChange_is_one_short_line_whatever_a_host_says(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 40<<10)
	for name, tt := range map[string]struct {
		change Change
		want   string
	}{
		"a setting":        {Change{Kind: Changed, Role: "web", What: "cmd", From: "a", To: "b"}, "~ web: cmd: a → b"},
		"a version":        {Change{Kind: Changed, Role: "web", What: Version, From: "v1\n+ web: version v9", To: "v2"}, `~ web: version "v1\n+ web: version v9" → v2`},
		"that starts":      {Change{Kind: Added, Role: "web", What: Version, To: "v1"}, "+ web: version v1 starts"},
		"that stops":       {Change{Kind: Removed, Role: "a\rb", What: Version, From: "\x1b[2J"}, `- "a\rb": version "\x1b[2J" stops`},
		"a key":            {Change{Kind: Removed, Role: "web", What: "cmd\u202e", From: "\xff\t"}, `- web: "cmd\u202e": "\xff\t"`},
		"nothing known":    {Change{Kind: Unknown, Role: "web", What: Settings, From: "x\u2028y"}, `? web: the settings of "x\u2028y" are not known, because another tool or an older mrsk started it`},
		"lines of a file":  {Change{Kind: Added, Role: "web", What: "cmd", To: "a\nb"}, `+ web: cmd: "a\nb"`},
		"a quote, no more": {Change{Kind: Added, Role: "web", What: "cmd", To: `echo "a"`}, `+ web: cmd: echo "a"`},
		"too long":         {Change{Kind: Added, Role: "web", What: "cmd", To: long}, "+ web: cmd: " + long[:156] + "…"},
		"too long, quoted": {Change{Kind: Added, Role: "web", What: "cmd", To: "\n" + long}, `+ web: cmd: "\n` + long[:154] + "…"},
	} {
		tt.change.Everywhere = true
		got := tt.change.String()
		if got != tt.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, tt.want)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%s: %q is not UTF-8", name, got)
		}
	}
}
