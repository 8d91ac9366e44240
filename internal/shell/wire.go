package shell

import (
	"strconv"
	"strings"

	"mrsk/internal/redact"
)

// wire is what a shell executes: text, and secrets in their places.
type wire []piece

type piece struct {
	text     string
	secret   redact.String
	isSecret bool
	function *Function // what the text calls, if it is a function of a library
}

// plain reports whether the piece is nothing but text.
func (p piece) plain() bool { return !p.isSecret && p.function == nil }

func plainWire(text string) wire {
	if text == "" {
		return nil
	}
	return wire{{text: text}}
}

// joined is a new wire of both.
func joined(a, b wire) wire {
	all := append(make(wire, 0, len(a)+len(b)), a...)
	if n := len(all); n > 0 && len(b) > 0 && all[n-1].plain() && b[0].plain() {
		all[n-1].text += b[0].text
		b = b[1:]
	}
	return append(all, b...)
}

// render assigns each secret to a variable, which is not exported, and puts that in its places.
func (w wire) render() redact.String {
	var assigned, text strings.Builder
	names := map[redact.String]string{}
	for _, p := range w {
		if !p.isSecret {
			text.WriteString(p.text)
			continue
		}
		name, known := names[p.secret]
		if !known {
			name = "_secret" + strconv.Itoa(len(names)+1)
			names[p.secret] = name
			assigned.WriteString(name + "=" + Quote(p.secret.Reveal()) + "\n")
		}
		text.WriteString(`"$` + name + `"`)
	}
	return redact.New(assigned.String() + text.String())
}
