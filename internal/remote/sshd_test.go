package remote_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"mrsk/internal/testhost"
)

// keyPair is a key with its file, as sshd wants it.
type keyPair struct {
	ssh.Signer
	pem  []byte
	cert *ssh.Certificate // vouches for it
}

func newPair(t *testing.T, private crypto.PrivateKey, err error) keyPair {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{Signer: signer, pem: pem.EncodeToMemory(block)}
}

func edKey(t *testing.T) keyPair {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return newPair(t, private, err)
}

func rsaKey(t *testing.T, bits int) keyPair {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	return newPair(t, private, err)
}

// withSHA1 is the RSA key, signing as old authorities do.
func withSHA1(t *testing.T, key keyPair) keyPair {
	t.Helper()
	able, ok := key.Signer.(ssh.AlgorithmSigner)
	if !ok {
		t.Fatal("the key cannot choose an algorithm")
	}
	signer, err := ssh.NewSignerWithAlgorithms(able, []string{ssh.KeyAlgoRSA})
	if err != nil {
		t.Fatal(err)
	}
	key.Signer = signer
	return key
}

// vouched is key with a certificate by authority, for the host unless change says otherwise.
func vouched(t *testing.T, authority, key keyPair, change func(*ssh.Certificate)) keyPair {
	t.Helper()
	key.cert = &ssh.Certificate{
		Key: key.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{"127.0.0.1"},
		ValidBefore: ssh.CertTimeInfinity,
	}
	if change != nil {
		change(key.cert)
	}
	if err := key.cert.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	return key
}

// signers are the keys as a server in this process wants them.
func (k keyPair) signers(t *testing.T) []ssh.Signer {
	t.Helper()
	if k.cert == nil {
		return []ssh.Signer{k.Signer}
	}
	certified, err := ssh.NewCertSigner(k.cert, k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return []ssh.Signer{certified, k.Signer}
}

// startSSHD runs the sshd that the variable SSHD names, which accepts the key trusted, and returns its
// address. Without one the server of this process takes its place: it starts in no time. The tests
// of e2e bring a real one.
func startSSHD(t *testing.T, trusted ssh.PublicKey, hostKeys []keyPair) string {
	t.Helper()
	program := os.Getenv("SSHD")
	if program == "" {
		return standIn(t, trusted, hostKeys)
	}
	dir := t.TempDir()
	var lc net.ListenConfig
	free, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	conf := "ListenAddress 127.0.0.1\nPort " + port + "\nStrictModes no\nMaxStartups 1000\nUsePAM no\nPidFile none\nPermitRootLogin yes\n" +
		"AuthorizedKeysFile " + put(t, dir, "authorized", authorizedLine(trusted)) + "\n"
	for i, k := range hostKeys {
		name := put(t, dir, fmt.Sprint("host", i), k.pem)
		conf += "HostKey " + name + "\n"
		if k.cert != nil {
			conf += "HostCertificate " + put(t, dir, fmt.Sprint("host", i, "-cert.pub"), ssh.MarshalAuthorizedKey(k.cert)) + "\n"
		}
	}
	file := put(t, dir, "sshd_config", []byte(conf))
	// Since OpenSSH 9.8 whoever refuses many host keys is kept out for a while.
	if exec.Command(program, "-t", "-o", "PerSourcePenalties=no", "-f", file).Run() == nil {
		put(t, dir, "sshd_config", []byte(conf+"PerSourcePenalties no\n"))
	}
	var log bytes.Buffer
	cmd := exec.Command(program, "-D", "-e", "-f", file)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("sshd: %s", log.String())
		}
	})
	eventually(t, "sshd listens", func() bool {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	return address
}

// authorizedLine lets the key log in; of a certificate, all that its authority vouches for.
func authorizedLine(trusted ssh.PublicKey) []byte {
	if cert, ok := trusted.(*ssh.Certificate); ok {
		return append([]byte("cert-authority "), ssh.MarshalAuthorizedKey(cert.SignatureKey)...)
	}
	return ssh.MarshalAuthorizedKey(trusted)
}

func standIn(t *testing.T, trusted ssh.PublicKey, hostKeys []keyPair) string {
	t.Helper()
	var keys []ssh.Signer
	for _, k := range hostKeys {
		keys = append(keys, k.signers(t)...)
	}
	srv := testhost.New(t, testhost.HostKeys(keys...))
	srv.TrustPublic(trusted)
	return srv.Addr()
}

func put(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// askSSH lets the program ssh log in on web, and returns what it does: it connects, asks, or
// refuses. Questions are answered with yes.
func askSSH(t *testing.T, dir, agent string) (verdict, said string) {
	t.Helper()
	asked := filepath.Join(dir, "asked")
	askpass := put(t, dir, "askpass", []byte("#!/bin/sh\n: >'"+asked+"'\necho yes\n"))
	if err := os.Chmod(askpass, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ssh", "-F", filepath.Join(dir, "config"), "-T", "-n", "web", "true")
	cmd.Env = append(os.Environ(), "SSH_ASKPASS="+askpass, "SSH_ASKPASS_REQUIRE=force", "DISPLAY=:0", "SSH_AUTH_SOCK="+agent)
	out, err := cmd.CombinedOutput()
	_, was := os.Stat(asked)
	switch {
	case err != nil:
		return refuses, string(out)
	case was == nil:
		return asks, string(out)
	}
	return connects, string(out)
}

// account is who runs the tests: a real sshd lets nobody else in.
func account(t *testing.T) string {
	t.Helper()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

func pub(key ssh.PublicKey) string { return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) }
