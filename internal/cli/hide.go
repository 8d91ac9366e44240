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

// split returns what of text can be passed on, and the rest, see redact.Secrets.
func (h *hidden) split(text string) (settled, rest string) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.secrets.Split(text)
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

// takeEmpty returns what is to be said of secrets without a value, once.
func (h *hidden) takeEmpty() []string {
	empty := h.empty
	h.empty = nil
	return empty
}

// veil passes on what is written to it without the secrets. It holds back what may be the
// beginning of one until more comes, or until it is flushed.
type veil struct {
	*hidden
	to      io.Writer
	pending string
}

func (h *hidden) veil(to io.Writer) *veil { return &veil{hidden: h, to: to} }

// atOnce is how many bytes a veil looks at, apart from those that it has held back.
const atOnce = 32 << 10

// Write passes on what cannot be part of a secret that is still to come.
func (v *veil) Write(p []byte) (int, error) {
	for part := range slices.Chunk(p, atOnce) {
		settled, rest := v.split(v.pending + string(part))
		v.pending = rest
		if err := v.pass(settled); err != nil {
			return len(p), err
		}
	}
	return len(p), nil
}

// Flush passes on the rest.
func (v *veil) Flush() error {
	rest := v.pending
	v.pending = ""
	return v.pass(rest)
}

func (v *veil) pass(text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(v.to, v.hide(text))
	return err
}
