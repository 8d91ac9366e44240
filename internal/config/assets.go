package config

import (
	"path"
	"strings"
)

// Assets is a folder with the assets of a role, such as scripts and styles. During a deploy, clients of
// the old and of the new version ask for theirs. The zero Assets is none.
type Assets struct {
	Path    string // in the container
	Options string // of the mount, such as "ro"
}

// readAssetPath reads path[:options], where options are those of the mount.
func readAssetPath[T any](at func(*T) *Assets) func(value, *T) {
	return func(v value, into *T) {
		text, ok := v.word()
		if !ok {
			return
		}
		a := Assets{}
		a.Path, a.Options, _ = strings.Cut(text, ":")
		if !path.IsAbs(a.Path) || path.Clean(a.Path) == "/" {
			v.advise("write the path in the container, such as /app/public/assets", "%q is not the absolute path of a folder", a.Path)
		}
		*at(into) = a
	}
}

// assetsOf returns the assets of a role. Only a role behind the proxy has assets.
func (d *draft) assetsOf(r roleFile, proxied bool) Assets {
	switch {
	case !proxied:
		return Assets{}
	case r.assets.Path != "":
		return r.assets
	}
	return d.assets
}
