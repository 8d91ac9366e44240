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

	"golang.org/x/crypto/ssh"

	"mrsk/internal/textfile"
)

// largestKnown is the size up to which known_hosts and similar files are read.
const largestKnown = 64 << 20

// knownLine is a line of a known_hosts file.
type knownLine struct {
	file   string
	number int
	marker string   // "", "cert-authority" or "revoked"
	hosts  []string // patterns, or one hashed name
	key    ssh.PublicKey
}

// readKnown reads files. Those that are not there are as if empty; one that cannot be read is an
// error, as what it says of a host is not known.
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

// parseKnown passes over lines that it does not understand, as OpenSSH does.
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

// isOf reports whether the line is about name, in lower case.
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

// isHashOf reports whether hash, |1|salt|mac, is of name.
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

// knownName is how known_hosts names an address: the port stands there if it is not 22.
func knownName(host, port string) string {
	host = strings.ToLower(host)
	if port == "22" {
		return host
	}
	return "[" + host + "]:" + port
}

// standing is what known_hosts says of a key.
type standing int

const (
	unknownKey standing = iota
	knownKey
	changedKey
	revokedKey
)

// find is check_key_in_hostkeys of OpenSSH: what lines say of key as the key of name, and the line
// that says so. A certificate is known by its authority, and by nothing else.
func find(lines []knownLine, name string, key ssh.PublicKey) (standing, knownLine) {
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

// add appends the key of name to the first of the user's files, and returns that file. Other
// processes may do the same at the same time.
func (t *trust) add(name string, key ssh.PublicKey, hashed bool) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if hashed {
		salt := randomSalt()
		name = "|1|" + base64.StdEncoding.EncodeToString(salt) + "|" + base64.StdEncoding.EncodeToString(hashName(salt, name))
	}
	line := name + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + "\n"
	return t.file(), appendLine(t.file(), line)
}

func appendLine(path, line string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	// The lock goes with the file; where there is none, appending in one write is all there is.
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
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
