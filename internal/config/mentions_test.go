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

		"{aliases: {web: x}}\n":                                                       true,
		"{x-a: {web: x}, aliases: {a: x}}\n":                                          false,
		"x-a: &1\n  web: app exec\naliases: *1\n":                                     true,
		"x-a: &1\n  aliases:\n    web: x\n<<: *1\n":                                   true,
		"x-a: &1\n  aliases:\n    a: x\n<<: *1\nservers: {web: [h]}\n":                false,
		"x-a: &_a\n  web: x\naliases: *_a\n# <% `x` %>\n":                             true,
		"x-a: &a\n  aliases:\n    web: x\n<<: *a\n# <% `x` %>\n":                      true,
		"<% if `x` %>aliases:\n  web: x\n<% end %>\nservers: [h]\n":                   true,
		"<% if `x` %>\naliases:\n  a: x\n<% else %>\naliases:\n  web: x\n<% end %>\n": true,
		"aliases: {a: x<% if `x` %>, web: x<% end %>}\n":                              true,
		"<% x = `x` %>\naliases:\n  a: <%= x %>\nservers:\n  web: [h]\n":              false,
		"<% x = `x` %>\naliases:\n<%= x %>\nservers:\n  web: [h]\n":                   true,
		"aliases:\n  w<%= `x` %>: app exec\n":                                         true,
		"aliases: <%= `x` %>\n":                                                       true,
		"service: <%= `x` %>\n<%= `aliases` %>\n":                                     true,
		"service: <%= `x` %>\nimage: a\nservers:\n  web: [<%= `x` %>]\n":              false,
		"service: <%= `x` %>\n  aliases:\n    # a\n\n    a: x\n  web: x\n":            false,
		"aliases:\n  web: x\n<% open\n":                                               false,
		"aliases: {web: x\n":                                                          true,
	} {
		opts := LoadOptions{File: "deploy.yml", ReadFile: fakeFiles(map[string]string{"deploy.yml": text})}
		if got := Mentions(opts, "web"); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
