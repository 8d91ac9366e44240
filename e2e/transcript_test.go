//go:build e2e

package e2e

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

// transcript is what a command prints while it runs.
type transcript struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{}
}

func newTranscript() *transcript { return &transcript{grown: make(chan struct{}, 1)} }

func (o *transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.grown <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *transcript) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await waits until the text is as the test wants it; the test says what is wrong with one that
// never is.
func (o *transcript) await(t *testing.T, wanted func(text string) bool) {
	t.Helper()
	late := time.After(commandTime)
	for !wanted(o.String()) {
		select {
		case <-o.grown:
		case <-late:
			t.Errorf("after %s there is only\n%s", commandTime, o)
			return
		}
	}
}
