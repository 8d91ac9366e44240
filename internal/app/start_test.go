package app

import (
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
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
	await := shell.Text("await")
	for name, tt := range map[string]struct{ got, want string }{
		"stop":            {Halt(kept, 0, "").Run.Wire().Reveal(), "docker update --restart unless-stopped c1 >/dev/null && halt c1 0"},
		"stop of others":  {Halt(stopped, 0, "").Run.Wire().Reveal(), "halt c1 0"},
		"back in an undo": {boot.StopForNow(kept, "", await).Undo.Wire().Reveal(), "docker update --restart always c1 >/dev/null && docker start c1 && await"},
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
