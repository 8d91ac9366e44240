package app

import (
	"slices"

	"mrsk/internal/docker"

	"mrsk/internal/config"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Every container of a role with assets has a volume of its own over them, with the assets of its
// image and those of the version before it. A volume belongs to nobody's home, and docker keeps
// it as long as a container, though stopped, needs it.

// assetVolume is the volume of the container with that alias.
func assetVolume(alias string) string { return "mrsk-assets-" + alias }

// Assets fills the new container's volume, and gives the old container, which has one, the new
// assets as well. What the old container has itself stays as it is. Helper is an image with a
// shell: that of the app may have none.
func (b Boot) Assets(helper shell.Word) []plan.Step {
	if b.Role.Assets.Path == "" {
		return nil
	}
	old, _ := b.Old()
	volume := assetVolume(b.Alias())
	run := docker.BridgeAssets.Call(volume, b.Scope.Project.AbsoluteImage(b.Version), b.Role.Assets.Path, old.Alias, old.Image).Add(helper)
	for _, l := range b.labels() {
		run = run.Lits("--label", l.Name+"="+l.Value)
	}
	return []plan.Step{{
		Name:     "merge the assets of role " + b.Role.Name,
		Cause:    "clients of either version may request those of both",
		Run:      run,
		Undo:     docker.Cmd("volume", "rm", "--force", volume, volume+"-new", volume+"-old").Add(shell.Raw(">/dev/null")),
		UndoName: "remove the new container's",
		Role:     b.Role.Name, Captured: true,
	}}
}

// volumes are those of the role and that of its assets.
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

// SweepAssets removes the asset volumes of a role that no container needs any more.
func SweepAssets(c *config.Project, role, cause string) plan.Step {
	list := docker.Cmd("volume", "ls", "--quiet", "--filter", "dangling=true", "--filter", "name=mrsk-assets-").Lits(filters(c, role)...)
	return plan.Step{
		Name:  "remove assets of role " + role + " that no container needs",
		Cause: cause,
		Run:   list.Pipe(shell.Cmd("xargs", "-r", "docker", "volume", "rm")),
		Role:  role, BestEffort: true, Captured: true,
	}
}
