package remote

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// asked counts how often ssh is asked about hosts when the configuration is text.
func asked(t *testing.T, text string, hosts ...string) int {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	calls := 0
	c := newSSHConfig(Options{
		Files: Files{Paths: []string{path}},
		Local: Local{Home: home, Run: func(_ context.Context, argv ...string) ([]byte, error) {
			calls++
			return []byte(fmt.Sprintf("hostname %s\nuser app\n", argv[len(argv)-1])), nil
		}},
	})
	for _, host := range hosts {
		d, err := c.lookup(t.Context(), host, Login{})
		if err != nil {
			t.Fatal(err)
		}
		if name := d.or("hostname", host); name != host {
			t.Errorf("%s has got the address of %s", host, name)
		}
	}
	return calls
}

// Three hundred processes of ssh would take longer than three hundred logins.
func TestLookup_asks_no_more_than_it_must(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want int
	}{
		"nothing of interest":  {"# comment\nHost *\n  SendEnv LANG\n  HashKnownHosts yes\n", 0},
		"the same for all":     {"User app\nHost *\nIdentityFile ~/.ssh/key\n", 1},
		"by host":              {"Host a\nUser app\n", 2},
		"by match":             {"Match user app\nPort 22\n", 2},
		"by token":             {"IdentityFile ~/.ssh/%h\n", 2},
		"by canonical name":    {"CanonicalizeHostname yes\n", 2},
		"the same, with match": {"Match all\nUser app\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := asked(t, test.text, "a", "b", "a"); got != test.want {
				t.Errorf("asked %d times, want %d", got, test.want)
			}
		})
	}
}

func TestFlatten_ends_with_files_that_include_themselves(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("User app\nInclude "+path+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := flatten([]string{path}, "/home/x"); err != nil || !got.matters || got.lines[0].value != "app" {
		t.Errorf("%+v", got)
	}
}
