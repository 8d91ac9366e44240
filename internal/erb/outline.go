package erb

import "strings"

// Outline returns the text of a template without its code, so all branches are in it. output stands for what each
// <%= %> writes. The error is of type *Error.
func Outline(template, output string) (string, error) {
	var text strings.Builder
	err := caught(func() {
		for _, p := range scan(template) {
			switch p.kind {
			case textPiece:
				text.WriteString(p.body)
			case outputPiece:
				text.WriteString(output)
			}
		}
	})
	if err != nil {
		return "", err.in(template)
	}
	return text.String(), nil
}
