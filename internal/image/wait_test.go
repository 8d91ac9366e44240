package image_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mrsk/internal/image"
)

// A client of docker waits forever for a daemon that hangs.
func TestPush_fails_when_the_docker_daemon_hangs(t *testing.T) {
	for name, hanging := range map[string]string{
		"a question": "buildx\n",
		"the login":  "login\nversion\n",
		"the build":  "build\nversion\n",
		"the push":   "push\nversion\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t)
			w.options.Answer = 300 * time.Millisecond
			if strings.HasPrefix(hanging, "build\n") || strings.HasPrefix(hanging, "push\n") {
				w.options.Docker.Plugins = nil
				w.set("no-buildx")
			}
			if err := os.WriteFile(filepath.Join(w.fake, "hang"), []byte(hanging), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := w.push()
			var silent *image.SilentError
			if !errors.As(err, &silent) || !strings.Contains(err.Error(), "no answer within 300ms: the Docker daemon of this machine hangs") {
				t.Errorf("got %v\n%s", err, strings.Join(w.events, "\n"))
			}
			var hinted interface{ Hint() string }
			if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint(), "docker version") {
				t.Errorf("no hint in %v", err)
			}
			if hanging == "buildx\n" && !slices.ContainsFunc(w.shown, func(s string) bool { return strings.HasPrefix(s, "still waiting for: docker buildx inspect") }) {
				t.Errorf("shown %q", w.shown)
			}
		})
	}
}

func TestPush_lets_a_build_take_its_time_while_docker_answers(t *testing.T) {
	w := newWorkshop(t)
	w.options.Answer = 2 * time.Second
	w.set("slow-build")
	w.mustPush()
}
