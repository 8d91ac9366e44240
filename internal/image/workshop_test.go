package image_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/local"
	"mrsk/internal/redact"
)

// workshop is a git checkout, a fake docker and a configuration to build with. See
// testdata/docker for what the fake can do.
type workshop struct {
	t       *testing.T
	dir     string // the checkout
	fake    string // the fake's memory
	options image.Options

	mu     sync.Mutex
	events []string
	shown  []string // notes, warnings and sections
}

func newWorkshop(t *testing.T) *workshop {
	w := &workshop{t: t, dir: filepath.Join(t.TempDir(), "shop"), fake: t.TempDir()}
	programs, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"REAL_GIT": git, "PATH": programs + ":" + os.Getenv("PATH"), "FAKE": w.fake, "HOME": t.TempDir(),
		"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "DOCKER_BUILDKIT": "1",
		"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
		"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
	} {
		t.Setenv(name, value)
	}
	w.write("Dockerfile", "FROM scratch\n")
	w.write("app", "one\n")
	w.git("init", "--quiet")
	w.git("add", ".")
	w.git("commit", "--quiet", "-m", "one")
	w.options = image.Options{Spec: image.SpecOf(configuration(), values, "3f2a", nil), Project: w.dir, Temp: t.TempDir(), Events: w.record}
	w.options.Docker = local.Docker{Folder: filepath.Join(w.fake, "docker"), Builders: filepath.Join(w.fake, "buildx"), Plugins: []string{w.fake}}
	w.give("docker-buildx")
	return w
}

// values are those of all secrets in the tests.
var values = config.NewSecrets(map[string]redact.String{
	"PASSWORD": redact.New("sentinel-password"), "TOKEN": redact.New("sentinel-token"), "AWS_SECRET_ACCESS_KEY": redact.New("sentinel-aws"),
})

func configuration() *config.Project {
	return &config.Project{
		Service: "app",
		Image:   "dhh/app",
		Registry: config.Registry{
			Server:   "registry.example.com",
			Username: config.SecretRef{Text: redact.New("dhh")},
			Password: config.SecretRef{Key: "PASSWORD"},
		},
		Builder: config.Builder{Arch: []string{"amd64"}, Local: true},
	}
}

func (w *workshop) record(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, fmt.Sprintf("%+v", e))
	switch e := e.(type) {
	case event.Section:
		w.shown = append(w.shown, e.Text)
	case event.Note:
		w.shown = append(w.shown, e.Text)
	case event.Warning:
		w.shown = append(w.shown, e.Text)
	case event.Step:
		w.shown = append(w.shown, e.Name+" "+string(e.State))
	}
}

func (w *workshop) write(path, text string) {
	w.t.Helper()
	full := filepath.Join(w.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) git(words ...string) {
	w.t.Helper()
	if _, err := local.Git(w.t.Context(), w.dir, words...); err != nil {
		w.t.Fatalf("git %q: %v", words, err)
	}
}

// set makes the fake docker behave as the file names says.
func (w *workshop) set(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(w.fake, name), nil, 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

// give puts a program among docker's plugins.
func (w *workshop) give(name string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.fake, name), nil, 0o755); err != nil {
		w.t.Fatal(err)
	}
}

// remember makes docker's files say that it is logged in, as user:password.
func (w *workshop) remember(server, login string) {
	w.t.Helper()
	auth := base64.StdEncoding.EncodeToString([]byte(login))
	file := filepath.Join(w.options.Docker.Folder, "config.json")
	if err := os.MkdirAll(w.options.Docker.Folder, 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, server, auth), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// bin is a folder with some of the programs alone.
func (w *workshop) bin(programs ...string) string {
	w.t.Helper()
	dir := w.t.TempDir()
	for _, p := range programs {
		path, err := exec.LookPath(p)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, p)); err != nil {
			w.t.Fatal(err)
		}
	}
	return dir
}

// take removes what the fake docker has, or was told.
func (w *workshop) take(name string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.fake, name)); err != nil {
		w.t.Fatal(err)
	}
}

// told returns what the fake docker keeps in a file; "" when there is none.
func (w *workshop) told(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.fake, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *workshop) push() (image.Result, error) {
	w.t.Helper()
	b, err := image.Prepare(w.t.Context(), w.options)
	if err != nil {
		return image.Result{}, err
	}
	return b.Push(w.t.Context())
}

func (w *workshop) mustPush() image.Result {
	w.t.Helper()
	r, err := w.push()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, strings.Join(w.events, "\n"))
	}
	return r
}
