// Package image builds the app's image on the operator's machine and pushes it to the registry,
// with docker's buildx, or with docker alone where that does.
//
// The command lines are pure functions of the configuration; Build runs them. How hosts get the
// image is not this package's business, but for the login that they need before a pull.
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
	CacheImage string // full name of the image for builder.cache, "" without one
	Registry   config.Registry
	Builder    config.Builder
	Arch       []string // amd64, arm64; empty builds for the engine's own
	Output     string   // buildx's output type; "" is registry, which pushes
	NoCache    bool

	development bool // for this machine only: no registry is asked
}

// SpecOf returns what to build for a version of the app. hostArch is what the hosts run on,
// for a configuration that does not name the architectures.
func SpecOf(c *config.Project, version string, hostArch []string) Spec {
	builder := c.Builder.For(hostArch)
	return Spec{
		Service:    c.Service,
		Version:    version,
		Path:       c.ImagePath(),
		Names:      NamesOf(c, version),
		CacheImage: c.CacheImage(),
		Registry:   c.Registry,
		Builder:    builder,
		Arch:       builder.Arch,
	}
}

// Development returns s as `build dev` wants it: made of the working tree, given out as output
// says in place of pushed, and tagged so that it cannot be taken for what was deployed. docker
// takes an image of one architecture only: of several it gets the builder's own.
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

// title says what a build is about.
func (s Spec) title() string {
	if !s.pushes() || s.own() {
		return "Build the image " + s.Names.Version
	}
	return "Build and push the image " + s.Names.Version
}

func (s Spec) output() string { return cmp.Or(s.Output, "registry") }

func (s Spec) pushes() bool { return s.output() == "registry" }

// context is the build context, relative to the directory of the build. Without a setting it
// is the clean clone that the build happens in.
func (s Spec) context() string { return cmp.Or(s.Builder.Context, ".") }

func (s Spec) dockerfile() string { return cmp.Or(s.Builder.Dockerfile, "Dockerfile") }
