package image

import (
	"net/url"
	"os"
	"strings"

	"mrsk/internal/redact"
)

// destination is where a build leaves the image, as buildx names it, and the file for what it has
// built.
type destination struct{ output, metadata string }

// build is the command that builds s, and pushes it where that is the output. The order of options
// is the reference's.
func (s Spec) build(b builder, to destination) command {
	c := docker("buildx", "build", "--output=type="+to.output).
		option("--platform", platforms(s.Arch)).
		option("--builder", b.instance())
	c = s.tagged(c)
	if s.caches() {
		c = c.with("--cache-to", s.cacheTo(), "--cache-from", s.cacheFrom())
	}
	c = s.labelled(c)
	for _, secret := range s.Builder.Secrets {
		c = c.buildSecret(secret)
	}
	c = s.from(c).
		option("--ssh", os.ExpandEnv(s.Builder.SSH)).
		option("--provenance", s.Builder.Provenance).
		option("--sbom", s.Builder.SBOM).
		flag("--no-cache", s.NoCache).
		option("--metadata-file", to.metadata).
		with(s.context())
	if b.remote != "" {
		// The remote builder asks the registry itself, with the credentials of this machine.
		c = c.exporting(variable{name: "BUILDKIT_NO_CLIENT_TOKEN", value: redact.New("1")})
	}
	return c
}

// plainBuild is the command that builds s without buildx.
func (s Spec) plainBuild() command {
	c := s.tagged(docker("build").option("--platform", platforms(s.Arch)))
	c = s.from(s.labelled(c)).flag("--no-cache", s.NoCache).with(s.context())
	// The variable may be set to 1, which makes docker refuse to build without buildx.
	return c.exporting(variable{name: "DOCKER_BUILDKIT", value: redact.New("0")})
}

// pushCommands push what plainBuild or packBuild built.
func (s Spec) pushCommands() []command {
	return []command{docker("push", s.Names.Version), docker("push", s.Names.Latest)}
}

func (s Spec) tagged(c command) command {
	if s.own() {
		return c.with("-t", s.Names.Version) // the hosts know by themselves which one is the latest
	}
	return c.with("-t", s.Names.Version, "-t", s.Names.Latest)
}

// labelled adds the label by which hosts know whose image it is, and the build arguments.
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

// caches reports whether there is somewhere to keep layers between builds. Where the images stay on
// this machine there is no registry for them; the builder's own cache is here, too.
func (s Spec) caches() bool {
	c := s.Builder.Cache
	return c != nil && (c.Type != "registry" || !s.Registry.Local())
}

// cacheTo writes type, image and options of the cache, in this order.
func (s Spec) cacheTo() string {
	return joined(s.cacheBase(), s.Builder.Cache.Options)
}

// cacheFrom leaves out the options that only a writer knows. GitHub's cache is found by some of
// its options, which are kept.
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
	return joined(s.cacheBase(), strings.Join(kept, ","))
}

func (s Spec) cacheBase() string {
	cache := s.Builder.Cache
	if cache.Type == "gha" {
		return "type=gha"
	}
	return "type=" + cache.Type + ",ref=" + s.CacheImage
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + "," + b
}

// elsewhere reports whether the build context is fetched by the builder.
func (s Spec) elsewhere() bool {
	u, err := url.Parse(s.Builder.Context)
	return err == nil && u.Scheme != "" && u.Host != "" || strings.HasPrefix(s.Builder.Context, "git@")
}
