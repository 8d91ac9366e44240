package registry

import (
	"bytes"
	"fmt"
	"testing"
)

// What docker save writes becomes an image, or an error and no tag.
func FuzzImport(f *testing.F) {
	base := layer(f, "base")
	f.Add(archived(f, entry{name: "a/layer.tar", content: base}, entry{name: "b/layer.tar", link: "../a/layer.tar"}, entry{name: "c.json", content: config},
		entry{name: "manifest.json", content: `[{"Config":"c.json","Layers":["a/layer.tar","b/layer.tar"]}]`}))
	f.Add(archived(f, blob(base), blob(config), entry{name: "manifest.json", content: fmt.Sprintf(`[{"Config":%q,"Layers":[%q]}]`, blob(config).name, blob(base).name)}))
	f.Add(archived(f, entry{name: "a", link: "a"}, entry{name: "../../b", content: "x"}, entry{name: "manifest.json", content: `[{"Config":"a","Layers":["../../b",""]}]`}))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := open(t, t.TempDir())
		image, err := c.Import("shop", "v1", bytes.NewReader(text))
		if err != nil {
			if _, tagErr := c.Image("shop", "v1"); tagErr == nil {
				t.Errorf("there is an image after %v", err)
			}
			return
		}
		if _, err := c.document(image.Root); err != nil {
			t.Errorf("the image cannot be read: %v", err)
		}
	})
}
