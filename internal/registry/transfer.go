package registry

import (
	"context"
	"net"
	"sync/atomic"

	"cuelabs.dev/go/oci/ociregistry"
)

// Transfer counts what one client of an outlet asks for and gets. Moved is called when that changes,
// by several goroutines at once.
type Transfer struct {
	Moved       func(sent, asked int64)
	sent, asked atomic.Int64
}

// Sent returns how many bytes the client has got.
func (t *Transfer) Sent() int64 { return t.sent.Load() }

func (t *Transfer) add(sent, asked int64) { t.Moved(t.sent.Add(sent), t.asked.Add(asked)) }

// DialFor returns a Dial that counts for t.
func (o *Outlet) DialFor(t *Transfer) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) { return o.listener.dial(ctx, t) }
}

// counted is the server's end of a connection.
type counted struct {
	net.Conn
	transfer *Transfer
}

type transferKey struct{}

// withTransfer makes the transfer of a connection known to what is read for its requests.
func withTransfer(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(counted); ok && c.transfer != nil {
		return context.WithValue(ctx, transferKey{}, c.transfer)
	}
	return ctx
}

// count counts what is read of a blob. What is not read by the end was not asked for.
func count(ctx context.Context, r ociregistry.BlobReader, size int64) ociregistry.BlobReader {
	t, ok := ctx.Value(transferKey{}).(*Transfer)
	if !ok {
		return r
	}
	t.add(0, size)
	return &countedReader{r, t, size}
}

type countedReader struct {
	ociregistry.BlobReader
	transfer *Transfer
	left     int64
}

// Read implements io.Reader.
func (r *countedReader) Read(b []byte) (int, error) {
	n, err := r.BlobReader.Read(b)
	r.left -= int64(n)
	r.transfer.add(int64(n), 0)
	return n, err
}

// Close implements io.Closer.
func (r *countedReader) Close() error {
	r.transfer.add(0, -r.left)
	r.left = 0
	return r.BlobReader.Close()
}
