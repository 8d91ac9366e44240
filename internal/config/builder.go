package config

import (
	"net/url"
	"regexp"
	"strings"

	"mrsk/internal/yamltree"
)

var builderSection = section[Builder]{
	name: "builder",
	doc:  "How the image is built.",
	fields: []field[Builder]{
		{"arch", "string or array of strings", "that of the hosts", "Architectures to build for, such as amd64 and arm64.", readArch},
		{"remote", "string", "", "Docker endpoint for the architectures that the local machine does not build, such as ssh://user@host. Deprecated form: a hash with arch and host.", readRemote},
		{"local", "boolean", "", "Build on the local machine. false needs a remote. Deprecated form: a hash with arch and host.", readLocal},
		{"multiarch", "boolean", "", "Deprecated: true is arch [amd64, arm64], false is driver docker.", readMultiarch},
		{"driver", "string", "", "Driver of buildx. docker builds with the engine itself, cloud ORG/NAME with Docker Build Cloud. Without a registry the default is docker, unless another key of this section needs more.", word(func(b *Builder) *string { return &b.Driver })},
		{"context", "string", "", "Folder to build from. If unset, the image is built from a clean clone of the git checkout. If set, uncommitted changes are included.", word(func(b *Builder) *string { return &b.Context })},
		{"dockerfile", "string", "", "Path of the Dockerfile.", word(func(b *Builder) *string { return &b.Dockerfile })},
		{"target", "string", "", "Build stage to stop at.", optionalWord(func(b *Builder) *string { return &b.Target })},
		{"args", "hash of strings", "", "Build arguments.", readArgs},
		{"secrets", "array of strings", "[]", "Secrets that the build can mount: names in the secrets files.", readBuildSecrets},
		{"ssh", "string", "", "SSH agent socket or keys for the build, in the form of docker build --ssh, such as default=$SSH_AUTH_SOCK. $NAME comes from your environment.", optionalWord(func(b *Builder) *string { return &b.SSH })},
		{"cache", "hash", "", "Where to keep layers between builds; see builder/cache.", readCache},
		{"provenance", "string or boolean", "", "Provenance attestation, in the form of buildx --provenance.", word(func(b *Builder) *string { return &b.Provenance })},
		{"sbom", "boolean", "", "Bill of materials, in the form of buildx --sbom.", word(func(b *Builder) *string { return &b.SBOM })},
		{"pack", "hash", "", "Build with Cloud Native Buildpacks and without a Dockerfile; see builder/pack.", readPack},
	},
}

var cacheSection = section[Cache]{
	name: "builder/cache",
	doc:  "Where the builder keeps layers between builds.",
	fields: []field[Cache]{
		{"type", "string", "", "gha or registry. Required.", oneOf(func(c *Cache) *string { return &c.Type }, "gha", "registry")},
		{"options", "string", "", "Further options, such as mode=max.", text(func(c *Cache) *string { return &c.Options })},
		{"image", "string", "<image>-build-cache", "Repository of the cache, for type registry.", word(func(c *Cache) *string { return &c.Image })},
	},
}

var packSection = section[Pack]{
	name: "builder/pack",
	doc:  "Build with Cloud Native Buildpacks. The program pack must be installed. Build arguments and secrets are in the environment of the build.",
	fields: []field[Pack]{
		{"builder", "string", "", "Image of the builder, such as heroku/builder:24. Required.", word(func(p *Pack) *string { return &p.Builder })},
		{"buildpacks", "array of strings", "[]", "Buildpacks to use, in this order. If empty, the builder detects them.", words(func(p *Pack) *[]string { return &p.Buildpacks })},
	},
}

func readBuilder(v value, d *draft) {
	b := &d.Builder
	b.Pos = v.Pos
	if !builderSection.read(v, b) {
		return
	}
	convertMachines(v, b)
	if !b.Local && b.Remote == "" {
		v.problem("local: false needs builder/remote")
	}
	if len(b.Arch) > 1 && b.Pack != nil {
		v.problem("buildpacks build for one architecture only")
	}
}

var archName = regexp.MustCompile(`^[a-z0-9]+(/[a-z0-9]+)*$`)

func readArch(v value, b *Builder) {
	items := []value{v}
	switch {
	case v.Kind == yamltree.List:
		items, _ = v.array()
	case v.Kind == yamltree.Map || v.Null:
		v.shouldBe("an array or a string")
		return
	}
	if len(items) == 0 {
		v.problem("names no architecture")
	}
	for _, item := range items {
		arch, ok := item.word()
		if ok && !archName.MatchString(arch) {
			item.problem("%q is not an architecture such as amd64 or arm64", arch)
		}
		b.Arch = append(b.Arch, arch)
	}
}

func readArgs(v value, b *Builder) {
	entries, _ := v.hash()
	for _, e := range entries {
		checkEnvName(e.value, e.key)
		p := Pair{Name: e.key, Pos: e.Pos}
		if e.Kind == yamltree.List {
			p.Value = e.inspected()
			b.Args = append(b.Args, p)
			continue
		}
		if e.Kind != yamltree.Scalar || !e.Null {
			p.Value, _ = e.text()
		}
		b.Args = append(b.Args, p)
	}
}

func readBuildSecrets(v value, b *Builder) {
	items, _ := v.array()
	for _, item := range items {
		if s, ok := readSecret(item); ok {
			b.Secrets = append(b.Secrets, s)
		}
	}
}

func readCache(v value, b *Builder) {
	var c Cache
	if !cacheSection.read(v, &c) {
		return
	}
	if t := v.at("type"); t.absent() {
		t.or(v).problem("is required: gha or registry")
	}
	b.Cache = &c
}

func readPack(v value, b *Builder) {
	var p Pack
	if !packSection.read(v, &p) {
		return
	}
	if image := v.at("builder"); image.absent() {
		image.or(v).problem("is required: the image of a builder, such as heroku/builder:24")
	}
	b.Pack = &p
}

const (
	containerDriver = "docker-container" // buildx in a container, whose image must be pulled first
	engineDriver    = "docker"           // the engine itself builds
)

// chooseDriver sets the driver if the file does not. Without a registry it prefers the engine itself,
// which needs no builder image.
func (d *draft) chooseDriver() {
	b := &d.Builder
	b.AnyDriver = d.root.at("builder").at("driver").absent() && b.Driver == containerDriver
	if b.AnyDriver && d.Registry.Local() && b.simple() {
		b.Driver = engineDriver
	}
}

// simple reports whether every Docker engine can build b without a buildx builder.
func (b Builder) simple() bool {
	off := func(attestation string) bool { return attestation == "" || attestation == "false" }
	return len(b.Arch) <= 1 && b.Remote == "" && b.Cache == nil && off(b.Provenance) && off(b.SBOM)
}

// For returns b with the architectures of the hosts if the file names none. Several architectures need
// a builder container, because not every engine can build for more than one.
func (b Builder) For(arch []string) Builder {
	if len(b.Arch) == 0 {
		b.Arch = arch
	}
	if b.AnyDriver && !b.simple() {
		b.Driver = containerDriver
	}
	return b
}

// RemoteContext reports whether Context is a URL that the builder fetches.
func (b Builder) RemoteContext() bool {
	u, err := url.Parse(b.Context)
	return err == nil && u.Scheme != "" && u.Host != "" || strings.HasPrefix(b.Context, "git@")
}
