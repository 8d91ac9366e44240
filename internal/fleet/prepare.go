package fleet

import "context"

// Prepare does what comes before the first connection, once: for work that must wait for the
// pre-connect hook although it needs no host itself.
func (f *Fleet) Prepare(ctx context.Context) error { return f.prepare(ctx) }

// HostName is the host on which it failed.
func (e *HostError) HostName() string { return e.Host }
