package app

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Docker brings a container with the policy "always" back when it starts itself, as after a
// reboot, even one that was stopped on purpose.
func TestStopped_containers_stay_stopped_after_a_reboot(t *testing.T) {
	t.Parallel()
	role := config.Role{Name: "web", Restart: "always"}
	boot := Boot{Scope: (&config.Project{}).All(), Role: role}
	kept := facts.Container{ID: "c1", Name: "shop-web-v1", Restart: "always"}
	stopped := facts.Container{ID: "c1", Name: "shop-web-v1", Restart: "unless-stopped"}
	other, no := stopped, facts.Container{ID: "c1", Restart: "no"}
	await := shell.Text("await")
	for name, tt := range map[string]struct{ got, want string }{
		"stop":                           {Halt(kept, 0, "").Run.Wire().Reveal(), "docker update --restart unless-stopped c1 >/dev/null && halt c1 0"},
		"stop of others":                 {Halt(stopped, 0, "").Run.Wire().Reveal(), "halt c1 0"},
		"back in an undo":                {boot.StopForNow(kept, "", await).Undo.Wire().Reveal(), "docker update --restart always c1 >/dev/null && docker start c1 && await"},
		"stop before the new one starts": {boot.StopBeforeStart(other, "", await).Run.Wire().Reveal(), "docker update --restart always c1 >/dev/null && halt c1 0"},
		"back after that":                {boot.StopBeforeStart(other, "", await).Undo.Wire().Reveal(), "docker start c1 && docker update --restart unless-stopped c1 >/dev/null && await"},
		"stop before, always":            {boot.StopBeforeStart(kept, "", await).Run.Wire().Reveal(), "halt c1 0"},
		"back after that, always":        {boot.StopBeforeStart(kept, "", await).Undo.Wire().Reveal(), "docker start c1 && await"},
		"stop before, never":             {boot.StopBeforeStart(no, "", await).Run.Wire().Reveal(), "halt c1 0"},
		"down, with its undo":            {lines(boot.StayDown(other)), "docker update --restart unless-stopped c1 >/dev/null; docker update --restart always c1 >/dev/null"},
		"down, never":                    {lines(boot.StayDown(no)), ""},
		"start again": {
			Restart(boot.Scope, role, stopped, await).Run.Wire().Reveal(),
			"docker start c1 >/dev/null && { await || { _rc=$?\nhalt c1 0 >/dev/null\nexit \"$_rc\"; }; } && docker update --restart always c1 >/dev/null",
		},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, tt.got, tt.want)
		}
	}
}

// lines are what steps run and their undos.
func lines(steps []plan.Step) string {
	var all []string
	for _, s := range steps {
		all = append(all, s.Run.Wire().Reveal(), s.Undo.Wire().Reveal())
	}
	return strings.Join(all, "; ")
}
