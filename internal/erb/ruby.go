package erb

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// rubyProgram renders the template on its input. It prints parts separated by NUL: "ok", the text
// and the changed environment variables, or "failed", the line and the message.
//
//go:embed render.rb
var rubyProgram string

// renderWithRuby renders a template that has unsupported code.
func renderWithRuby(template string, world World) (Rendered, error) {
	output, err := world.Ruby(rubyProgram, marked(template), world.environ())
	parts := strings.Split(output, "\x00")
	switch {
	case errors.Is(err, ErrNoRuby):
		return Rendered{}, err
	case err != nil:
		return Rendered{}, Errors{{1, 1, "ruby, which renders this file: " + err.Error(), ""}}
	case parts[0] == "failed" && len(parts) == 3:
		line, _ := strconv.Atoi(parts[1])
		return Rendered{}, Errors{{max(line, 1), 1, clip("ruby, which renders this file: " + parts[2]), ""}}
	case parts[0] != "ok" || len(parts) < 2:
		return Rendered{}, Errors{{1, 1, "ruby, which renders this file, printed nothing", ""}}
	}
	for _, one := range parts[2:] {
		if name, value, found := strings.Cut(one, "="); found {
			world.setenv(name, value)
		}
	}
	var r Rendered
	if f := caught(func() { r = unmarked(template, parts[1]) }); f != nil {
		return Rendered{}, Errors{f.in(template)}
	}
	return r, nil
}

// marked returns the template with a mark before each piece that says where it comes from. Line
// numbers do not change, so ruby names the right ones.
func marked(template string) string {
	var b strings.Builder
	for _, piece := range scan(template) {
		end := " %>"
		if piece.eaten {
			end = "\n%>"
		}
		body := strings.ReplaceAll(piece.body, "%>", "%%>")
		switch {
		case piece.kind == textPiece:
			fmt.Fprintf(&b, "\x01t%d\x02%s", piece.begin, strings.ReplaceAll(piece.body, "<%", "<%%"))
		case piece.kind == commentPiece:
			b.WriteString("<%" + strings.Repeat("\n", strings.Count(body, "\n")) + end)
		case piece.kind == codePiece:
			b.WriteString("<% " + body + end)
		case inComment(template, piece.tag):
			fmt.Fprintf(&b, "\x01o%d\x02<%%= begin;%s;rescue Exception;end%s", piece.tag, body, end)
		default:
			fmt.Fprintf(&b, "\x01o%d\x02<%%=%s%s", piece.tag, body, end)
		}
	}
	return b.String()
}

var mark = regexp.MustCompile("\x01([to])([0-9]+)\x02")

// unmarked removes the marks from the output of a marked template.
func unmarked(template, output string) Rendered {
	w := &writer{}
	at, of, verbatim := 0, 0, false
	for _, places := range mark.FindAllStringSubmatchIndex(output, -1) {
		w.add(output[at:places[0]], of, verbatim)
		at, verbatim = places[1], output[places[2]] == 't'
		of, _ = strconv.Atoi(output[places[4]:places[5]])
	}
	w.add(output[at:], of, verbatim)
	return Rendered{Text: w.String(), template: template, places: w.places}
}
