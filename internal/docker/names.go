package docker

import (
	"crypto/sha256"
	"encoding/hex"
)

// Hash is a hash of its arguments in n hex digits. It makes names that are unique to a run without
// a source of randomness, so that a plan can be made twice and be the same.
func Hash(n int, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil))[:n]
}
