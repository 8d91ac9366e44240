package erb

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// FuzzRender checks that every template is rendered or an error with a place, in bounded time, and
// that rendered text comes from places in the template. Where ruby is installed, what both of them
// render is the same.
func FuzzRender(f *testing.F) {
	for _, e := range examples(f, "forms.txt", "expressions.txt", "ruby.txt") {
		f.Add("<%= " + e.code + "\n%>")
	}
	f.Add("<% [1, 2].each do |x| -%>\n- <%= x %>\n<% end -%>\n<%% <%# x %>")
	f.Add("<% if a then %><%= <<~A\n b\nA\n%>")
	f.Add("<%= %w[a b].map{_1+\"#{`x`}\"}[..1]&.first rescue 1 %>")
	f.Add("a\n  <%- x = 1 -%>\nb <%= x -%>\n%%> <%= '%%>' %>")
	ruby := startRuby(f)
	f.Fuzz(func(t *testing.T, template string) {
		w := sampleWorld(t)
		w.Run = func(command string, _ []string) (Ran, error) { return Ran{Stdout: command}, nil }
		r, err := Render(template, w)
		checkPlaces(t, template, r, err)
		if err != nil || ruby == nil || !isHarmless(template) {
			return
		}
		if said := ruby.render(t, template); said.Error == "" && said.Text != r.Text {
			t.Errorf("%q: %q, in ruby %q", template, r.Text, said.Text)
		}
	})
}

func checkPlaces(t *testing.T, template string, r Rendered, err error) {
	t.Helper()
	lines := strings.Count(template, "\n") + 1
	var all Errors
	if err != nil && !errors.As(err, &all) {
		t.Errorf("error %v", err)
	}
	for _, e := range all {
		if e.Line < 1 || e.Line > lines || e.Column < 1 || e.Text == "" {
			t.Errorf("%q: error %+v", template, e)
		}
	}
	for i := range min(strings.Count(r.Text, "\n")+1, 50) {
		if line, _ := r.Origin(i+1, 1); line > lines {
			t.Errorf("line %d comes from line %d of %d", i+1, line, lines)
		}
	}
}

// notCompared are names whose meaning depends on the machine, on gems, or on the version of ruby.
var notCompared = []string{
	"present?", "blank?", "presence", "require", "require_relative", "Dotenv", "Kamal::Utils", "Mrsk::Utils", "File", "Dir",
	"__dir__", "__FILE__", "message", "inspect",
}

// isHarmless reports whether this package knows all names of a template, and it runs no command. So
// ruby can render it without doing anything to this machine.
func isHarmless(template string) bool {
	known := map[string]bool{}
	for kind, all := range newTables() {
		known[strings.TrimPrefix(kind, "::")] = true
		for name := range all {
			known[name] = true
		}
	}
	for _, name := range notCompared {
		delete(known, name)
	}
	harmless := func(tokens []token) bool { return namesIn(tokens, known) }
	ok := false
	failed := caught(func() { ok = harmless(tokenize(template)) })
	return failed == nil && ok
}

// namesIn reports whether all names in code are known or are assigned to there.
func namesIn(tokens []token, known map[string]bool) bool {
	for i, t := range tokens {
		switch t.kind {
		case commandToken:
			return false
		case nameToken, constToken, keywordToken:
			isLocal := t.kind == nameToken && len(t.text) < 3 && (i == 0 || !strings.HasSuffix(tokens[i-1].text, "."))
			if t.kind != keywordToken && !known[t.text] && !isLocal || slices.Contains(notCompared, t.text) {
				return false
			}
		case outputToken:
			if t.output.failed != nil || t.output.inComment || !namesIn(t.output.tokens, known) {
				return false
			}
		}
		for _, part := range t.parts {
			if !namesIn(part.code, known) {
				return false
			}
		}
	}
	return true
}

// rubyLoop renders a template a line, each with variables and an environment of its own.
const rubyLoop = `
require "erb"; require "json"; require "uri"; require "timeout"
out = $stdout.dup
$stdout.reopen(File::NULL)
$stderr.reopen(File::NULL)
environ = ENV.to_h
while line = $stdin.gets
  ENV.replace(environ)
  begin
    said = Timeout.timeout(5) { ERB.new(JSON.parse(line), trim_mode: "-").result(Object.new.instance_eval { binding }) }
    raise TypeError unless said.is_a?(String) # a comment hides the end of the program that ERB makes
    answer = JSON.generate({ Text: said })
  rescue Exception => e
    answer = JSON.generate({ Error: e.class.name })
  end
  out.puts answer
  out.flush
end
`

type rubyAnswer struct{ Text, Error string }

// ruby is a process that renders templates.
type ruby struct {
	in  io.Writer
	out *bufio.Reader
}

// startRuby is nil where ruby is not installed.
func startRuby(f *testing.F) *ruby {
	if _, err := exec.LookPath("ruby"); err != nil {
		return nil
	}
	cmd := exec.CommandContext(f.Context(), "ruby", "-e", rubyLoop)
	cmd.Dir = f.TempDir()
	cmd.Env = append(sampleWorld(f).Environ(), "LANG=C.UTF-8")
	in, err := cmd.StdinPipe()
	if err != nil {
		f.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // it is killed if it does not end
	})
	return &ruby{in, bufio.NewReader(out)}
}

func (r *ruby) render(t *testing.T, template string) rubyAnswer {
	t.Helper()
	line, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	said, err := r.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var answer rubyAnswer
	if err := json.Unmarshal(said, &answer); err != nil {
		t.Fatalf("%q: %v", said, err)
	}
	return answer
}
