package engine

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Registry stands for all registries that engines pull from and push to. Images of Docker Hub are there
// without being pushed.
type Registry struct {
	mu        sync.Mutex
	manifests map[string]manifest // by reference with a tag, and by repository@digest
	logins    map[string]string   // user:password by server, for those that ask for one
}

type manifest struct {
	digest  string
	created string
	labels  map[string]string
	files   map[string]string
}

// NewRegistry returns a registry without images.
func NewRegistry() *Registry {
	return &Registry{manifests: map[string]manifest{}, logins: map[string]string{}}
}

// Push puts an image into the registry. The same labels and content have the same digest.
func (r *Registry) Push(ref string, labels map[string]string, files map[string]string) {
	content := []string{}
	for _, m := range []map[string]string{labels, files} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			content = append(content, name, m[name])
		}
	}
	r.put(ref, manifest{digest(append(content, ref)...), "2026-01-01T00:00:00Z", labels, files})
}

// Protect makes a server ask for a login.
func (r *Registry) Protect(server, user, password string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logins[server] = user + ":" + password
}

// Tags are the references with a tag that the registry has, sorted.
func (r *Registry) Tags() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := slices.Sorted(maps.Keys(r.manifests))
	return slices.DeleteFunc(names, func(n string) bool { return strings.Contains(n, "@") })
}

func (r *Registry) put(ref string, m manifest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifests[normal(ref)] = m
	r.manifests[repository(ref)+"@sha256:"+m.digest] = m
}

func (r *Registry) get(ref string) (manifest, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, found := r.manifests[normal(ref)]
	if !found && serverIn(ref) == "" && !strings.Contains(ref, "@") {
		return manifest{digest: digest(normal(ref)), created: "2026-01-01T00:00:00Z"}, true
	}
	return m, found
}

func (r *Registry) password(server string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.logins[server]
}

// normal is a reference as docker shows it, with its tag.
func normal(ref string) string {
	for _, prefix := range []string{"index.docker.io/", "docker.io/", "library/"} {
		ref = strings.TrimPrefix(ref, prefix)
	}
	if strings.Contains(ref, "@") || strings.Contains(ref[strings.LastIndex(ref, "/")+1:], ":") {
		return ref
	}
	return ref + ":latest"
}

// repository is a reference without its tag and digest.
func repository(ref string) string {
	ref, _, digested := strings.Cut(normal(ref), "@")
	if digested {
		return ref
	}
	return ref[:strings.LastIndex(ref, ":")]
}

// serverIn is the registry in a reference, "" for Docker Hub.
func serverIn(ref string) string {
	first, _, found := strings.Cut(normal(ref), "/")
	if !found || !strings.ContainsAny(first, ".:") && first != "localhost" {
		return ""
	}
	return first
}

func (e *Engine) login(x *exchange) error {
	server := strings.Join(x.args, " ")
	password, err := x.Read("/dev/stdin")
	if err != nil {
		return err
	}
	if want := e.registry.password(server); want != "" && want != x.get("username")+":"+strings.TrimSpace(string(password)) {
		return daemonError("Get \"https://%s/v2/\": unauthorized: incorrect username or password", server)
	}
	e.logins[server] = true
	x.print("Login Succeeded")
	return nil
}

func (e *Engine) logout(x *exchange) error {
	delete(e.logins, strings.Join(x.args, " "))
	return nil
}

func (e *Engine) allowed(ref string) error {
	server := serverIn(ref)
	if e.registry.password(server) != "" && !e.logins[server] {
		return daemonError("Head \"https://%s/v2/\": no basic auth credentials", server)
	}
	return nil
}

var errNoBuilder = errors.New("ERROR: no builder found")

func (e *Engine) inspectBuilder(x *exchange) error {
	for _, name := range x.args {
		if !slices.Contains(e.builders, name) {
			return errNoBuilder
		}
		x.print("Name: %s\nPlatforms: linux/amd64*, linux/arm64*", name)
	}
	return nil
}

func (e *Engine) createBuilder(x *exchange) error {
	e.builders = append(e.builders, x.get("name"))
	return nil
}

func (e *Engine) removeBuilder(x *exchange) error {
	e.builders = slices.DeleteFunc(e.builders, func(b string) bool { return slices.Contains(x.args, b) })
	return nil
}
