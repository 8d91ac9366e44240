package remote

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the format of known_hosts
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"

	"mrsk/internal/textfile"
)

// largestKnown is the largest size, in bytes, of a known_hosts file that is read.
const largestKnown = 64 << 20

// knownLine is a line of a known_hosts file.
type knownLine struct {
	file   string
	number int
	marker string   // "", "cert-authority" or "revoked"
	hosts  []string // patterns, or one hashed name
	key    ssh.PublicKey
}

// readKnown reads the files. It ignores files that do not exist. A file that exists and cannot be read
// is an error: it could revoke a key.
func readKnown(files []string) ([]knownLine, error) {
	var out []knownLine
	for _, f := range files {
		text, err := textfile.ReadUpTo(f, largestKnown)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		default:
			out = append(out, parseKnown(f, text)...)
		}
	}
	return out, nil
}

// parseKnown parses a file. It ignores lines that it does not understand, as OpenSSH does.
func parseKnown(file string, text []byte) []knownLine {
	var out []knownLine
	number := 0
	for line := range bytes.Lines(text) {
		number++
		marker, hosts, key, _, _, err := ssh.ParseKnownHosts(line)
		if err == nil && (marker == "" || marker == "cert-authority" || marker == "revoked") {
			out = append(out, knownLine{file, number, marker, hosts, key})
		}
	}
	return out
}

// isOf reports whether the line is for the host name, which is in lower case.
func (k knownLine) isOf(name string) bool {
	if len(k.hosts) == 1 && strings.HasPrefix(k.hosts[0], "|") {
		return isHashOf(k.hosts[0], name)
	}
	patterns := make([]string, len(k.hosts))
	for i, p := range k.hosts {
		patterns[i] = strings.ToLower(p)
	}
	return matchesList(patterns, name)
}

// isHashOf reports whether hash, in the form |1|salt|mac, is the hash of name.
func isHashOf(hash, name string) bool {
	parts := strings.Split(hash, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return false
	}
	salt, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	return parts[3] == base64.StdEncoding.EncodeToString(hashName(salt, name))
}

func hashName(salt []byte, name string) []byte {
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(name))
	return mac.Sum(nil)
}

// knownName returns the name of an address in known_hosts: host, or [host]:port for ports other than 22.
func knownName(host, port string) string {
	host = strings.ToLower(host)
	if port == "22" {
		return host
	}
	return "[" + host + "]:" + port
}

// keyStatus is whether known_hosts has a key.
type keyStatus int

const (
	unknownKey keyStatus = iota
	knownKey
	changedKey
	revokedKey
)

// find returns the status of key as the key of name, and the line that decides it. It follows
// check_key_in_hostkeys of OpenSSH. A certificate is known only if its authority is.
func find(lines []knownLine, name string, key ssh.PublicKey) (keyStatus, knownLine) {
	cert, isCert := key.(*ssh.Certificate)
	wanted, looked := "", key
	if isCert {
		wanted, looked = "cert-authority", cert.SignatureKey
	}
	is, at := unknownKey, knownLine{}
	for _, l := range lines {
		switch {
		case !l.isOf(name):
		case l.marker == "revoked" && (sameKey(l.key, looked) || isCert && sameKey(l.key, cert.Key)):
			return revokedKey, l
		case l.marker != wanted || is == knownKey:
		case sameKey(l.key, looked):
			is, at = knownKey, l
		case is == unknownKey || at.key.Type() != looked.Type() && l.key.Type() == looked.Type():
			is, at = changedKey, l
		}
	}
	return is, at
}

// lockTimeout is how long to wait for another process that holds the lock of a known_hosts file. All other new hosts
// wait as well.
const lockTimeout = 2 * time.Second

// add appends the key of name to the first of the user's files, and returns that file. It takes a lock,
// because other processes may append at the same time.
func (t *trust) add(name string, key ssh.PublicKey, hashed bool) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if hashed {
		salt := randomSalt()
		name = "|1|" + base64.StdEncoding.EncodeToString(salt) + "|" + base64.StdEncoding.EncodeToString(hashName(salt, name))
	}
	line := name + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + "\n"
	return t.file(), appendLine(t.file(), line, lockTimeout)
}

func appendLine(path, line string, timeout time.Duration) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	lock(f, timeout)
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\n")) {
		line = "\n" + line
	}
	_, err = f.WriteString(line)
	return err
}

// lock locks f until it is closed. It is best effort, because a line is appended in one write: it gives up on a file
// system without locks, and after the timeout. It polls, because nothing can interrupt a process that waits for a lock.
func lock(f *os.File, timeout time.Duration) {
	until := time.NewTimer(timeout)
	defer until.Stop()
	again := time.NewTicker(lockPoll)
	defer again.Stop()
	for lockedElsewhere(f) {
		select {
		case <-until.C:
			return
		case <-again.C:
		}
	}
}

// lockPoll is the time between two attempts to take a lock.
const lockPoll = 20 * time.Millisecond

// lockedElsewhere locks f, and reports whether another process holds the lock.
func lockedElsewhere(f *os.File) bool {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR)
}
