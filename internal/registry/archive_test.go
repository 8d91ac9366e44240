package registry

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// entry is a file of an archive, or a link to another one.
type entry struct{ name, content, link string }

func archived(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		switch {
		case e.link != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, e.link
		case strings.HasSuffix(e.name, "/"):
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func layer(t testing.TB, file string) string {
	t.Helper()
	return string(archived(t, entry{name: file, content: strings.Repeat(file, 100)}))
}

func gunzip(t *testing.T, c *Cache, d ocispec.Descriptor) string {
	t.Helper()
	file, err := c.open(d.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(must(io.ReadAll(z)))
}

const config = `{"architecture":"amd64","os":"linux"}`

// docker save of Docker 24 and before: a folder per layer, and a link where one is there twice.
func TestImport_reads_the_archives_of_older_engines(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	base, app := layer(t, "base"), layer(t, "app")
	text := archived(t,
		entry{name: "a1/"}, entry{name: "a1/VERSION", content: "1.0"}, entry{name: "a1/layer.tar", content: base},
		entry{name: "b2/"}, entry{name: "b2/layer.tar", content: app}, entry{name: "c3/layer.tar", link: "../a1/layer.tar"},
		entry{name: "conf.json", content: config},
		entry{name: "manifest.json", content: `[{"Config":"conf.json","RepoTags":["shop:v1"],"Layers":["a1/layer.tar","b2/layer.tar","c3/layer.tar"]}]`},
	)
	i, err := c.Import("acme/shop", "v1", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	doc := must(c.document(i.Root))
	if len(doc.Layers) != 3 || doc.Layers[0].Digest != doc.Layers[2].Digest || doc.Config.Digest != digest.FromString(config) {
		t.Fatalf("got %+v", doc)
	}
	if gunzip(t, c, doc.Layers[0]) != base || gunzip(t, c, doc.Layers[1]) != app {
		t.Error("the layers are not what they were")
	}
	again, err := c.Import("acme/shop", "v2", bytes.NewReader(text))
	if err != nil || again.Digest() != i.Digest() {
		t.Errorf("the same image is %s and %s, %v", i.Digest(), again.Digest(), err)
	}
}

func blob(content string) entry {
	return entry{name: "blobs/sha256/" + digest.FromString(content).Encoded(), content: content}
}

// docker save of Docker 25 and later: an OCI layout, with a list of the former kind.
func TestImport_reads_the_archives_of_newer_engines(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	base := layer(t, "base")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, layer(t, "packed"))
	_ = z.Close()
	list := fmt.Sprintf(`[{"Config":%q,"Layers":[%q,%q]}]`, blob(config).name, blob(base).name, blob(packed.String()).name)
	text := archived(t, blob(base), blob(packed.String()), blob(config), entry{name: "index.json", content: "{}"}, entry{name: "manifest.json", content: list})
	i, err := c.Import("shop", "v1", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	doc := must(c.document(i.Root))
	if gunzip(t, c, doc.Layers[0]) != base || doc.Layers[1].Digest != digest.FromString(packed.String()) {
		t.Errorf("got %+v", doc)
	}
	if known, ok := c.compressed(digest.FromString(base)); !ok || known.Digest != doc.Layers[0].Digest {
		t.Errorf("what the layer became is not remembered: %v", known)
	}
	again, err := c.Import("shop", "v2", bytes.NewReader(text))
	if err != nil || again.Digest() != i.Digest() {
		t.Errorf("the second time %v, %v", again.Root, err)
	}
	lying := bytes.Replace(text, []byte("basebase"), []byte("basebose"), 1)
	if _, err := c.Import("shop", "v3", bytes.NewReader(lying)); err == nil || !strings.Contains(err.Error(), "has another content than its name says") {
		t.Errorf("got %v", err)
	}
}

func TestImport_refuses_half_an_archive(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	base := layer(t, "base")
	for name, tt := range map[string]struct {
		text []byte
		want string
	}{
		"cut off":        {archived(t, blob(base))[:700], "unexpected EOF"},
		"without a list": {archived(t, blob(base)), "it has 0 images in place of one"},
		"lacks a layer":  {archived(t, blob(config), entry{name: "manifest.json", content: `[{"Config":"` + blob(config).name + `","Layers":["x/layer.tar"]}]`}), "x/layer.tar is not in it"},
	} {
		if _, err := c.Import("shop", "v1", bytes.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := c.Image("shop", "v1"); err == nil {
			t.Errorf("%s: there is an image", name)
		}
	}
}
