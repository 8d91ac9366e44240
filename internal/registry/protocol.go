package registry

import (
	"net/http"
	"strings"

	"cuelabs.dev/go/oci/ociregistry"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	"github.com/opencontainers/go-digest"
)

// protocol is a server of the registry protocol. It answers by itself where the library differs from
// the specification: with 400 to what a registry need not offer.
func protocol(of ociregistry.Interface) http.Handler {
	// Without the referrers API clients ask for tags, which are not there either.
	library := ociserver.New(of, &ociserver.Options{DisableReferrersAPI: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, reference, manifest := strings.Cut(r.URL.Path, "/manifests/")
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		case strings.HasSuffix(r.URL.Path, "/tags/list"):
			_ = ociregistry.WriteError(w, ociregistry.ErrNameUnknown)
			return
		case manifest && strings.Contains(reference, ":") && digest.Digest(reference).Validate() != nil:
			_ = ociregistry.WriteError(w, ociregistry.ErrDigestInvalid)
			return
		}
		if strings.HasPrefix(r.Header.Get("Range"), "bytes=-") {
			r.Header.Del("Range") // the whole is a right answer, too
		}
		library.ServeHTTP(w, r)
	})
}

// mounting begins an upload of a blob that is to be mounted and that the cache does not have.
func (c *Cache) mounting(inside http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if mount := query.Get("mount"); mount != "" {
			if _, err := c.stat(digest.Digest(mount)); err != nil {
				query.Del("mount")
				query.Del("from")
				r.URL.RawQuery = query.Encode()
			}
		}
		inside.ServeHTTP(w, r)
	})
}
