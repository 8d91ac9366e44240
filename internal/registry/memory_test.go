package registry

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"testing"

	"cuelabs.dev/go/oci/ociregistry"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// zeros is a layer of zeros that watches the heap of the process that reads or writes it.
type zeros struct {
	left, moved int64
	highest     uint64
}

// Read implements io.Reader.
func (z *zeros) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), z.left))
	clear(b[:n])
	z.left -= int64(n)
	z.watch(n)
	return n, nil
}

// Write implements io.Writer.
func (z *zeros) Write(b []byte) (int, error) {
	z.watch(len(b))
	return len(b), nil
}

// watch looks at the heap every 8 MB.
func (z *zeros) watch(n int) {
	before := z.moved >> 23
	if z.moved += int64(n); z.moved>>23 != before {
		z.highest = max(z.highest, heap())
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// A layer passes through, however large it is: both ends of the connection are in this process here.
func TestMemory_does_not_grow_with_a_layer(t *testing.T) { //nolint:paralleltest // it looks at the memory of all
	size := int64(1 << 30)
	if testing.Short() {
		size = 1 << 28
	}
	c := open(t, t.TempDir())
	sum := digest.SHA256.Hash()
	_, _ = io.Copy(sum, &zeros{left: size})
	layer := ociregistry.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: digest.NewDigest(digest.SHA256, sum), Size: size}
	runtime.GC()
	before := heap()

	_, in := receive(t, c, "acme/shop")
	pushed := &zeros{left: size}
	if _, err := in.PushBlob(t.Context(), "acme/shop", layer, pushed); err != nil {
		t.Fatal(err)
	}
	pushManifest(t, in, layer)

	c = open(t, c.dir) // another run, which has not seen the layer yet
	_, out := serve(t, c, image(t, c, "acme/shop", "v1"))
	pulled := &zeros{}
	r, err := out.GetBlob(t.Context(), "acme/shop", layer.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := io.Copy(pulled, r); err != nil || n != size {
		t.Fatalf("%d bytes, %v", n, err)
	}
	for way, highest := range map[string]uint64{"pushed": pushed.highest, "pulled": pulled.highest} {
		grown := int64(highest) - int64(before)
		t.Logf("%s %d MB: %s more than before", way, size>>20, fmt.Sprintf("%.1f MB", float64(grown)/1e6))
		if grown > 64<<20 {
			t.Errorf("%s %d MB takes %d MB of memory", way, size>>20, grown>>20)
		}
	}
}

// pushManifest makes an image of one layer.
func pushManifest(t *testing.T, to ociregistry.Interface, layer ociregistry.Descriptor) {
	t.Helper()
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Layers: []ocispec.Descriptor{layer}}
	m.Config = pushBlob(t, to, "acme/shop", config, ocispec.MediaTypeImageConfig)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.PushManifest(t.Context(), "acme/shop", "v1", text, m.MediaType); err != nil {
		t.Fatal(err)
	}
}
