package config

import (
	"regexp"
	"strings"
	"testing"

	"mrsk/internal/yamltree"
)

// Whatever a path says, it is refused, or the host fills in variables of the form ${NAME} alone.
func FuzzHostPath(f *testing.F) {
	for _, text := range []string{"~/a:/b", "$HOME/a:/b", "${HOME}/a:/b", "$(id):/b", "`id`:/b", "${X:-$(id)}:/b", "${X:-`id`}", "a$", "$$HOME", "~ann/x", "\\$(id)", "${HOME", "$'a'"} {
		f.Add(text)
	}
	known := regexp.MustCompile("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^`\"$\\\\{}\n]*)?\\}")
	f.Fuzz(func(t *testing.T, text string) {
		log := &problemLog{}
		got := value{&yamltree.Node{Text: text}, "volumes/0", log}.hostPath(text)
		if left := known.ReplaceAllString(got, ""); len(log.problems) == 0 && (strings.ContainsAny(left, "$`") || strings.HasPrefix(left, "~")) {
			t.Errorf("%q becomes %q, of which a shell could evaluate more", text, got)
		}
	})
}
