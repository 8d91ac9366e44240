package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

func TestFlatten_refuses_files_that_include_themselves(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("User app\nInclude "+path+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := flatten([]string{path}, "/home/x")
	if err == nil || !strings.HasPrefix(err.Error(), path+":2: ") || !got.matters {
		t.Errorf("err = %v", err)
	}
}

// Without a stop at the limit each of the files would be read thousands of times.
func TestFlatten_stops_at_the_first_file_that_is_included_too_deep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("Include "+dir+"/*\nUser app\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := flatten([]string{filepath.Join(dir, "one")}, "/home/x")
	if err == nil || strings.Contains(err.Error(), "\n") || len(got.lines) != 0 {
		t.Errorf("%d lines, err = %v", len(got.lines), err)
	}
}

// The system's configuration may revoke keys. It counts without a home folder, too.
func TestLookup_without_a_home_reads_the_systems_file(t *testing.T) {
	t.Parallel()
	c := newSSHConfig(Options{})
	c.system = filepath.Join(t.TempDir(), "ssh_config")
	if err := os.WriteFile(c.system, []byte("RevokedHostKeys /etc/ssh/revoked\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := c.lookup(t.Context(), "web", Login{})
	if err != nil || d.first("revokedhostkeys") != "/etc/ssh/revoked" {
		t.Errorf("%v %v", d, err)
	}
}

func TestEvaluate_refuses_what_only_ssh_can_evaluate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	for text, want := range map[string]string{
		"CanonicalizeHostname yes\n":                          "CanonicalizeHostname of the ssh configuration: only the program ssh",
		"Host a\nCanonicalizeHostname always\n":               "CanonicalizeHostname of the ssh configuration: only the program ssh",
		"Host b\nCanonicalizeHostname yes\n":                  "",
		"CanonicalizeHostname no\nCanonicalizeHostname yes\n": "",
		"User x\nStrictHostKeyCheking yes\nPrt 22\n":          path + ":2: stricthostkeycheking: no option of ssh that mrsk knows: correct it, list it in IgnoreUnknown, or install ssh\n" + path + ":3: prt: ",
		"Match user b\nCiphers x\n":                           path + ":2: ciphers: it stands in a Match block",
		"Match user b\nCompression yes\n":                     "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		lines, err := flatten([]string{path}, "/home/x")
		if err != nil {
			t.Fatal(err)
		}
		_, err = lines.evaluate("a")
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// ssh names a temporary file when it refuses one. All files are named at once, with what to do.
func TestLookup_names_the_files_that_others_can_write(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var paths []string
	for name, mode := range map[string]os.FileMode{"one": 0o664, "two": 0o606, "fine": 0o644} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("User x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	_, err := newSSHConfig(Options{Files: Files{Paths: append(paths, filepath.Join(dir, "gone"))}}).lookup(t.Context(), "web", Login{})
	for name, want := range map[string]bool{"/one: ": false, "chmod go-w " + dir + "/one": true, "chmod go-w " + dir + "/two": true, dir + "/fine": false, dir + "/gone": true} {
		if want && (err == nil || !strings.Contains(err.Error(), name)) || !want && err != nil && strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ssh -G reads the system's file through an Include, too, and refuses it.
func TestLookup_names_all_usual_files_that_others_can_write(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	own, system := filepath.Join(home, ".ssh", "config"), filepath.Join(home, "ssh_config")
	if err := os.Mkdir(filepath.Dir(own), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, existing := range [][]string{{system}, {own, system}} {
		for _, path := range existing {
			if err := errors.Join(os.WriteFile(path, []byte("User x\n"), 0o600), os.Chmod(path, 0o620)); err != nil {
				t.Fatal(err)
			}
		}
		c := newSSHConfig(Options{Local: Local{Home: home}})
		c.system = system
		_, err := c.lookup(t.Context(), "web", Login{})
		for _, path := range existing {
			if err == nil || !strings.Contains(err.Error(), "chmod go-w "+path) {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestFlatten_refuses_an_included_file_that_others_can_write(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, more := filepath.Join(dir, "config"), filepath.Join(dir, "more")
	for _, file := range []string{path, more} {
		if err := os.WriteFile(file, []byte("Include "+more+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(more, 0o620); err != nil {
		t.Fatal(err)
	}
	if _, err := flatten([]string{path}, "/home/x"); err == nil || !strings.HasPrefix(err.Error(), path+":1: others can write "+more) {
		t.Errorf("err = %v", err)
	}
}

func TestIsOption_knows_what_ssh_prints(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("ssh", "-G", "-F", "/dev/null", "host").Output()
	if err != nil {
		t.Skip("no ssh here")
	}
	for key := range parseDirectives(string(out)) {
		if key != "host" && !isOption(key) {
			t.Error(key)
		}
	}
}
