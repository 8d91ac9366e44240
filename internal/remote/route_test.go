package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/local"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// The test's own binary is the program of a ProxyCommand, as no netcat need be installed.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "netcat" {
		netcat(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

func netcat(address string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() { _, _ = io.Copy(conn, os.Stdin) }()
	_, _ = io.Copy(os.Stdout, conn)
}

func noSSH(context.Context, ...string) ([]byte, error) {
	return nil, &local.MissingError{Program: "ssh"}
}

// readers are the two ways to read the ssh configuration.
var readers = map[string]func(context.Context, ...string) ([]byte, error){
	"with ssh": local.Output, "without ssh": noSSH,
}

// configured are options that leave everything to the ssh configuration in text, in which KEY is
// a file with the key of srv.
func configured(t *testing.T, srv *testhost.Server, run func(context.Context, ...string) ([]byte, error), text string) remote.Options {
	t.Helper()
	opts := bare(t)
	opts.Login = remote.Login{DefaultUser: "root"}
	opts.Files = remote.Files{}
	opts.Local.Run, opts.Local.Pipe = run, local.Pipe
	key := inHome(t, opts, "a key", string(srv.KeyPEM()))
	host, port, _ := net.SplitHostPort(srv.Addr())
	inHome(t, opts, "config", strings.NewReplacer("KEY", key, "PORT", port, "ADDRESS", host).Replace(text))
	return opts
}

func withReaders(t *testing.T, test func(*testing.T, func(context.Context, ...string) ([]byte, error))) {
	for name, run := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath("ssh"); err != nil && name == "with ssh" {
				t.Skip("no ssh here")
			}
			test(t, run)
		})
	}
}

func TestConfig_names_address_user_port_and_key(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		srv := testhost.New(t)
		opts := configured(t, srv, run, `
# of all hosts
Host *.example.com !db.example.com web
  HostName ADDRESS
  Port=PORT
  User app
  HostKeyAlias the-web
Host *
  IdentityFile "KEY"
  IdentitiesOnly yes
  HashKnownHosts no
`)
		client := dial(t, "web", opts)
		dial(t, "a.example.com", opts)
		if diff := cmp.Diff([]string{"app", "app"}, srv.Users()); diff != "" {
			t.Error(diff)
		}
		if client.Name() != "web" || client.Address() != srv.Addr() {
			t.Errorf("name %q, address %q", client.Name(), client.Address())
		}
		if !strings.HasPrefix(knownHosts(t, opts), "the-web ssh-ed25519 ") {
			t.Errorf("known hosts:\n%s", knownHosts(t, opts))
		}
	})
}

func TestConfig_gives_way_to_the_options_and_they_to_the_name(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		srv := testhost.New(t)
		base := configured(t, srv, run, "Host web\nHostName ADDRESS\nPort PORT\nUser app\nHost nobody\nHostName ADDRESS\nPort PORT\nHost *\nIdentityFile \"KEY\"\n")
		set := base
		set.Login.User = "deploy"
		port := srv.Addr()[strings.LastIndex(srv.Addr(), ":")+1:]
		dial(t, "web", base)
		dial(t, "web", set)
		dial(t, "me@web:"+port, set)
		dial(t, "nobody", base)
		if diff := cmp.Diff([]string{"app", "deploy", "me", "root"}, srv.Users()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestConfig_includes_and_named_files_are_read(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		srv := testhost.New(t)
		opts := configured(t, srv, run, "")
		included := inHome(t, opts, "included", "Host web\nHostName "+host(srv)+"\n")
		one := inHome(t, opts, "one", "Host other\nPort 1\nInclude "+included+"\nHost *\nInclude "+included+"\nUser any\n")
		inHome(t, opts, "two", "Host web\nPort "+port(srv)+"\nHostName 192.0.2.1\nIdentityFile \"~/.ssh/a key\"\n")
		opts.Files.Paths = []string{one, "~/.ssh/two"}
		dial(t, "web", opts)
		opts.Files.Paths = []string{"~/.ssh/gone"}
		if _, err := tryDial(t, "web", opts); err == nil || !strings.Contains(err.Error(), ".ssh/gone: no such file") {
			t.Errorf("err = %v", err)
		}
	})
}

// Only ssh itself knows Match; without it such blocks are passed over.
func TestConfig_match_is_left_to_ssh(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		srv := testhost.New(t)
		opts := configured(t, srv, run, `
Match host web exec "true"
  User matched
Host web
  HostName ADDRESS
  Port PORT
  IdentityFile "KEY"
`)
		dial(t, "web", opts)
		want := []string{"root"}
		if _, err := run(t.Context(), "ssh", "-V"); err == nil {
			want = []string{"matched"}
		}
		if diff := cmp.Diff(want, srv.Users()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestJump_goes_through_all_hosts_of_a_chain(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		first, second, srv := testhost.New(t), testhost.New(t), testhost.New(t)
		first.Trust(srv.Key())
		second.Trust(srv.Key())
		opts := configured(t, srv, run, fmt.Sprintf(`
Host web
  HostName ADDRESS
  Port PORT
  ProxyJump one@%s,two
Host two
  HostName %s
  Port %s
  User second
Host *
  IdentityFile "KEY"
  ProxyJump none
`, first.Addr(), host(second), port(second)))
		client := dial(t, "web", opts)
		if got := runLine(t, client, "echo through"); got != "through\n" {
			t.Errorf("got %q", got)
		}
		users := []string{first.Users()[0], second.Users()[0], srv.Users()[0]}
		if diff := cmp.Diff([]string{"one", "second", "root"}, users); diff != "" {
			t.Error(diff)
		}
		if first.Counts().Tunnels != 1 || second.Counts().Tunnels != 1 {
			t.Errorf("tunnels: %+v, %+v", first.Counts(), second.Counts())
		}
	})
}

func host(s *testhost.Server) string { h, _, _ := net.SplitHostPort(s.Addr()); return h }
func port(s *testhost.Server) string { _, p, _ := net.SplitHostPort(s.Addr()); return p }

func runLine(t *testing.T, h remote.Host, line string) string {
	t.Helper()
	got := run(t.Context(), h, line, "")
	if got.err != nil {
		t.Errorf("%s: %v %s", line, got.err, got.stderr)
	}
	return got.stdout
}

func TestJump_host_of_the_options_is_shared_by_all(t *testing.T) {
	t.Parallel()
	bastion := testhost.New(t)
	opts := bastion.Options()
	opts.Via.Jump = bastion.Addr()
	opts.Login.DefaultUser = "root"
	d := remote.NewDialer(opts)
	t.Cleanup(func() { _ = d.Close() })
	var all sync.WaitGroup
	for range 10 {
		srv := testhost.New(t)
		srv.Trust(bastion.Key())
		target, _ := remote.ParseTarget(srv.Addr())
		all.Go(func() {
			if _, err := d.Dial(t.Context(), target); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := bastion.Counts(); n.Connections != 1 || n.Tunnels != 10 {
		t.Errorf("%+v", n)
	}
	if diff := cmp.Diff([]string{"root"}, bastion.Users()); diff != "" {
		t.Error(diff)
	}
}

func TestJump_failures_name_the_jump_host(t *testing.T) {
	t.Parallel()
	bastion, srv := testhost.New(t), testhost.New(t)
	bastion.RefuseLogins(true)
	opts := srv.Options()
	opts.Via.Jump = "me@" + bastion.Addr()
	_, err := tryDial(t, srv.Addr(), opts)
	var jump *remote.JumpError
	if !errors.As(err, &jump) || jump.Host != "me@"+bastion.Addr() {
		t.Fatalf("err = %v", err)
	}
	if want := "jump host me@" + bastion.Addr() + ": log in as me: no key was accepted (ssh.key_data/0)"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestJump_in_a_circle_is_told(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		opts := configured(t, testhost.New(t), run, "Host a\nProxyJump b\nHost b\nProxyJump c\nHost c\nProxyJump b\n")
		_, err := tryDial(t, "a", opts)
		if err == nil || !strings.HasSuffix(err.Error(), "the jump hosts lead in a circle") {
			t.Errorf("err = %v", err)
		}
	})
}

func TestProxyCommand_carries_the_connection(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		srv := testhost.New(t)
		opts := configured(t, srv, run, "Host web\nPort PORT\nProxyCommand "+self+" netcat ADDRESS:%p\nIdentityFile \"KEY\"\n")
		client := dial(t, "web", opts)
		if got := runLine(t, client, "echo through"); got != "through\n" {
			t.Errorf("got %q", got)
		}
		_ = client.Close()

		opts.Via.Command = "echo not a server"
		_, err := tryDial(t, "web", opts)
		want := `greet at port PORT through proxy command "echo not a server": the connection was closed before the server said anything`
		if err == nil || strings.ReplaceAll(err.Error(), port(srv), "PORT") != want {
			t.Errorf("err = %v", err)
		}
	})
}

// Whatever names a host or a user, no shell gets to run a part of it.
func TestProxyCommand_is_not_given_names_that_a_shell_runs(t *testing.T) {
	t.Parallel()
	withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
		for name, test := range map[string]struct{ conf, host, user string }{
			"a host":                {"", "x|touch<ran|", ""},
			"a user in the host":    {"", "x;touch ran;@web", ""},
			"a user of the options": {"", "web", "`touch ran`"},
			"a HostName":            {`Host web` + "\n" + `HostName "x;touch ran;"`, "web", ""},
			"a User":                {`User "x;touch ran;"`, "web", ""},
			"a jump host":           {"ProxyJump x|touch<ran|", "web", ""},
			"a jump host's user":    {"ProxyJump ;touch<ran;@web", "web", ""},
			"a variable":            {"ProxyJump $(touch<ran)", "web", ""},
		} {
			opts := configured(t, testhost.New(t), run, test.conf+"\n")
			ran := filepath.Join(opts.Local.Home, "ran")
			opts.Login.User, opts.Via.Command = test.user, "cd "+opts.Local.Home+"; echo %h %r %n"
			if strings.HasPrefix(test.conf, "ProxyJump") {
				opts.Via.Command = ""
			}
			target, err := remote.ParseTarget(test.host)
			if err == nil {
				_, err = remote.Dial(t.Context(), target, opts)
			}
			if err == nil {
				t.Errorf("%s: connected", name)
				continue
			}
			if !strings.Contains(err.Error(), "is not a") && !strings.Contains(err.Error(), "invalid") {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Errorf("%s: a command was run", name)
			}
		}
	})
}

func TestDial_reaches_IPv6_addresses(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.IPv6())
	opts := srv.Options()
	dial(t, srv.Addr(), opts)
	_, p, _ := net.SplitHostPort(srv.Addr())
	_, err := fmt.Sscan(p, &opts.Login.Port)
	if err != nil {
		t.Fatal(err)
	}
	dial(t, "::1", opts)
}

func TestDial_asks_a_busy_server_again(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.DropFirst(2))
	dial(t, srv.Addr(), srv.Options())
	if n := srv.Counts().Connections; n != 3 {
		t.Errorf("%d connections", n)
	}
}
