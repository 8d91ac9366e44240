package remote_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// notes gathers what a Note hook is told.
type notes struct {
	mu   sync.Mutex
	told []string
}

func (n *notes) add(_, text string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.told = append(n.told, text)
}

func knownHosts(t *testing.T, opts remote.Options) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(opts.Local.Home, ".ssh", "known_hosts"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// strict lets the ssh configuration say StrictHostKeyChecking, in a folder without ssh.
func strict(t *testing.T, opts *remote.Options, value string) {
	t.Helper()
	inHome(t, *opts, "config", "StrictHostKeyChecking "+value+"\n")
	opts.Files = remote.Files{}
}

func TestHostKey_is_kept_when_the_host_is_new(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	var n notes
	opts.Hooks.Note = n.add
	inHome(t, opts, "known_hosts", "# no line end")
	for range 2 {
		dial(t, srv.Addr(), opts)
	}
	want := "# no line end\n" + knownhosts.Line([]string{srv.Addr()}, srv.HostKey()) + "\n"
	if got := knownHosts(t, opts); got != want {
		t.Errorf("known hosts:\n%s\nwant:\n%s", got, want)
	}
	if len(n.told) != 1 || !strings.HasPrefix(n.told[0], "new host key "+ssh.FingerprintSHA256(srv.HostKey())) {
		t.Errorf("notes: %q", n.told)
	}
}

func TestHostKey_that_has_changed_is_refused(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	known := srv.HostKey()
	path := inHome(t, opts, "known_hosts", "# first\n"+knownhosts.Line([]string{srv.Addr()}, known)+"\n")
	srv.RotateHostKey()
	_, err := tryDial(t, srv.Addr(), opts)
	var wrong *remote.HostKeyError
	if !errors.As(err, &wrong) {
		t.Fatalf("err = %v", err)
	}
	want := remote.HostKeyError{
		Host: knownhosts.Normalize(srv.Addr()), File: path, Line: 2,
		Known: ssh.FingerprintSHA256(known), Shown: ssh.FingerprintSHA256(srv.HostKey()),
	}
	if *wrong != want {
		t.Errorf("got  %+v\nwant %+v", *wrong, want)
	}
	if hint := fmt.Sprintf("ssh-keygen -f %s -R '%s'", path, want.Host); !strings.HasSuffix(wrong.Hint(), hint) {
		t.Errorf("hint %q", wrong.Hint())
	}
}

func TestHostKey_with_checking_off_is_only_noted(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	var n notes
	opts.Hooks.Note = n.add
	inHome(t, opts, "known_hosts", knownhosts.Line([]string{srv.Addr()}, srv.HostKey())+"\n")
	strict(t, &opts, "no")
	srv.RotateHostKey()
	dial(t, srv.Addr(), opts)
	if len(n.told) != 1 || !strings.Contains(n.told[0], "has changed") {
		t.Errorf("notes: %q", n.told)
	}
}

func TestHostKey_with_strict_checking_must_be_known(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := srv.Options()
	strict(t, &opts, "yes")
	_, err := tryDial(t, srv.Addr(), opts)
	var wrong *remote.HostKeyError
	if !errors.As(err, &wrong) || wrong.Line != 0 {
		t.Fatalf("err = %v", err)
	}
	inHome(t, opts, "known_hosts", knownhosts.Line([]string{srv.Addr()}, srv.HostKey())+"\n")
	dial(t, srv.Addr(), opts)
}

// A host has several keys, and the known one need not be the one that it would show first.
func TestHostKey_of_the_known_kind_is_asked_for(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := testhost.NewKey(t)
	srv := testhost.New(t, testhost.HostKeys(first, old))
	opts := srv.Options()
	line := knownhosts.Line([]string{srv.Addr()}, old.PublicKey()) + "\n"
	inHome(t, opts, "known_hosts", line)
	dial(t, srv.Addr(), opts)
	if got := knownHosts(t, opts); got != line {
		t.Errorf("another key was added:\n%s", got)
	}
}

func TestHostKey_lines_of_all_kinds_are_understood(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line func(address string, key ssh.PublicKey) string
		ok   bool
	}{
		"hashed": {func(address string, key ssh.PublicKey) string {
			return xknownhosts.HashHostname(knownhosts.Normalize(address)) + " " + authorized(key)
		}, true},
		"with a wildcard": {func(_ string, key ssh.PublicKey) string { return "127.0.0.* " + authorized(key) }, true},
		"beside one that cannot be read": {func(address string, key ssh.PublicKey) string {
			return "old 1024 35 1234567\nodd ssh-new AAAA\n" + knownhosts.Line([]string{address}, key)
		}, true},
		"revoked": {func(_ string, key ssh.PublicKey) string { return "@revoked * " + authorized(key) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t)
			opts := srv.Options()
			inHome(t, opts, "known_hosts", test.line(srv.Addr(), srv.HostKey())+"\n")
			strict(t, &opts, "yes")
			_, err := tryDial(t, srv.Addr(), opts)
			var wrong *remote.HostKeyError
			if test.ok && err != nil || !test.ok && (!errors.As(err, &wrong) || !wrong.Revoked) {
				t.Fatalf("err = %v", err)
			}
		})
	}
}

func authorized(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func TestHostKey_may_be_vouched_for_by_an_authority(t *testing.T) {
	t.Parallel()
	authority, _ := testhost.NewKey(t)
	key, _ := testhost.NewKey(t)
	cert := &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{"127.0.0.1"},
		ValidBefore: ssh.CertTimeInfinity,
	}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	certified, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	srv := testhost.New(t, testhost.HostKeys(certified, key))
	opts := srv.Options()
	line := "@cert-authority " + knownhosts.Normalize(srv.Addr()) + " " + authorized(authority.PublicKey()) + "\n"
	inHome(t, opts, "known_hosts", line)
	strict(t, &opts, "yes")
	dial(t, srv.Addr(), opts)
}

// Twenty hosts at once, by two runs that know nothing of each other.
func TestHostKey_lines_survive_concurrent_writers(t *testing.T) {
	t.Parallel()
	first := testhost.New(t)
	opts := first.Options()
	dialers := []*remote.Dialer{remote.NewDialer(opts), remote.NewDialer(opts)}
	var all sync.WaitGroup
	for i := range 20 {
		srv := testhost.New(t)
		srv.Trust(first.Key())
		target, _ := remote.ParseTarget(srv.Addr())
		all.Go(func() {
			c, err := dialers[i%2].Dial(t.Context(), target)
			if err != nil {
				t.Error(err)
				return
			}
			_ = c.Close()
		})
	}
	all.Wait()
	lines := strings.Split(strings.TrimSpace(knownHosts(t, opts)), "\n")
	if len(lines) != 20 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if _, _, _, _, _, err := ssh.ParseKnownHosts([]byte(line)); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}
