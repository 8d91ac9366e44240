package app

import (
	"slices"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Each container of a role with assets has its own volume, which has the assets of its image and those of
// the version before. It is a volume and not a folder, because docker keeps a volume as long as a
// container needs it, even a stopped one.

// assetVolume returns the name of the volume of the container with the alias.
func assetVolume(alias string) string { return "mrsk-assets-" + alias }

// Assets returns the step that fills the new container's volume, and adds the new assets to the volume of
// the old container. It does not replace files there. helper is an image with a shell, because the app's
// image may have none.
func (b Boot) Assets(helper shell.Word) []plan.Step {
	if b.Role.Assets.Path == "" {
		return nil
	}
	old, _ := b.Old()
	volume := assetVolume(b.Alias())
	create := docker.AssetVolumes.Call(volume)
	for _, l := range b.labels() {
		create = create.Lits("--label", l.Name+"="+l.Value)
	}
	fill := docker.BridgeAssets.Call(volume, b.Role.Assets.Path).Add(helper).Lits(b.Scope.Project.AbsoluteImage(b.Version))
	if old.Image != "" {
		fill = fill.Lits(old.Image, old.Alias)
	}
	return []plan.Step{{
		Name:     "merge the assets of role " + b.Role.Name,
		Cause:    "clients of either version may request those of both",
		Run:      create.And(fill),
		Undo:     docker.Cmd("volume", "rm", "--force", volume, volume+"-new", volume+"-old").Add(shell.Raw(">/dev/null")),
		UndoName: "remove the new container's",
		Role:     b.Role.Name, Captured: true,
	}}
}

// volumes returns the volumes of the role and the one of its assets.
func (b Boot) volumes() []string {
	a := b.Role.Assets
	if a.Path == "" {
		return b.Role.Volumes
	}
	volume := assetVolume(b.Alias()) + ":" + a.Path
	if a.Options != "" {
		volume += ":" + a.Options
	}
	return append(slices.Clip(b.Role.Volumes), volume)
}

// SweepAssets returns the step that removes the asset volumes of a role that no container uses.
func SweepAssets(c *config.Project, role, cause string) plan.Step {
	list := docker.Cmd("volume", "ls", "--quiet", "--filter", "dangling=true", "--filter", "name=mrsk-assets-").Lits(filters(c, role)...)
	return plan.Step{
		Name:  "remove assets of role " + role + " that no container needs",
		Cause: cause,
		Run:   list.Pipe(shell.Cmd("xargs", "-r", "docker", "volume", "rm")),
		Role:  role, BestEffort: true, Captured: true,
	}
}
