package traefik

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mrsk/internal/golden"
)

// TestProxy_keys_in_the_docs keeps docs/proxy.md true: it has every key of docs/config.md that is
// about the proxy and no other, and what it says of Traefik is in what is written for it.
func TestProxy_keys_in_the_docs(t *testing.T) {
	t.Parallel()
	rows := map[string]string{}
	for _, row := range golden.Table(t, "../../docs/proxy.md", "## Keys") {
		rows[strings.Trim(row[0], "`")] = row[1] + row[2]
	}
	written := everything(t)
	for _, section := range []string{"proxy", "proxy/healthcheck", "proxy/ssl", "proxy/buffering", "proxy/logging", "proxy/run", "proxy/run/acme"} {
		for _, row := range golden.Table(t, "../../docs/config.md", "## "+section) {
			key := section + "/" + strings.Trim(row[0], "`")
			text, found := rows[key]
			if !found {
				t.Errorf("docs/proxy.md lacks %s", key)
			}
			delete(rows, key)
			for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
				if !strings.Contains(written, word[1]) {
					t.Errorf("docs/proxy.md says %s for %s, and nothing that mrsk writes has it", word[1], key)
				}
			}
		}
	}
	for key := range rows {
		t.Errorf("docs/proxy.md has %s, which docs/config.md lacks", key)
	}
}

// everything is what the golden files of this package hold.
func everything(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.golden")
	if err != nil || len(files) < 10 {
		t.Fatalf("golden files: %v, %v", files, err)
	}
	var all strings.Builder
	for _, name := range append(files, "testdata/run.golden") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
