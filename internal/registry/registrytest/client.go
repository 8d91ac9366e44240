// Package registrytest is the side of docker in tests of registries.
package registrytest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"

	"cuelabs.dev/go/oci/ociregistry"
	"cuelabs.dev/go/oci/ociregistry/ociclient"
)

// Login sends user and password, in base64, with each request.
type Login string

// RoundTrip implements http.RoundTripper.
func (l Login) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Basic "+string(l))
	return http.DefaultTransport.RoundTrip(r)
}

// Client returns a client of the registry at server, with the login that docker's configuration in
// the folder DOCKER_CONFIG has for it. It is for programs that take the place of docker.
func Client(server string) (ociregistry.Interface, error) {
	text, err := os.ReadFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json")) //nolint:forbidigo // as docker does
	if err != nil {
		return nil, err
	}
	var kept struct {
		Auths map[string]struct{ Auth string }
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, err
	}
	return ociclient.New(server, &ociclient.Options{Insecure: true, Transport: Login(kept.Auths[server].Auth)})
}
