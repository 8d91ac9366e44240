package remote

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func publicKey(t testing.TB, seed byte) ssh.PublicKey {
	t.Helper()
	key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Kind string
		Key  []byte
	}{ssh.KeyAlgoED25519, slices.Repeat([]byte{seed}, 32)}))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVerifier_compares_the_address_where_CheckHostIP_is_on(t *testing.T) {
	t.Parallel()
	key, other := publicKey(t, 1), publicKey(t, 2)
	for name, test := range map[string]struct {
		known   ssh.PublicKey
		address string
		on, ok  bool
	}{
		"the same":         {key, "192.0.2.1", true, true},
		"another":          {other, "192.0.2.1", true, false},
		"another, but off": {other, "192.0.2.1", false, true},
		"none known":       {other, "192.0.2.2", true, true},
		"this machine":     {other, "127.0.0.1", true, true},
	} {
		lines := []knownLine{{file: "f", number: 1, hosts: []string{"192.0.2.1", "127.0.0.1"}, key: test.known}}
		v := &verifier{d: NewDialer(Options{}), l: login{host: "web", port: 22}, trust: &trust{}, rules: rules{checkIP: test.on}}
		err := v.checkAddress(lines, &net.TCPAddr{IP: net.ParseIP(test.address), Port: 22}, key)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRules_refuse_what_they_cannot_keep_by_name(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]string{
		"knownhostscommand /bin/x":          "KnownHostsCommand",
		"proxyusefdpass yes":                "ProxyUseFdpass",
		"pubkeyauthentication false":        "PubkeyAuthentication",
		"preferredauthentications password": "PreferredAuthentications",
		"ciphers x":                         "ciphers",
		"revokedhostkeys /nonexistent":      "RevokedHostKeys",
	} {
		key, value, _ := strings.Cut(option, " ")
		_, err := NewDialer(Options{}).rules(login{conf: directives{key: {value}}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", option, err)
		}
	}
}

func TestMatchesPattern_takes_no_longer_for_an_odd_pattern(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	if matchesPattern(strings.Repeat("*a", 2000), strings.Repeat("a", 4000)+"b") {
		t.Error("matches")
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

// Somebody may hold the lock for long. A new key is kept all the same, and nobody waits for it.
func TestAppendLine_does_not_wait_for_the_lock_for_long(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "known_hosts")
	locked(t, path)
	if err := appendLine(path, "web key\n", time.Millisecond); err != nil {
		t.Error(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "web key\n" {
		t.Errorf("%q", text)
	}
}

// A goroutine that waits for the lock of a closed file could take that of the file that gets its descriptor.
func TestLock_leaves_no_goroutine_behind(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "known_hosts")
	held, waiting := locked(t, path), opened(t, path)
	lock(waiting, time.Millisecond)
	_ = held.Close()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if strings.Contains(string(stacks), "remote.lock.func") {
		t.Errorf("%s", stacks)
	}
}

func TestLock_takes_the_lock_once_it_is_free(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "known_hosts")
	held, waiting := locked(t, path), opened(t, path)
	done := make(chan struct{})
	go func() {
		defer close(done)
		lock(waiting, time.Minute)
	}()
	_ = held.Close()
	<-done
	if err := syscall.Flock(int(opened(t, path).Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("the lock is free: %v", err)
	}
}

func opened(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func locked(t *testing.T, path string) *os.File {
	t.Helper()
	f := opened(t, path)
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return f
}

// Whatever stands in a file, reading it ends, and no line is about a host that it does not name.
func FuzzKnownHosts(f *testing.F) {
	key := string(ssh.MarshalAuthorizedKey(publicKey(f, 1)))
	for _, hosts := range []string{"web", "[web]:22,10.0.0.1", "|1|c2FsdA==|bWFj", "*,!web", "@revoked *", "@cert-authority *.example.com", "@odd x", "#", "|1|", "||||"} {
		f.Add(hosts+" "+key, "web")
	}
	f.Add("web ssh-ed25519 AAAA\n\x00\r\n", "web")
	f.Fuzz(func(t *testing.T, text, name string) {
		lines := parseKnown("f", []byte(text))
		wanted := publicKey(t, 1)
		is, at := find(lines, name, wanted)
		if is != unknownKey && !at.isOf(name) {
			t.Errorf("%v by a line of another host: %v", is, at)
		}
		if is == knownKey && (at.marker != "" || !sameKey(at.key, wanted)) {
			t.Errorf("known by %+v", at)
		}
	})
}

// What ssh -G prints of the files of known hosts is never split in another way than it was written.
func FuzzLists(f *testing.F) {
	f.Add("/a b", "/c", "UserKnownHostsFile \"/a b\" /c")
	f.Add("/a", "b /c", "UserKnownHostsFile /a 'b /c'\nMatch host x\nUserKnownHostsFile /a b /c")
	f.Add("none", "", "UserKnownHostsFile none\n\"UserKnownHostsFile\" = x")
	f.Add("/%h", "~/x", "UserKnownHostsFile /%h ~/x # comment")
	f.Fuzz(func(t *testing.T, one, two, conf string) {
		text := flattened{}
		for line := range strings.Lines(conf) {
			key, value := keyword(strings.TrimSpace(line))
			text.lines = append(text.lines, configLine{key: key, value: value})
		}
		printed := strings.TrimSpace(one + " " + two)
		d := parseDirectives("userknownhostsfile " + strings.ReplaceAll(printed, "\n", " ") + "\n")
		tokens := tokens{local: Local{Home: "/home/x"}, host: "h", port: 22}
		if splitLists(d, text, tokens) != nil {
			return
		}
		written := text.lists("userknownhostsfile")
		got := d["userknownhostsfile"]
		if len(got) < 2 || len(written) == 0 {
			return
		}
		for _, words := range append(written, systemKnown) {
			if paths, err := tokens.paths(words); err == nil && slices.Equal(paths, got) {
				return
			}
		}
		t.Errorf("%q was taken for %q, and %q is written", printed, got, written)
	})
}

// Any configuration is read to its end, with or without ssh.
func FuzzConfiguration(f *testing.F) {
	f.Add("Host *.example.com !db\n  Port=22\nMatch all\nUser \"a b\"\n", "web")
	f.Add("Include x\nIdentityFile a\\ b 'c\nHost \"\n", "")
	f.Add("StrictHostKeyChecking yes\nMatch exec \"x\"\nStrictHostKeyChecking no", "web")
	f.Fuzz(func(t *testing.T, text, host string) {
		fl := flattener{home: "/nonexistent"}
		for line := range strings.Lines(text) {
			_ = fl.directive(strings.TrimSpace(line), "/nonexistent/config", 0)
		}
		if d, err := fl.out.evaluate(host); err == nil {
			for _, l := range fl.out.lines {
				if l.match && restricts(l.key) {
					t.Errorf("%s in a Match block was passed over: %v", l.key, d)
				}
			}
		}
	})
}
