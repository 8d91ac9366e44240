package config

import "testing"

// Where images stay on this machine, the engine builds unless that needs more than every engine has.
func TestDriver_that_the_file_leaves_open(t *testing.T) {
	t.Parallel()
	const alone, registry = "service: app\nservers: [h1]\n", "service: app\nimage: app\nservers: [h1]\nregistry: {server: r, username: u, password: p}\n"
	for _, tt := range []struct {
		text, builder, want string
		arch                []string
	}{
		{alone, "", "docker", nil},
		{alone, "", "docker", []string{"arm64"}},
		{alone, "", "docker-container", []string{"amd64", "arm64"}},
		{alone, "arch: amd64", "docker", []string{"amd64", "arm64"}},
		{alone, "arch: [amd64, arm64]", "docker-container", nil},
		{alone, "driver: docker-container", "docker-container", nil},
		{alone, "driver: docker", "docker", []string{"amd64", "arm64"}},
		{alone, "cache: {type: gha}", "docker-container", nil},
		{alone, "remote: ssh://b", "docker-container", nil},
		{alone, "provenance: mode=max", "docker-container", nil},
		{alone, "provenance: false", "docker", nil},
		{alone, "sbom: true", "docker-container", nil},
		{alone + "registry: {server: localhost:5000}\n", "", "docker", nil},
		{registry, "", "docker-container", nil},
		{registry, "multiarch: false", "docker", nil},
	} {
		text := tt.text + "builder: {" + tt.builder + "}\n"
		c, err := Load(LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Builder.For(tt.arch).Driver; got != tt.want {
			t.Errorf("%s for %q: got %s, want %s", text, tt.arch, got, tt.want)
		}
	}
}

func TestImagePath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ server, image, want string }{
		{"localhost:5555", "acme/shop", "acme/shop"}, {"localhost:5555", "ghcr.io/acme/shop", "ghcr.io/acme/shop"}, {"", "shop", "shop"},
	} {
		c := &Project{Image: tt.image, Registry: Registry{Server: tt.server}}
		if got := c.ImagePath(); got != tt.want {
			t.Errorf("%+v: got %s", tt, got)
		}
	}
}
