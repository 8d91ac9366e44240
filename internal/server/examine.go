package server

import (
	"strings"

	"mrsk/internal/shell"
)

// Examine prints what is worth a check of a host that may have no Docker yet: see sh/examine.sh.
// repository is that of the app's images.
func Examine(repository string) shell.Line {
	return shell.Text("_programs=" + shell.Quote(strings.Join(programs, " "))).Then(examine.Call(repository))
}
