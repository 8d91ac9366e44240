package image

import "slices"

// labelBuildpack is the buildpack that sets the label service, by which a host checks that the image
// belongs to the app.
const labelBuildpack = "paketo-buildpacks/image-labels"

// packBuild returns the command that builds s with buildpacks. It passes build arguments and secrets by
// name; pack reads their values from its environment.
func (s Spec) packBuild() command {
	p := s.Builder.Pack
	c := command{}.with("pack", "build", s.Names.Version).
		option("--platform", platforms(s.Arch)).
		with("--creation-time", "now", "--builder", p.Builder)
	chosen := p.Buildpacks
	if len(chosen) == 0 {
		// Naming labelBuildpack below would otherwise replace the buildpacks of the builder.
		chosen = []string{"from=builder"}
	}
	for _, name := range append(slices.Clone(chosen), labelBuildpack) {
		c = c.with("--buildpack", name)
	}
	if !s.toCache() {
		c = c.with("-t", s.Names.Latest)
	}
	c = c.flag("--clear-cache", s.NoCache).
		with("--env", "BP_IMAGE_LABELS=service="+s.Service)
	for _, arg := range s.Builder.Args {
		c = c.value("--env", arg)
	}
	for _, secret := range s.Secrets.Variables(s.Builder.Secrets) {
		c = c.with("--env", secret.Name).exporting(variable{secret.Name, secret.Value, true})
	}
	return c.with("--path", s.context())
}

func inspectPack(builder string) command {
	return command{}.with("pack", "builder", "inspect", builder)
}
