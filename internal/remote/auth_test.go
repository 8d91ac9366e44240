package remote_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"mrsk/internal/redact"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// bare are options that offer no key by themselves.
func bare(t *testing.T) remote.Options {
	t.Helper()
	return remote.Options{
		Login: remote.Login{User: "deploy"},
		Files: remote.Files{None: true},
		Local: remote.Local{Home: t.TempDir(), User: "operator"},
	}
}

// inHome writes a file in the operator's .ssh and returns its path.
func inHome(t *testing.T, opts remote.Options, name, text string) string {
	t.Helper()
	path := filepath.Join(opts.Local.Home, ".ssh", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDial_finds_the_key(t *testing.T) {
	t.Parallel()
	_, other := testhost.NewKey(t)
	for name, set := range map[string]func(*testing.T, *remote.Options, []byte){
		"in the usual file": func(t *testing.T, o *remote.Options, key []byte) {
			inHome(t, *o, "id_ed25519", string(key))
		},
		"in a file that the options name": func(t *testing.T, o *remote.Options, key []byte) {
			inHome(t, *o, "deploy_key", string(key))
			o.Keys.Files = []string{"~/.ssh/deploy_key"}
		},
		"as text": func(_ *testing.T, o *remote.Options, key []byte) {
			o.Keys = remote.Keys{Data: []redact.String{redact.New(string(key))}, Only: true}
		},
		"in the agent, among others": func(t *testing.T, o *remote.Options, key []byte) {
			o.Local.AgentSocket = testhost.Agent(t, other, key)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t)
			opts := bare(t)
			set(t, &opts, srv.KeyPEM())
			client := dial(t, srv.Addr(), opts)
			if got := run(t.Context(), client, "echo in", ""); got.stdout != "in\n" {
				t.Errorf("%+v", got)
			}
			if diff := cmp.Diff([]string{"deploy"}, srv.Users()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDial_takes_the_agents_copy_of_an_encrypted_key(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	_, other := testhost.NewKey(t)
	plain := testdata(t, "plain")
	key, err := ssh.ParsePrivateKey(plain)
	if err != nil {
		t.Fatal(err)
	}
	srv.Trust(key)
	opts := bare(t)
	inHome(t, opts, "deploy_key", string(testdata(t, "encrypted")))
	opts.Keys = remote.Keys{Files: []string{"~/.ssh/deploy_key"}, Only: true}

	_, err = tryDial(t, srv.Addr(), opts)
	var failed *remote.ConnectError
	if !errors.As(err, &failed) {
		t.Fatalf("err = %v", err)
	}
	if want := "log in as deploy: no key was accepted (~/.ssh/deploy_key: encrypted)"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if want := "a key file is encrypted: add it to the agent with ssh-add"; failed.Hint() != want {
		t.Errorf("got %q, want %q", failed.Hint(), want)
	}

	opts.Local.AgentSocket = testhost.Agent(t, other, plain)
	dial(t, srv.Addr(), opts)
}

func TestDial_says_which_keys_it_tried(t *testing.T) {
	t.Parallel()
	_, other := testhost.NewKey(t)
	for name, test := range map[string]struct {
		set        func(*testing.T, *remote.Options)
		want, hint string
	}{
		"no key at all": {
			func(*testing.T, *remote.Options) {},
			"log in as deploy: no key was accepted (no agent)",
			"check with: ssh -p PORT deploy@127.0.0.1 true",
		},
		"the wrong ones": {
			func(t *testing.T, o *remote.Options) {
				inHome(t, *o, "id_ed25519", string(other))
				o.Local.AgentSocket = testhost.Agent(t, other)
			},
			"log in as deploy: no key was accepted (~/.ssh/id_ed25519 by the agent)",
			"check with: ssh -p PORT deploy@127.0.0.1 true",
		},
		"a missing one, and nothing else": {
			func(t *testing.T, o *remote.Options) {
				inHome(t, *o, "id_ed25519", string(other))
				o.Keys = remote.Keys{Files: []string{"~/.ssh/gone"}, Only: true}
			},
			"log in as deploy: no key was accepted (~/.ssh/gone: no such file or directory)",
			"check with: ssh -p PORT deploy@127.0.0.1 true",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t)
			opts := bare(t)
			test.set(t, &opts)
			_, err := tryDial(t, srv.Addr(), opts)
			var failed *remote.ConnectError
			if !errors.As(err, &failed) {
				t.Fatalf("err = %v", err)
			}
			port := srv.Addr()[strings.LastIndex(srv.Addr(), ":")+1:]
			if diff := cmp.Diff(test.want, strings.ReplaceAll(err.Error(), port, "PORT")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.hint, strings.ReplaceAll(failed.Hint(), port, "PORT")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDial_hints_at_an_agent_with_too_many_keys(t *testing.T) {
	t.Parallel()
	var held [][]byte
	for range 8 {
		_, key := testhost.NewKey(t)
		held = append(held, key)
	}
	srv := testhost.New(t)
	opts := bare(t)
	opts.Local.AgentSocket = testhost.Agent(t, append(held, srv.KeyPEM())...)
	_, err := tryDial(t, srv.Addr(), opts)
	var failed *remote.ConnectError
	if !errors.As(err, &failed) || !strings.Contains(failed.Hint(), "keys_only") {
		t.Fatalf("err = %v, hint %q", err, failed.Hint())
	}
	inHome(t, opts, "deploy_key", string(srv.KeyPEM()))
	opts.Keys.Files = []string{"~/.ssh/deploy_key"}
	dial(t, srv.Addr(), opts)
}
