package config

import (
	"regexp"
	"strings"

	"mrsk/internal/redact"
	"mrsk/internal/yamltree"
)

var registrySection = section[Registry]{
	name: "registry",
	doc:  "Where images are pushed to and pulled from. Without the section no registry is needed: mrsk keeps images on this machine, and hosts pull them through the SSH connections. A server localhost:PORT does the same, and is part of the image names on the hosts.",
	fields: []field[Registry]{
		{"server", "string", "Docker Hub", "Host name of the registry, with a port if needed.", readServer},
		{"username", "string or array of one string", "", "User to log in as, or an array with the name of a secret. Required.", ref(func(r *Registry) *SecretRef { return &r.Username })},
		{"password", "string or array of one string", "", "Password to log in with, or an array with the name of a secret. Required.", ref(func(r *Registry) *SecretRef { return &r.Password })},
	},
}

// serverName matches host[:port][/path]; some registries have a path.
var serverName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[A-Za-z0-9_.-]+)*/?$`)

func readServer(v value, r *Registry) {
	server, ok := v.word()
	if ok && !serverName.MatchString(server) {
		v.advise("write the name only, such as ghcr.io, without https://", "is not a host name with a port")
	}
	r.Server = server
}

func readRegistry(v value, d *draft) {
	d.Registry = Registry{}
	if !registrySection.read(v, &d.Registry) || d.Registry.Local() {
		return
	}
	for _, key := range []string{"username", "password"} {
		if at := v.at(key); at.absent() {
			at.or(v).problem("is required")
		}
	}
}

// ref reads a text, or an array with the name of a secret.
func ref[T any](at func(*T) *SecretRef) func(value, *T) {
	return func(v value, into *T) {
		switch {
		case v.Kind == yamltree.List && len(v.Items) == 1 && v.Items[0].Kind == yamltree.Scalar:
			if key, ok := v.child("0", v.Items[0]).word(); ok {
				*at(into) = SecretRef{Key: key, Pos: v.Items[0].Pos}
			}
		case v.Kind == yamltree.Scalar && !v.Null:
			if s, ok := v.word(); ok {
				*at(into) = SecretRef{Text: redact.New(s), Pos: v.Pos}
			}
		default:
			v.shouldBe("a string, or an array with the name of one secret")
		}
	}
}

// secretName reads the name of a secret.
func secretName[T any](at func(*T) *SecretRef) func(value, *T) {
	return func(v value, into *T) {
		if key, ok := v.word(); ok {
			*at(into) = SecretRef{Key: key, Pos: v.Pos}
		}
	}
}

// Local reports whether mrsk keeps the images in its cache on this machine.
func (r Registry) Local() bool { return strings.HasPrefix(r.Server, "localhost:") }

// Port returns the port of the server, or "" if it has none.
func (r Registry) Port() string {
	_, port, _ := strings.Cut(r.Server, ":")
	return port
}

// ownRegistry is the registry in image names if the file has no registry section.
const ownRegistry = "localhost:5555"

// Familiar returns the name by which Docker lists a repository: without Docker Hub's server, and without
// library/, the folder of its official images.
func Familiar(repository string) string {
	server, path, _ := strings.Cut(repository, "/")
	if server == "docker.io" || server == "index.docker.io" {
		repository = path
	}
	if official, ok := strings.CutPrefix(repository, "library/"); ok && !strings.Contains(official, "/") {
		return official
	}
	return repository
}

// OnDockerHub reports whether the image is on Docker Hub. That is the default if neither registry/server
// nor the image names a server.
func (p *Project) OnDockerHub() bool {
	server, _, several := strings.Cut(Familiar(p.Repository()), "/")
	return !several || server != "localhost" && !strings.ContainsAny(server, ".:")
}

// ImagePath returns the name of the repository without the server.
func (p *Project) ImagePath() string {
	return strings.TrimPrefix(p.Repository(), p.Registry.Server+"/")
}
