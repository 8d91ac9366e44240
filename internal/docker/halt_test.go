package docker

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestHalt_stops_by_force_what_docker_cannot_stop(t *testing.T) {
	t.Parallel()
	const fails = `echo 'tried to kill container, but did not receive an exit event' >&2; exit 1`
	for name, tt := range map[string]struct {
		stop, ps, kill string
		ok             bool
		says, calls    string
	}{
		"it stops":             {":", ":", ":", true, "", "stop -t 5 web"},
		"it has ended already": {fails, ":", ":", true, "", "stop -t 5 web\nps --quiet --filter id=web"},
		"it must be killed":    {fails, "echo web", ":", true, "report killed", "stop -t 5 web\nps --quiet --filter id=web\nkill web"},
		"it stays":             {fails, "echo web", fails, false, "it still runs: docker can neither stop nor kill it", "stop -t 5 web\nps --quiet --filter id=web\nkill web\nps --quiet --filter id=web"},
		"docker is down":       {fails, fails, ":", false, "did not receive an exit event", "stop -t 5 web\nps --quiet --filter id=web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program := "#!/bin/sh\necho \"$*\" >>" + dir + "/calls\ncase $1 in stop) " + tt.stop + " ;; ps) " + tt.ps + " ;; kill) " + tt.kill + " ;; esac\n"
			if err := os.WriteFile(dir+"/docker", []byte(program), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", "report() { echo report \"$*\"; }\n"+Functions.Text()+"\nhalt web 5")
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			said, err := cmd.CombinedOutput()
			calls, _ := os.ReadFile(dir + "/calls")
			if (err == nil) != tt.ok || !strings.Contains(string(said), tt.says) || strings.TrimSpace(string(calls)) != tt.calls {
				t.Errorf("ok %t, said\n%scalls\n%s", err == nil, said, calls)
			}
		})
	}
}
