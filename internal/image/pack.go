package image

import "slices"

// labels is the buildpack that writes the label by which hosts know whose image it is.
const labels = "paketo-buildpacks/image-labels"

// packBuild is the command that builds s with buildpacks. Build arguments and secrets are in the
// environment of the build, by their names alone: pack takes the values from its own.
func (s Spec) packBuild() command {
	p := s.Builder.Pack
	c := command{}.with("pack", "build", s.Names.Version).
		option("--platform", platforms(s.Arch)).
		with("--creation-time", "now", "--builder", p.Builder)
	chosen := p.Buildpacks
	if len(chosen) == 0 {
		chosen = []string{"from=builder"} // else naming one would be choosing that one alone
	}
	for _, name := range append(slices.Clone(chosen), labels) {
		c = c.with("--buildpack", name)
	}
	if !s.own() {
		c = c.with("-t", s.Names.Latest)
	}
	c = c.flag("--clear-cache", s.NoCache).
		with("--env", "BP_IMAGE_LABELS=service="+s.Service)
	for _, arg := range s.Builder.Args {
		c = c.value("--env", arg)
	}
	for _, secret := range s.Builder.Secrets {
		c = c.with("--env", secret.Name).exporting(variable{secret.Name, secret.Value, true})
	}
	return c.with("--path", s.context())
}

func inspectPack(builder string) command {
	return command{}.with("pack", "builder", "inspect", builder)
}
