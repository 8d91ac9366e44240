package remote

import (
	"bytes"
	"fmt"

	"golang.org/x/crypto/ssh"

	"mrsk/internal/textfile"
)

// revokedFile is a file that RevokedHostKeys names, with one public key per line.
type revokedFile struct {
	path string
	keys []ssh.PublicKey
}

// binaryRevocations is the beginning of a revocation list made by ssh-keygen -k.
const binaryRevocations = "SSHKRL\n\x00"

// revokedFile reads a file. A file that cannot be read or parsed is an error and so refuses all keys, as
// in OpenSSH.
func (d *Dialer) revokedFile(path string) (revokedFile, error) {
	text, err := textfile.ReadUpTo(path, largestKnown)
	if err != nil {
		return revokedFile{}, fmt.Errorf("RevokedHostKeys: %w", err)
	}
	if bytes.HasPrefix(text, []byte(binaryRevocations)) {
		return revokedFile{}, &UnsupportedError{"RevokedHostKeys", path + " is in the binary form of ssh-keygen -k; a file with a public key a line is supported"}
	}
	keys, err := parseRevoked(text)
	if err != nil {
		return revokedFile{}, fmt.Errorf("RevokedHostKeys: %s:%w", path, err)
	}
	return revokedFile{path, keys}, nil
}

func parseRevoked(text []byte) ([]ssh.PublicKey, error) {
	var keys []ssh.PublicKey
	number := 0
	for line := range bytes.Lines(text) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		key, _, _, _, err := ssh.ParseAuthorizedKey(line)
		if err != nil {
			return nil, fmt.Errorf("%d: is not a public key", number)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// check returns a *HostKeyError if the key is revoked. A certificate is revoked by its key or its authority, too.
func (f revokedFile) check(key ssh.PublicKey) error {
	same := []ssh.PublicKey{key}
	if cert, ok := key.(*ssh.Certificate); ok {
		same = append(same, cert.Key, cert.SignatureKey)
	}
	for _, revoked := range f.keys {
		for _, k := range same {
			if sameKey(revoked, k) {
				return &HostKeyError{File: f.path, Shown: ssh.FingerprintSHA256(key), Revoked: true}
			}
		}
	}
	return nil
}
