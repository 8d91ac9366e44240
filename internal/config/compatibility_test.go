package config

import (
	"errors"
	"os"
	"strings"
	"testing"

	"mrsk/internal/golden"
)

// TestCompatibility_of_keys keeps docs/compatibility.md true: it has every key of the list, what
// it marks as there is accepted with the value of the list, and what it marks as not there yet is
// refused for that reason, or said to have no effect yet.
func TestCompatibility_of_keys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/reference.keys")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, row := range golden.Table(t, "../../docs/compatibility.md", "## Keys of config/deploy.yml") {
		rows[strings.Trim(row[0], "`")] = row
	}
	for line := range strings.Lines(string(text)) {
		key, sample, found := strings.Cut(strings.TrimSpace(line), ": ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		row, onPage := rows[key]
		if !found || !onPage {
			t.Errorf("docs/compatibility.md lacks the key %s", key)
			continue
		}
		delete(rows, key)
		checkKey(t, key, sample, row)
	}
	for key := range rows {
		t.Errorf("docs/compatibility.md has %s, which testdata/reference.keys lacks", key)
	}
}

func checkKey(t *testing.T, key, sample string, row []string) {
	t.Helper()
	problem := refusal(t, key, sample)
	later := strings.Contains(problem, "not supported yet") || strings.Contains(docOf(key), "no effect yet")
	switch mark, why := row[1], row[2]; mark {
	case "same", "better":
		if problem != "" || later {
			t.Errorf("docs/compatibility.md: %s is marked %s, and is not accepted: %s", key, mark, problem)
		}
		if mark == "better" && why == "" {
			t.Errorf("docs/compatibility.md: %s is better, without saying how", key)
		}
	case "not yet":
		if !later {
			t.Errorf("docs/compatibility.md: %s is marked not yet, and is accepted or refused for another reason: mark it same, or better and say how (%s)", key, problem)
		}
	case "not needed":
		if why == "" {
			t.Errorf("docs/compatibility.md: %s is not needed, without saying why", key)
		}
	default:
		t.Errorf("docs/compatibility.md: %s is marked %q, which is no mark", key, mark)
	}
}

// refusal is what Load says against a key with a value, "" if it accepts it. Problems elsewhere,
// such as other keys that are missing, do not count.
func refusal(t *testing.T, key, sample string) string {
	t.Helper()
	path := samplePath(key)
	files := map[string]string{"deploy.yml": strings.Replace(minimal, "[h1]", "{web: [{h1: t}]}", 1), "deploy.prod.yml": sampleText(key, sample)}
	_, err := Load(LoadOptions{File: "deploy.yml", Destination: "prod", ReadFile: fakeFiles(files)})
	var problems Problems
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	for _, p := range problems {
		unknown := strings.Contains(p.Text, "unknown key")
		if unknown || p.Path == path || strings.HasPrefix(path, p.Path+"/") && strings.Contains(p.Text, "not supported yet") {
			return p.Error()
		}
	}
	return ""
}

func samplePath(key string) string {
	return strings.NewReplacer("<role>", "web", "<name>", "db").Replace(key)
}

// sampleText is a file that has a key with a value, and nothing else.
func sampleText(key, sample string) string {
	keys := strings.Split(samplePath(key), "/")
	return strings.Join(keys, ": {") + ": " + sample + strings.Repeat("}", len(keys)-1) + "\n"
}

// docOf is the reference's text about a key.
func docOf(key string) string {
	parent, last := "", key
	if i := strings.LastIndexByte(key, '/'); i >= 0 {
		parent, last = key[:i], key[i+1:]
	}
	_, below, found := strings.Cut(Reference(), "\n## "+cell(parent)+"\n")
	if parent == "" {
		below, found = Reference(), true
	}
	below, _, _ = strings.Cut(below, "\n## ")
	_, row, isThere := strings.Cut(below, "\n| `"+last+"` |")
	if found && isThere {
		doc, _, _ := strings.Cut(row, "\n")
		return doc
	}
	if parent == "" {
		return ""
	}
	return docOf(parent) // of the section, where the key itself is not described
}
