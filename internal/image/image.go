// Package image builds the app's image on the operator's machine and pushes it to the registry or into
// the image cache. It uses docker's buildx plugin, docker alone, or pack.
//
// The command lines are pure functions of the configuration; Build runs them. Package workflow pulls
// the image on the hosts, with LoginLine of this package.
package image

import (
	"cmp"

	"mrsk/internal/config"
)

// Names are the names of one version of the image.
type Names struct {
	Repository string // with the registry's server, without a tag
	Version    string // Repository with the version as its tag
	Latest     string // Repository with the tag latest, or latest-<destination>
}

// NamesOf returns the image names of a version of the app.
func NamesOf(c *config.Project, version string) Names {
	repository := c.Repository()
	return Names{repository, c.AbsoluteImage(version), repository + ":" + c.LatestTag()}
}

// Spec is what to build.
type Spec struct {
	Service    string
	Version    string
	Path       string // of the repository in its registry
	Names      Names
	CacheImage string // full name of the image of builder.cache; "" without one
	Registry   config.Registry
	Secrets    config.Secrets // of Registry and Builder
	Builder    config.Builder
	Arch       []string // such as amd64 and arm64; empty is the engine's own
	Output     string   // output type of buildx; "" is registry, which pushes the image
	NoCache    bool     // build without the build cache

	development bool // build for this machine only, without a registry login
}

// SpecOf returns what to build for a version of the app. hostArch has the architectures of the hosts;
// they apply if the configuration names none.
func SpecOf(c *config.Project, secrets config.Secrets, version string, hostArch []string) Spec {
	builder := c.Builder.For(hostArch)
	return Spec{
		Service:    c.Service,
		Version:    version,
		Path:       c.ImagePath(),
		Names:      NamesOf(c, version),
		CacheImage: c.CacheImage(),
		Registry:   c.Registry,
		Secrets:    secrets,
		Builder:    builder,
		Arch:       builder.Arch,
	}
}

// Development returns s for `mrsk build dev`: built from the working tree, sent to output and not
// pushed, and tagged with -dirty so that it is not mistaken for a deployed version. Docker's image
// store takes one architecture only, so with output docker and several architectures, the image is for
// the builder's own.
func (s Spec) Development(output string) Spec {
	s.Output = output
	s.development = true
	if output == "docker" && len(s.Arch) > 1 {
		s.Arch = nil
	}
	s.Builder.Context = cmp.Or(s.Builder.Context, ".")
	s.Names.Version += "-dirty"
	s.Names.Latest += "-dirty"
	return s
}

// title returns the heading of the build on the screen.
func (s Spec) title() string {
	if !s.pushes() || s.toCache() {
		return "Build the image " + s.Names.Version
	}
	return "Build and push the image " + s.Names.Version
}

func (s Spec) output() string { return cmp.Or(s.Output, "registry") }

func (s Spec) pushes() bool { return s.output() == "registry" }

// context returns the build context, relative to the directory of the build. The default is that
// directory, which is the clean clone.
func (s Spec) context() string { return cmp.Or(s.Builder.Context, ".") }

func (s Spec) dockerfile() string { return dockerfile(s.Builder) }

func dockerfile(b config.Builder) string { return cmp.Or(b.Dockerfile, "Dockerfile") }
