package config

import (
	"path"
	"strings"
)

// Assets are files in the image of a role, of which clients of the old version may still ask for
// when the new one serves, and the other way round. The zero Assets are none.
type Assets struct {
	Path    string // in the container
	Options string // of the mount, such as "ro"
}

// readAssetPath reads a path with the options of its mount behind a colon.
func readAssetPath[T any](at func(*T) *Assets) func(value, *T) {
	return func(v value, into *T) {
		text, ok := v.word()
		if !ok {
			return
		}
		a := Assets{}
		a.Path, a.Options, _ = strings.Cut(text, ":")
		if !path.IsAbs(a.Path) || path.Clean(a.Path) == "/" {
			v.advise("write the path in the container, such as /app/public/assets", "%q is no absolute path of a folder", a.Path)
		}
		*at(into) = a
	}
}

// assetsOf are the assets of a role: only a role behind the proxy has any.
func (d *draft) assetsOf(r roleFile, proxied bool) Assets {
	switch {
	case !proxied:
		return Assets{}
	case r.assets.Path != "":
		return r.assets
	}
	return d.assets
}
