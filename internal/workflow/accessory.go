package workflow

import (
	"context"
	"mrsk/internal/docker"

	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/image"
	"mrsk/internal/plan"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// AccessoryPlanner plans what make makes of the accessories of the run.
func (r *Run) AccessoryPlanner(make func(deploy.Accessories) (*plan.Plan, error)) Planner {
	return func(seen map[string]facts.Host) (*plan.Plan, error) { return make(r.accessories(seen)) }
}

func (r *Run) accessories(seen map[string]facts.Host) deploy.Accessories {
	return deploy.Accessories{Scope: r.Scope, Facts: seen, Token: r.Token, Files: r.Files}
}

// ChangeAccessories brings the images of the run's accessories to their hosts, and then carries
// through what is planned of them. Nothing has stopped when an image is not to be had. With anew
// an image that is there is pulled again, so that a newer one of the same name counts.
func (r *Run) ChangeAccessories(ctx context.Context, anew bool, make func(deploy.Accessories) (*plan.Plan, error)) error {
	hosts := r.Scope.AccessoryHosts()
	pull := func(ctx context.Context) error { return r.pullAccessories(ctx, anew) }
	return r.withLease(ctx, hosts, pull, func(ctx context.Context) error {
		return r.change(ctx, hosts, r.AccessoryPlanner(make))
	})
}

func (r *Run) pullAccessories(ctx context.Context, anew bool) error {
	return r.Fleet.Each(ctx, r.Scope.AccessoryHosts(), func(ctx context.Context, h remote.Host) error {
		s := script.Script{Prelude: r.prelude()}
		for _, a := range r.Scope.Accessories {
			if a.On(h.Name()) {
				s.Steps = append(s.Steps, r.pullStep(a, anew))
			}
		}
		_, err := s.Run(ctx, h, r.Sink)
		return err
	})
}

func (r *Run) pullStep(a config.Accessory, anew bool) script.Step {
	if anew {
		return script.Step{Name: "pull " + a.Image, Run: r.pull(r.registryOf(a), a.Image), Captured: true}
	}
	return script.Step{Name: "see to the image " + a.Image, Run: r.FetchAccessory(a), Captured: true}
}

// FetchAccessory pulls the image of an accessory where the host lacks it. It prints on stderr
// alone.
func (r *Run) FetchAccessory(a config.Accessory) shell.Line {
	there := docker.Cmd("image", "inspect", "--format", "{{.ID}}", a.Image).Add(shell.Raw(">/dev/null 2>&1"))
	return there.Or(r.pull(r.registryOf(a), a.Image)).Group().Add(shell.Raw(">&2"))
}

// registryOf is where an accessory's image comes from.
func (r *Run) registryOf(a config.Accessory) config.Registry {
	if a.Registry.None {
		return r.Scope.Project.Registry
	}
	return a.Registry
}

// LogoutLine returns the shell words that forget the logins at the registries of the app and of
// its accessories; the empty Line where there is none.
func (r *Run) LogoutLine() shell.Line {
	logout := image.LogoutLine(r.Scope.Project.Registry)
	for _, a := range r.Scope.Accessories {
		logout = logout.Then(image.LogoutLine(a.Registry))
	}
	return logout
}
