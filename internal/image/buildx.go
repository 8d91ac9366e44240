package image

import (
	"os"
	"strings"

	"mrsk/internal/redact"
)

// destination has the type of output of buildx, and the path of the metadata file that buildx writes.
type destination struct{ output, metadata string }

// build returns the command that builds s with buildx, and pushes it if to.output is registry. The
// options are in the order of Kamal's.
func (s Spec) build(b builder, to destination) command {
	c := docker("buildx", "build", "--output=type="+to.output).
		option("--platform", platforms(s.Arch)).
		option("--builder", b.instance())
	c = s.tagged(c)
	if s.caches() {
		c = c.with("--cache-to", s.cacheTo(), "--cache-from", s.cacheFrom())
	}
	c = s.labelled(c)
	for _, secret := range s.Secrets.Variables(s.Builder.Secrets) {
		c = c.buildSecret(secret)
	}
	c = s.from(c).
		option("--ssh", os.ExpandEnv(s.Builder.SSH)).
		option("--provenance", s.Builder.Provenance).
		option("--sbom", s.Builder.SBOM).
		flag("--no-cache", s.NoCache).
		option("--metadata-file", to.metadata).
		with(s.context()).
		asking(b.machine())
	if b.remote != "" {
		// Without this variable the client on this machine would fetch the registry's tokens for the
		// remote builder. The builder fetches them itself, with this machine's credentials.
		c = c.exporting(variable{name: "BUILDKIT_NO_CLIENT_TOKEN", value: redact.New("1")})
	}
	return c
}

// plainBuild returns the command that builds s without buildx.
func (s Spec) plainBuild() command {
	c := s.tagged(docker("build").option("--platform", platforms(s.Arch)))
	c = s.from(s.labelled(c)).flag("--no-cache", s.NoCache).with(s.context())
	// The variable may be set to 1, which makes docker refuse to build without buildx.
	return c.exporting(variable{name: "DOCKER_BUILDKIT", value: redact.New("0")})
}

// pushCommands returns the commands that push an image of plainBuild or packBuild.
func (s Spec) pushCommands() []command {
	return []command{docker("push", s.Names.Version), docker("push", s.Names.Latest)}
}

func (s Spec) tagged(c command) command {
	if s.toCache() {
		return c.with("-t", s.Names.Version) // a host sets the tag latest itself, after the rollout
	}
	return c.with("-t", s.Names.Version, "-t", s.Names.Latest)
}

// labelled adds the label service, by which a host checks that the image belongs to the app, and the
// build arguments.
func (s Spec) labelled(c command) command {
	c = c.with("--label", "service="+s.Service)
	for _, arg := range s.Builder.Args {
		c = c.value("--build-arg", arg)
	}
	return c
}

func (s Spec) from(c command) command {
	return c.with("--file", s.dockerfile()).option("--target", s.Builder.Target)
}

func platforms(arch []string) string {
	var all []string
	for _, a := range arch {
		all = append(all, "linux/"+a)
	}
	return strings.Join(all, ",")
}

// caches reports whether builder.cache applies. A cache of type registry needs a registry; without one
// the builder's own cache on this machine does the same.
func (s Spec) caches() bool {
	c := s.Builder.Cache
	return c != nil && (c.Type != "registry" || !s.Registry.Local())
}

// cacheTo returns the value of --cache-to.
func (s Spec) cacheTo() string {
	return joinOptions(s.cacheBase(), s.Builder.Cache.Options)
}

// cacheFrom returns the value of --cache-from. Options that apply only to writing are left out. GitHub's
// cache needs some of its options for reading, too.
func (s Spec) cacheFrom() string {
	if s.Builder.Cache.Type != "gha" {
		return s.cacheBase()
	}
	var kept []string
	for option := range strings.SplitSeq(s.Builder.Cache.Options, ",") {
		name, _, _ := strings.Cut(option, "=")
		switch strings.TrimSpace(name) {
		case "url", "url_v2", "token", "scope", "timeout":
			kept = append(kept, option)
		}
	}
	return joinOptions(s.cacheBase(), strings.Join(kept, ","))
}

func (s Spec) cacheBase() string {
	cache := s.Builder.Cache
	if cache.Type == "gha" {
		return "type=gha"
	}
	return "type=" + cache.Type + ",ref=" + s.CacheImage
}

func joinOptions(a, b string) string {
	if b == "" {
		return a
	}
	return a + "," + b
}
