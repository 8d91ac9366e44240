package remote_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeema/knownhosts"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// oddHomes are folders whose names mean something else to one who reads them carelessly.
var oddHomes = []string{"my home", `a"quote`, "an'apostrophe", "star*", "[set]", "#comment", "100%h", `back\slash`, "$HOME", "~", "ünï"}

// A changed key must be found wherever the files are, and a new one be kept there.
func TestHostKey_files_may_have_any_path(t *testing.T) {
	t.Parallel()
	for _, name := range oddHomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
				srv := testhost.New(t)
				opts := srv.Options()
				opts.Local.Home = filepath.Join(t.TempDir(), name)
				opts.Files, opts.Local.Run = remote.Files{}, run
				inHome(t, opts, "config", "ServerAliveInterval 9\n")
				known := knownhosts.Line([]string{srv.Addr()}, srv.HostKey()) + "\n"
				inHome(t, opts, "known_hosts", known)
				dial(t, srv.Addr(), opts)
				srv.RotateHostKey()
				_, err := tryDial(t, srv.Addr(), opts)
				var wrong *remote.HostKeyError
				if !errors.As(err, &wrong) || wrong.Line != 1 {
					t.Errorf("err = %v", err)
				}
				if got := knownHosts(t, opts); got != known {
					t.Errorf("known hosts:\n%s", got)
				}
			})
		})
	}
}

// HOME is the place NAME in these configurations.
func TestHostKey_files_are_those_of_the_configuration(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`UserKnownHostsFile "HOME/my hosts"`,
		`UserKnownHostsFile 'HOME/my hosts'`,
		`UserKnownHostsFile HOME/none "HOME/my hosts"`,
		`UserKnownHostsFile="HOME/my hosts" "HOME/none"`,
		`UserKnownHostsFile HOME/my\ hosts`,
		"UserKnownHostsFile \"HOME/my hosts\"\nHost other\nUserKnownHostsFile HOME/my hosts",
		"Host other\nUserKnownHostsFile HOME/none\nHost *\nUserKnownHostsFile \"HOME/my hosts\"",
		"UserKnownHostsFile none\nGlobalKnownHostsFile \"HOME/my hosts\"",
		`UserKnownHostsFile "HOME/${NAME} hosts"`,
		`UserKnownHostsFile "HOME/my %rs"`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
				srv := testhost.New(t)
				opts := configured(t, srv, run, "")
				dir := filepath.Join(opts.Local.Home, ".ssh")
				key := inHome(t, opts, "key", string(srv.KeyPEM()))
				inHome(t, opts, "config", strings.ReplaceAll(text, "HOME", dir)+"\nHost *\nUser host\nIdentityFile "+key+"\nStrictHostKeyChecking yes\n")
				inHome(t, opts, "my hosts", knownhosts.Line([]string{srv.Addr()}, srv.HostKey())+"\n")
				inHome(t, opts, "hosts", "")
				opts.Local.Getenv = func(string) string { return "my" }
				_, err := tryDial(t, srv.Addr(), opts)
				var ambiguous *remote.AmbiguousError
				if exact := run == nil || strings.Contains(t.Name(), "without_ssh"); strings.Contains(text, "other\nUserKnownHostsFile HOME/my hosts") && !exact {
					if !errors.As(err, &ambiguous) || ambiguous.Hint() == "" {
						t.Errorf("err = %v", err)
					}
				} else if err != nil && !(strings.Contains(text, "${") && strings.Contains(err.Error(), "NAME")) {
					t.Error(err)
				}
			})
		})
	}
}

// What cannot be read says nothing about the host, so the host is not new.
func TestHostKey_files_that_cannot_be_read_are_an_error(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		srv := testhost.New(t)
		for name, text := range map[string]string{
			"a folder":        "UserKnownHostsFile HOME",
			"no variable":     "UserKnownHostsFile ${NOBODY_SETS_THIS}/x",
			"another's home":  "UserKnownHostsFile ~nobody-at-all/x",
			"an unknown part": "UserKnownHostsFile HOME/%Z",
			"a large config":  "#" + strings.Repeat(" ", 1<<20),
			"others' config":  "User x",
		} {
			opts := configured(t, srv, run, "")
			opts.Keys = srv.Options().Keys
			path := inHome(t, opts, "config", strings.ReplaceAll(text, "HOME", opts.Local.Home)+"\n")
			if name == "others' config" {
				if err := os.Chmod(path, 0o620); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := tryDial(t, srv.Addr(), opts); err == nil || !strings.HasPrefix(err.Error(), "read ssh settings") {
				t.Errorf("%s: err = %v", name, err)
			}
			if _, err := os.Stat(filepath.Join(opts.Local.Home, ".ssh", "known_hosts")); err == nil {
				t.Errorf("%s: the key was kept", name)
			}
		}
	})
}
