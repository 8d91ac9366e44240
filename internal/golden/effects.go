package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Effects checks what settings change in what is made of a configuration. The files that match
// hold cases:
//
//	=== the key
//	YAML that both sides have (may be left out)
//	---
//	the same with the key set
//	----
//	the lines that go (-) and those that come (+), below the line that they belong to
//
// A key has to change something, unless its title ends in "(no effect)".
func Effects(t *testing.T, pattern string, render func(t *testing.T, yaml string) string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, c := range strings.Split("\n"+string(text), "\n=== ")[1:] {
				got.WriteString("=== " + effect(t, c, func(yaml string) string { return render(t, yaml) }))
			}
			Equal(t, file, got.String())
		})
	}
}

// effect returns a case with what its key changes now.
func effect(t testing.TB, text string, render func(yaml string) string) string {
	t.Helper()
	input, _, _ := strings.Cut(text+"\n", "\n----\n")
	input = strings.TrimRight(input, "\n")
	title, body, _ := strings.Cut(input+"\n", "\n")
	before, after, found := strings.Cut("\n"+body, "\n---\n")
	if !found {
		t.Fatalf("%s: there is no --- before the YAML with the key", title)
	}
	changes := changed(sides(render(strings.TrimPrefix(before, "\n")), render(after)))
	if none := strings.HasSuffix(title, "(no effect)"); none != (changes == "") {
		t.Errorf("%s: it changes:\n%s", title, changes)
	}
	return input + "\n----\n" + changes + "\n"
}

// Refused is how what is rendered begins where the configuration is refused.
const Refused = "refused: "

// sides are the lines to compare: where one configuration is refused, of the other it only matters
// that it is not.
func sides(before, after string) (a, b []string) {
	switch refused := strings.HasPrefix(before, Refused); {
	case refused == strings.HasPrefix(after, Refused):
	case refused:
		after = "accepted"
	default:
		before = "accepted"
	}
	return lines(before), lines(after)
}

func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }

// changed tells the differences, each one once.
func changed(before, after []string) string {
	var out strings.Builder
	told := map[string]bool{}
	for len(before) > 0 || len(after) > 0 {
		same := common(before, after)
		heads := before[:same]
		before, after = before[same:], after[same:]
		gone, come := skipsToMatch(before, after)
		if gone+come == 0 {
			break
		}
		change := marked("- ", before[:gone]) + marked("+ ", after[:come])
		change = owner(heads, slices.Concat(before[:gone], after[:come])) + change
		if !told[change] {
			out.WriteString(change)
		}
		told[change] = true
		before, after = before[gone:], after[come:]
	}
	return out.String()
}

func common(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// skipsToMatch returns how many lines to skip in a and in b until two lines agree. It minimizes the sum.
func skipsToMatch(a, b []string) (int, int) {
	for total := 1; total < len(a)+len(b); total++ {
		for skip := max(0, total-len(b)); skip <= min(total, len(a)); skip++ {
			if x, y := a[skip:], b[total-skip:]; len(x) > 0 && len(y) > 0 && x[0] == y[0] && agree(x, y) {
				return skip, total - skip
			}
		}
	}
	return len(a), len(b)
}

// agree is for lines that are the same not by chance alone: a bracket is everywhere.
func agree(a, b []string) bool {
	return common(a, b) >= 3 || common(a, b) == min(len(a), len(b))
}

func marked(mark string, all []string) string {
	var out strings.Builder
	for _, line := range all {
		out.WriteString(strings.TrimRight(mark+line, " ") + "\n")
	}
	return out.String()
}

// owner is the last line above that is indented less than what has changed.
func owner(above, change []string) string {
	depth := indent(change[0])
	for _, line := range slices.Backward(above) {
		if line != "" && indent(line) < depth {
			return "@ " + strings.TrimSpace(line) + "\n"
		}
	}
	return ""
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
