package erb

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRender_cuts_tags_as_ERB_does(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"":                            "",
		"no tags\n":                   "no tags\n",
		"a<%= 1 %>b":                  "a1b",
		"<% x = 1 %>\n<%= x %>\n":     "\n1\n",
		"<% x = 1 -%>\n<%= x -%>\ny":  "1y",
		"<%= 1 -%>\r\ny":              "1y",
		"a\n  <%- x = 1 -%>\nb":       "a\nb",
		"a <%- x = 1 -%> \nb":         "a  \nb",
		"<%= 1 %>  <%- x=1 -%>\nz":    "1z",
		"<%# nothing %>a<%#= 1 -%>\n": "a",
		"<%% a %>":                    "<% a %>",
		"a %%> b":                     "a %%> b",
		"<%= 'a %%> b' %>":            "a %> b",
		"<%%= 1 %> <%= 1 %>":          "<%= 1 %> 1",
		"<%=1%><%=2%>":                "12",
		"<%= %>|":                     "|",
		"<%= 1; 2 %>":                 "2",
		"<%= 1 # one %>|":             "1|",
		"<% # nothing %>|":            "|",
		"<% if true %>a<% end %>b":    "ab",
		"<% [0, 1].each do |i| %>\n- <%= i %>\n<% end %>":                           "\n- 0\n\n- 1\n",
		"<% [1, 2].each { |x| -%>\n<%= x %>,\n<% } -%>\n":                           "1,\n2,\n",
		"<% begin %>a<% raise \"x\" %>b<% rescue => e %>c<%= e.message %><% end %>": "acx",
		"<% unless false -%>\nyes\n<% end -%>":                                      "yes\n",
		"<% if ENV['NAME'] == 'x' %>a<% elsif ENV['NAME'] %>b<% else %>c<% end %>":  "b",
		"<%= [1, 2].map do |x|\n x * 2\nend %>":                                     "[2, 4]",
		"é<%= 'ü' %>":                                                               "éü",
	} {
		r, err := Render(template, sampleWorld(t))
		if err != nil {
			t.Errorf("%q: %v", template, err)
		} else if r.Text != want {
			t.Errorf("%q is %q, not %q", template, r.Text, want)
		}
	}
}

func TestRender_tells_where_and_what_is_wrong(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"a: 1\nb: <%= ENV.fetch(\"NO\") %>\n":    `2:12: KeyError: key not found: "NO"`,
		"é <%= ENV.fetch('NO') %> <%= nil.up %>": "1:11: KeyError: key not found: \"NO\"\n1:34: NoMethodError: undefined method 'up' for nil",
		"<%= 1":                                "1:1: the tag that begins here is not closed",
		"<% if true %>\nx":                     "1:4: the end of this is missing",
		"<% [1].each do |x| %>":                "1:13: the end of this is missing",
		"<% end %>":                            "1:4: end is not supported here",
		"<%= (1 %>":                            "1:5: the ) of this is missing",
		"<%= [1, 2 %>":                         "1:11: a comma or ] is missing before the end of the line",
		"<%= 'x %>":                            "1:5: what is quoted here is not closed",
		"<%= \"a #{1 \" %>":                    "1:12: what is quoted here is not closed",
		"<%= 1 2 %>":                           "1:7: this value is not supported here",
		"<%= 1 + %>":                           "1:9: a value is missing before the end of the line",
		"<% class X; end %>":                   "1:4: class is not supported here",
		"<%= wat %>":                           "1:5: wat is not known here",
		"<%= \"x\".wat %>":                     "1:9: wat of String is not supported",
		"<%= \"x\".wat(1) { } %>":              "1:9: wat of String is not supported",
		"<%= Wat.new %>":                       "1:5: NameError: uninitialized constant Wat",
		"<%= /(?=x)/ %>":                       "1:5: this regular expression is not supported",
		"<%= /(/ %>":                           "1:5: this regular expression is not supported",
		"<% raise 'no host' %>":                "1:4: no host",
		"<% raise ArgumentError, 'no host' %>": "1:4: ArgumentError: no host",
		"<% abort 'no host' if true %>":        "1:4: no host",
		"<%= 1 + nil %>":                       "1:7: TypeError: nil can't be coerced into Integer",
		"<%= 'a' + 1 %>":                       "1:9: + is not supported with an argument of Integer",
		"<%= [1, 'a'].sort %>":                 "1:14: comparing String with Integer is not supported",
		"<%= 1 / 0 %>":                         "1:7: ZeroDivisionError: divided by 0",
		"<%= File.read('a/b') %>":              "1:10: there is no file a/b",
		"<%= {}.fetch(:a) %>":                  "1:8: KeyError: key not found: :a",
		"<%= 9223372036854775807 + 1 %>":       "1:25: numbers as large as this are not supported",
		"<%= require 'nokogiri' %>":            "1:5: LoadError: cannot load such file -- nokogiri",
		"<%= Integer(ENV['NAME']) %>":          "1:5: ArgumentError: invalid value for Integer()",
		"<%= 'x'.strip(1) %>":                  "1:9: strip is not supported with 1 arguments",
		"<%=$%>":                               "1:4: variables with $ are not supported",
		"<%=@%>":                               "1:4: @ is not supported here",
		"<% break %>":                          "1:4: break is not supported here",
		"<%= URI('http://a b:secret@x/%') %>":  "1:5: URI::InvalidURIError: bad URI (is not URI?)",
		"<% def f(a) a end %><%= f %>":         "1:4: def is not supported here",
		"\xff<%= 1 %>":                         "1:1: is not UTF-8 text",
	} {
		_, err := Render(template, sampleWorld(t))
		if err == nil {
			t.Errorf("%q is no error", template)
		} else if err.Error() != want {
			t.Errorf("%q: %v, not %s", template, err, want)
		}
	}
}

// No template takes the operator's machine with it.
func TestRender_bounds_what_templates_do(t *testing.T) {
	t.Parallel()
	const many = "m = []; ('x,' * 3_000).split(',').each { |x| m << x }; "
	for name, code := range map[string]string{
		"blocks in blocks":         many + "m.each { m.each { m.each { 1 } } }",
		"rescues in blocks":        many + "m.each { m.each { begin; raise 'x'; rescue; end } }",
		"a list":                   many + "a = [1]; m.each { a = a + a }",
		"a list in itself":         "a = []; a << a; a.to_s",
		"lists that are compared":  "a = []; a << a; b = []; b << b; a == b",
		"a list in itself as JSON": "a = []; a << a; a.to_json",
		"a list in itself, flat":   "a = []; a << a; a.flatten",
		"lists in lists":           many + "a = [1, 1]; m.each { a = [a, a] }; a.flatten",
		"a joined list":            many + "s = 'x' * 100_000; m.map { s }.join",
		"a text":                   many + "s = 'x'; m.each { s = s + s }",
		"a long text":              "'x' * 1_000_000_000_000",
		"a text in a text":         many + "s = 'x'; m.each { s = \"#{s}#{s}\" }",
		"gsub":                     many + "s = 'a' * 10_000; m.each { s = s.gsub('a', 'aaaaaaaa') }",
		"words":                    "('x ' * 1_000_000).split",
		"output":                   many + "m.each { %><%= 'x' * 10_000 %><% }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, failures := render("<% "+code+"\n%>", sampleWorld(t))
			if len(failures) != 1 || failures[0].unsupported || failures[0].exception != nil {
				t.Fatalf("failures %v", failures)
			}
		})
	}
}

func TestRender_bounds_how_deep_code_is_nested(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{
		"lists":       strings.Repeat("[", 100_000),
		"brackets":    strings.Repeat("(", 100_000),
		"texts":       strings.Repeat(`"#{`, 100_000),
		"signs":       strings.Repeat("- ", 100_000) + "1",
		"not":         strings.Repeat("!", 100_000) + "1",
		"assignments": strings.Repeat("a = ", 100_000) + "1",
		"ternaries":   strings.Repeat("1 ? 1 : ", 100_000) + "1",
		"blocks":      "x = 1" + strings.Repeat(".map { |y| y", 100_000),
		"conditions":  strings.Repeat("if 1\n", 100_000),
	} {
		_, failures := render("<% "+code+"\n%>", sampleWorld(t))
		if len(failures) != 1 || failures[0].text != "this is nested too deeply" {
			t.Errorf("%s: failures %v", name, failures)
		}
	}
}

// A branch that is not taken asks for nothing.
func TestRender_touches_only_what_the_template_asks_for(t *testing.T) {
	t.Parallel()
	var did []string
	w := sampleWorld(t)
	w.Run = func(command string, _ []string) (Ran, error) {
		did = append(did, "run "+command)
		return Ran{Stdout: "out\n"}, nil
	}
	w.ReadFile = func(path string) ([]byte, error) {
		did = append(did, "read "+path)
		return []byte("text\n"), nil
	}
	w.Ruby = func(string, string, []string) (string, error) {
		did = append(did, "ruby")
		return "", ErrNoRuby
	}
	const template = "<% if ENV['NO'] %><%= `never` %><% end %>" +
		"<%= ENV['NAME'] || `never` %> <%= ENV['NO'] && File.read('never') %> <%= ENV.fetch('NAME') { `never` } %>" +
		"<%= false ? `never` : `once`.strip %> <%= File.read('sub/file').chomp %>"
	r, err := Render(template, w)
	if err != nil || r.Text != "world  worldout text" {
		t.Errorf("%q, error %v", r.Text, err)
	}
	if diff := cmp.Diff([]string{"run once", "read /work/shop/sub/file"}, did); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRender_puts_what_Dotenv_loads_into_the_environment(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		`require "dotenv"; Dotenv.load(".env")`:                               "world t0k",
		`Dotenv.load`:                                                         "world t0k",
		`require "dotenv/load"`:                                               "world t0k",
		`Dotenv.load("missing.env", ".env")`:                                  "world t0k",
		`Dotenv.overload(".env")`:                                             "from the file t0k",
		`begin; Dotenv.load!("no.env"); rescue Errno::ENOENT; end`:            "world ",
		`begin; require "dotenv"; Dotenv.load(".env"); rescue LoadError; end`: "world t0k",
		`ENV["TOKEN"] = "mine"; Dotenv.load`:                                  "world mine",
		`ENV["TOKEN"] ||= "mine"`:                                             "world mine",
	} {
		r, err := Render("<% "+code+" %><%= ENV['NAME'] %> <%= ENV['TOKEN'] %>", sampleWorld(t))
		if err != nil || r.Text != want {
			t.Errorf("%s: %q, error %v, not %q", code, r.Text, err, want)
		}
	}
}

func TestRender_asks_the_world(t *testing.T) {
	t.Parallel()
	arch := "x86_64\n"
	var said []string
	w := sampleWorld(t)
	w.Say = func(line string) { said = append(said, line) }
	w.Run = func(command string, environ []string) (Ran, error) {
		if strings.HasPrefix(command, "docker info") {
			return Ran{Stdout: arch}, nil
		}
		return Ran{Stdout: "out " + command + "\n", Stderr: "heard\n", Status: len(environ)}, nil
	}
	for code, want := range map[string]string{
		"Kamal::Utils.docker_arch":                 "amd64",
		"Mrsk::Utils.docker_arch":                  "amd64",
		"Dir.pwd":                                  sampleDir,
		"File.expand_path('~/x')":                  "/home/ann/x",
		"File.expand_path('../y', __dir__)":        "/work/y",
		"__dir__":                                  ".",
		"File.expand_path('../y', __FILE__)":       "/work/shop/y",
		"__FILE__":                                 "(erb)",
		"ENV['NAME'].present? && ENV['NO'].blank?": "true",
		"ENV['EMPTY'].presence || 'standard'":      "standard",
		"`x`; puts 'a'; warn \"b\\nc\"; 1":         "1",
	} {
		r, err := Render("<%= "+code+" %>", w)
		if err != nil || r.Text != want {
			t.Errorf("%s: %q, error %v, not %q", code, r.Text, err, want)
		}
	}
	for _, line := range []string{"a", "b", "c", "heard"} {
		if !strings.Contains(strings.Join(said, "\n"), line) {
			t.Errorf("%q is not said", line)
		}
	}
}

func TestRendered_knows_where_its_text_comes_from(t *testing.T) {
	t.Parallel()
	r, err := Render("<% [0, 1].each do |i| -%>\nitem é: <%= \"a\\nb\" %> end\n<% end -%>\nlast: [<%= 1 %>, x]\n", sampleWorld(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, line := range strings.Split(strings.TrimSuffix(r.Text, "\n"), "\n") {
		for column, char := range []rune(line) {
			if strings.ContainsRune("iabdlx1", char) {
				toLine, toColumn := r.Origin(i+1, column+1)
				got = append(got, fmt.Sprintf("%c %d:%d", char, toLine, toColumn))
			}
		}
	}
	want := strings.Split("i 2:1,a 2:9,b 2:9,d 2:25,i 2:1,a 2:9,b 2:9,d 2:25,l 4:1,a 4:2,1 4:8,x 4:18", ",")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if line, column := (Rendered{}).Origin(3, 4); line != 3 || column != 4 {
		t.Errorf("without a template: %d:%d", line, column)
	}
}

func TestRender_tells_where_variables_and_tags_are(t *testing.T) {
	t.Parallel()
	template := "<% a = ENV['A']\n   b = ENV['B'] %>\nx: <%= ENV['A'] %> <%# ENV['C'] %>\n  <%= b %>\n<%# note %>\ny: z\n"
	r, err := Render(template, World{Environ: func() []string { return []string{"B=1"} }})
	if err != nil {
		t.Fatal(err)
	}
	variables := map[int][]Variable{1: {{"A", true, true}}, 2: {{"B", false, true}}, 3: {{"A", true, false}}}
	if diff := cmp.Diff(variables, r.Variables); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]bool{1: true, 3: false, 4: true}, r.Tags); diff != "" {
		t.Error(diff)
	}
}
