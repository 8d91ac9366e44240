package erb

import (
	"strings"
)

// kind is what a piece of a template is.
type kind int

const (
	text   kind = iota
	code        // <% %>
	output      // <%= %>
	remark      // <%# %>
)

// piece is a part of a template: text, or what stands inside of a tag.
type piece struct {
	kind  kind
	body  string
	begin int  // where body begins in the template
	tag   int  // where its tag begins
	eaten bool // the newline behind it belongs to it
}

// scan cuts a template into pieces, as ERB does with trim mode "-": <%% is the text <%, %%> is %>
// inside of code, -%> eats the newline that follows it, and <%- the blanks before it on its line.
func scan(template string) []piece {
	var all []piece
	for at := 0; at < len(template); {
		open := strings.Index(template[at:], "<%")
		if open < 0 {
			return append(all, piece{body: template[at:], begin: at})
		}
		open += at
		if strings.HasPrefix(template[open:], "<%%") {
			all = append(all, piece{body: template[at : open+2], begin: at})
			at = open + 3
			continue
		}
		before := template[at:open]
		tag := tagAt(template, open)
		if strings.HasPrefix(template[open:], "<%-") {
			before = withoutIndent(before)
		}
		if before != "" {
			all = append(all, piece{body: before, begin: at})
		}
		all = append(all, tag.piece)
		at = tag.end
	}
	return all
}

// withoutIndent takes the blanks from the end of text if nothing else stands on its last line.
func withoutIndent(text string) string {
	short := strings.TrimRight(text, " \t")
	if short == "" || strings.HasSuffix(short, "\n") {
		return short
	}
	return text
}

type tag struct {
	piece
	end int // where the template goes on
}

// tagAt reads the tag that begins at open.
func tagAt(template string, open int) tag {
	t := tag{piece: piece{kind: code, tag: open, begin: open + 2}}
	switch {
	case strings.HasPrefix(template[t.begin:], "="):
		t.kind = output
		t.begin++
	case strings.HasPrefix(template[t.begin:], "#"):
		t.kind = remark
		t.begin++
	case strings.HasPrefix(template[t.begin:], "-"):
		t.begin++
	}
	end := closing(template, open, t.begin)
	body := template[t.begin:end]
	t.end = end + 2
	if inner, trims := strings.CutSuffix(body, "-"); trims {
		body = inner
		rest := strings.TrimPrefix(template[t.end:], "\r")
		if strings.HasPrefix(rest, "\n") {
			t.eaten = true
			t.end = len(template) - len(rest) + 1
		}
	}
	t.body = strings.ReplaceAll(body, "%%>", "%>")
	return t
}

// closing is where the %> of the tag is that begins at open.
func closing(template string, open, from int) int {
	for at := from; ; {
		end := strings.Index(template[at:], "%>")
		if end < 0 {
			panic(&failure{at: open, text: "the tag that begins here is not closed", advice: "end it with %>, or write <%% where the text <% is meant"})
		}
		if at+end == from || template[at+end-1] != '%' {
			return at + end
		}
		at += end + 2
	}
}

// inComment reports whether a tag stands in a comment of YAML, where nothing depends on what it
// puts out.
func inComment(template string, tag int) bool {
	line := template[strings.LastIndexByte(template[:tag], '\n')+1 : tag]
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
}
