package erb

import (
	"slices"
	"strings"
)

// pieceKind says what a piece of a template is.
type pieceKind int

const (
	textPiece    pieceKind = iota
	codePiece              // <% %>
	outputPiece            // <%= %>
	commentPiece           // <%# %>
)

// piece is a part of a template: text, or the inside of a tag.
type piece struct {
	kind  pieceKind
	body  string
	begin int  // offset of body in the template
	tag   int  // offset of the tag
	eaten bool // the tag removes the newline behind it
}

// scan cuts a template into pieces, as ERB does with trim mode "-": <%% is the text <%, %%> is %>
// inside code, -%> removes the newline behind it, and <%- the blanks before it on its line.
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
		if strings.HasPrefix(template[open:], "<%-") {
			before = withoutIndent(before)
		}
		if before != "" {
			all = append(all, piece{body: before, begin: at})
		}
		tag, end := scanTag(template, open)
		all = append(all, tag)
		at = end
	}
	return all
}

// withoutIndent removes the blanks at the end of text if its last line has nothing else.
func withoutIndent(text string) string {
	short := strings.TrimRight(text, " \t")
	if short == "" || strings.HasSuffix(short, "\n") {
		return short
	}
	return text
}

// scanTag reads the tag that begins at open. It returns the offset behind it.
func scanTag(template string, open int) (tag piece, end int) {
	tag = piece{kind: codePiece, tag: open, begin: open + 2}
	switch {
	case strings.HasPrefix(template[tag.begin:], "="):
		tag.kind = outputPiece
		tag.begin++
	case strings.HasPrefix(template[tag.begin:], "#"):
		tag.kind = commentPiece
		tag.begin++
	case strings.HasPrefix(template[tag.begin:], "-"):
		tag.begin++
	}
	closing := closingTag(template, open, tag.begin)
	body, end := template[tag.begin:closing], closing+2
	if inner, trims := strings.CutSuffix(body, "-"); trims {
		body = inner
		rest := strings.TrimPrefix(template[end:], "\r")
		if strings.HasPrefix(rest, "\n") {
			tag.eaten = true
			end = len(template) - len(rest) + 1
		}
	}
	tag.body = strings.ReplaceAll(body, "%%>", "%>")
	return tag, end
}

// closingTag finds the %> of the tag that begins at open.
func closingTag(template string, open, from int) int {
	for at := from; ; {
		end := strings.Index(template[at:], "%>")
		if end < 0 {
			panic(&failure{at: open, text: "the tag that begins here is not closed", advice: "end it with %>, or write <%% for the text <%"})
		}
		if at+end == from || template[at+end-1] != '%' {
			return at + end
		}
		at += end + 2
	}
}

// inComment reports whether a tag stands in a YAML comment, where its output has no effect.
func inComment(template string, tag int) bool {
	line := template[strings.LastIndexByte(template[:tag], '\n')+1 : tag]
	return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#")
}

// kindAt returns the kind of the piece that has an offset of the template.
func kindAt(pieces []piece, offset int) pieceKind {
	after := slices.IndexFunc(pieces, func(p piece) bool { return p.begin > offset })
	switch {
	case len(pieces) == 0:
		return textPiece
	case after < 0:
		return pieces[len(pieces)-1].kind
	default:
		return pieces[max(after, 1)-1].kind
	}
}

// tagLines returns Rendered.Tags.
func tagLines(template string, pieces []piece) map[int]bool {
	lines := map[int]bool{}
	for _, p := range pieces {
		if p.kind != codePiece && p.kind != outputPiece {
			continue
		}
		line, _ := position(template, p.tag)
		begin := strings.LastIndexByte(template[:p.tag], '\n') + 1
		lines[line] = lines[line] || strings.TrimSpace(template[begin:p.tag]) == ""
	}
	return lines
}
