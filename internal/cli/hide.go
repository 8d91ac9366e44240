package cli

import (
	"errors"
	"io"
	"slices"
	"sync"

	"mrsk/internal/config"
	"mrsk/internal/redact"
	"mrsk/internal/secrets"
)

// hidden are the secrets that this run has read so far. Screen, record and the output of commands
// are shown without them.
type hidden struct {
	mu      sync.RWMutex
	secrets redact.Secrets
	empty   []string // what is to be said of those without a value
}

func (h *hidden) add(secrets ...redact.String) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secrets.Add(secrets...)
}

// hide returns text without the secrets, however they are spelled in it.
func (h *hidden) hide(text string) string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.secrets.Hide(text)
}

// settled is how much of text can be passed on, see redact.Secrets.
func (h *hidden) settled(text string) int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.secrets.Settled(text)
}

// lookup is get; what it finds is hidden from then on.
func (h *hidden) lookup(get config.Lookup) config.Lookup {
	return func(key string) (redact.String, error) {
		value, err := get(key)
		h.add(value)
		var empty *secrets.EmptyError
		var part *secrets.PartError
		hasValue := errors.As(err, &part)
		if (hasValue || errors.As(err, &empty)) && !slices.Contains(h.empty, err.Error()) {
			h.empty = append(h.empty, err.Error())
		}
		if hasValue {
			return value, nil
		}
		return value, err
	}
}

// veil passes on what is written to it without the secrets. It holds back what may be the
// beginning of one until more comes, or until it is flushed.
type veil struct {
	*hidden
	to      io.Writer
	pending string
}

func (h *hidden) veil(to io.Writer) *veil { return &veil{hidden: h, to: to} }

// Write passes on what cannot be part of a secret that is still to come.
func (v *veil) Write(p []byte) (int, error) {
	v.pending += string(p)
	return len(p), v.pass(v.settled(v.pending))
}

// Flush passes on the rest.
func (v *veil) Flush() error { return v.pass(len(v.pending)) }

func (v *veil) pass(n int) error {
	if n == 0 {
		return nil
	}
	text := v.hide(v.pending[:n])
	v.pending = v.pending[n:]
	_, err := io.WriteString(v.to, text)
	return err
}
