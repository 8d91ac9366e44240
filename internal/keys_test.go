package internal

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mrsk/internal/golden"
)

// shownElsewhere are the keys whose effect is no command and no route, each with the test that
// shows what it does.
var shownElsewhere = map[string]string{
	"aliases":              "cli/testdata/script/alias.txtar",
	"boot/wait":            "workflow/env_test.go",
	"hooks_output":         "cli/testdata/script/output.txtar",
	"hooks_path":           "cli/testdata/script/hooks.txtar",
	"output/file/path":     "cli/testdata/script/output.txtar",
	"output/otel/endpoint": "cli/testdata/script/output.txtar",
	"secrets_path":         "cli/testdata/script/secrets.txtar",
}

// TestKeys_have_a_golden_file_with_what_they_change keeps keys from being read and doing nothing.
// The files testdata/keys of the packages have the effect of a key, or say that it has none; then
// docs/compatibility.md has to say so, too.
func TestKeys_have_a_golden_file_with_what_they_change(t *testing.T) {
	shown := shownKeys(t)
	keys := documentedKeys(t)
	for _, key := range keys {
		if file, elsewhere := shownElsewhere[key]; elsewhere {
			name := key[strings.LastIndexByte(key, '/')+1:]
			if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), name+":") {
				t.Errorf("%s does not show the key %s: %v", file, key, err)
			}
			shown[key] = ""
		}
		section := slices.ContainsFunc(keys, func(other string) bool { return strings.HasPrefix(other, key+"/") })
		if _, is := shown[key]; !is && !section {
			t.Errorf("no file in testdata/keys has what the key %s changes", key)
		}
		delete(shown, key)
	}
	for key := range shown {
		t.Errorf("testdata/keys has the key %s, which docs/config.md lacks", key)
	}
}

func TestKeys_without_effect_are_called_not_needed(t *testing.T) {
	marks := map[string]string{}
	for _, row := range golden.Table(t, "../docs/compatibility.md", "## Keys of config/deploy.yml") {
		marks[strings.Trim(row[0], "`")] = row[1]
	}
	for key, about := range shownKeys(t) {
		if about == "(no effect)" && marks[key] != "not needed" {
			t.Errorf("%s has no effect, and docs/compatibility.md calls it %q", key, marks[key])
		}
	}
}

// shownKeys are the titles in the files of golden.Effects, with what is said behind the key.
func shownKeys(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*/testdata/keys/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata/keys: %v", err)
	}
	shown := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, title := range regexp.MustCompile(`(?m)^=== (.*)$`).FindAllStringSubmatch(string(text), -1) {
			key, about, _ := strings.Cut(title[1], " ")
			shown[key] = about
		}
	}
	return shown
}

// documentedKeys are those of docs/config.md.
func documentedKeys(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	page, _, _ := strings.Cut(string(text), "\n## Templates\n")
	for i, part := range strings.Split(page, "\n## ") {
		section := ""
		if name, _, _ := strings.Cut(part, "\n"); i > 0 {
			section = strings.NewReplacer("&lt;", "<", `\`, "").Replace(name) + "/"
		}
		for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(part, -1) {
			keys = append(keys, section+row[1])
		}
	}
	return keys
}
