package config

import "testing"

// A key of another section is no alias, so that templates do not run for every mistyped word.
func TestMentions_looks_at_the_aliases_alone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"servers:\n  web: [h1]\n":                                       false,
		"servers:\n  web: [h1]\naliases:\n  console: app exec\n":        false,
		"aliases:\n  web: app exec\nservers: [h1]\n":                    true,
		"aliases:\n  a: app exec\nservers:\n  web: [h1]\n":              false,
		"aliases: {a: x, web: app exec}\n":                              true,
		"\"aliases\":\n  # more\n  'web': app exec\n":                   true,
		"x-a: &a\n  web: app exec\naliases: *a\n":                       true,
		"x-a: &a\n  web: app exec\naliases:\n  <<: *a\n  b: app exec\n": true,
		"<% h = `cmd` %>\naliases:\n<% if h %>\n  web: x\n<% end %>\n":  true,
	} {
		opts := LoadOptions{File: "deploy.yml", ReadFile: fakeFiles(map[string]string{"deploy.yml": text})}
		if got := Mentions(opts, "web"); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
