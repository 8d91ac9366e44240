package image_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"mrsk/internal/config"
	"mrsk/internal/image"
	"mrsk/internal/registry"
)

// withoutRegistry is a workshop whose images stay on this machine.
func withoutRegistry(t *testing.T, change func(*config.Builder)) *workshop {
	t.Helper()
	w := newWorkshop(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_PROGRAM", program)
	t.Setenv("TAGS", "1")
	c := configuration()
	c.Registry = config.Registry{Server: "localhost:5555"}
	c.Builder.Driver = "docker"
	change(&c.Builder)
	w.options.Spec = image.SpecOf(c, values, "3f2a", nil)
	w.options.Images = &registry.Store{Dir: t.TempDir(), Limit: 1e9}
	t.Cleanup(func() { _ = w.options.Images.Close() })
	return w
}

func (w *workshop) cached() (registry.Image, error) {
	w.t.Helper()
	cache, err := w.options.Images.Open()
	if err != nil {
		w.t.Fatal(err)
	}
	return cache.Image("dhh/app", "3f2a")
}

// moved checks that the image is in the cache, and which commands have brought it there.
func (w *workshop) moved(got image.Result, commands ...string) {
	w.t.Helper()
	i, err := w.cached()
	if err != nil || i.Digest() != got.Digest {
		w.t.Errorf("got %s, in the cache is %s, %v", got.Digest, i.Digest(), err)
	}
	log := w.told("log")
	for _, c := range commands {
		if !strings.Contains(log, c+"\n") {
			w.t.Errorf("%q is not in\n%s", c, log)
		}
	}
	if strings.Contains(log+strings.Join(w.events, ""), "login") {
		w.t.Errorf("somebody logs in: %s", log)
	}
}

func TestPush_takes_the_image_from_the_engine_that_has_built_it(t *testing.T) {
	w := withoutRegistry(t, func(*config.Builder) {})
	got := w.mustPush()
	w.moved(got,
		"docker buildx build --output=type=docker --platform linux/amd64 -t localhost:5555/dhh/app:3f2a --label service=app --file Dockerfile .",
		"docker tag localhost:5555/dhh/app:3f2a ADDRESS/dhh/app:3f2a",
		"docker push --quiet ADDRESS/dhh/app:3f2a",
		"docker image rm ADDRESS/dhh/app:3f2a",
		"docker image rm localhost:5555/dhh/app:3f2a",
	)
	if got.Digest != digest.FromString(engineManifest()).String() || got.Size == 0 || got.Added != got.Size {
		t.Errorf("got %+v", got)
	}
	if again := w.mustPush(); again.Size != got.Size || again.Added != 0 {
		t.Errorf("the second time: %+v", again)
	}
	if !slices.Contains(w.shown, "Build the image localhost:5555/dhh/app:3f2a") {
		t.Errorf("shown %q", w.shown)
	}
}

// Docker Desktop and its like run the engine in a virtual machine, which has a loopback of its own.
func TestPush_reads_the_image_from_an_engine_that_cannot_push_here(t *testing.T) {
	w := withoutRegistry(t, func(*config.Builder) {})
	w.set("no-loopback")
	w.moved(w.mustPush(), "docker push --quiet ADDRESS/dhh/app:3f2a", "docker save localhost:5555/dhh/app:3f2a")
	if !slices.Contains(w.shown, "docker cannot push to this machine's loopback; reading the image with docker save") {
		t.Errorf("shown %q", w.shown)
	}
}

// On another machine, somebody else may listen on the port.
func TestPush_lets_no_engine_of_another_machine_push(t *testing.T) {
	for _, host := range []string{"ssh://app@10.0.0.9", "tcp://10.0.0.9:2375"} {
		t.Run(host, func(t *testing.T) {
			w := withoutRegistry(t, func(*config.Builder) {})
			w.options.Docker.Host = host
			w.moved(w.mustPush(), "docker save localhost:5555/dhh/app:3f2a")
			if log := w.told("log"); strings.Contains(log, "docker push") {
				t.Error(log)
			}
		})
	}
}

func TestPush_reads_the_image_from_the_engine_of_a_remote_builder(t *testing.T) {
	w := withoutRegistry(t, func(b *config.Builder) { b.Remote, b.Local = "ssh://app@10.0.0.9", false })
	const context = "mrsk-remote-ssh---app-10-0-0-9-context"
	w.moved(w.mustPush(), "docker --context "+context+" save localhost:5555/dhh/app:3f2a", "docker --context "+context+" image rm localhost:5555/dhh/app:3f2a")
}

func TestPush_lets_buildx_write_into_the_cache(t *testing.T) {
	w := withoutRegistry(t, func(b *config.Builder) { b.Driver = "docker-container" })
	w.moved(w.mustPush(), "docker buildx build --output=type=oci,tar=false,dest=LAYOUT --platform linux/amd64 --builder mrsk-local-docker-container "+
		"-t localhost:5555/dhh/app:3f2a --label service=app --file Dockerfile --metadata-file LAYOUT/metadata.json .")
	if log := w.told("log"); strings.Contains(log, "push") || strings.Contains(log, "image rm") {
		t.Error(log)
	}
}

// buildx skips a blob that is there, whatever is in it.
func TestPush_builds_again_what_is_cut_off_in_the_cache(t *testing.T) {
	for _, driver := range []string{"docker", "docker-container"} {
		t.Run(driver, func(t *testing.T) {
			w := withoutRegistry(t, func(b *config.Builder) { b.Driver = driver })
			file := filepath.Join(w.options.Images.Dir, "blobs", "sha256", digest.FromString(engineLayer).Encoded())
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte("a la"), 0o600); err != nil {
				t.Fatal(err)
			}
			w.mustPush()
			if _, err := w.cached(); err != nil {
				t.Error(err)
			}
			if n := strings.Count(w.told("log"), "buildx build"); n != 2 {
				t.Errorf("built %d times", n)
			}
		})
	}
}

func TestPush_keeps_with_the_engine_what_buildpacks_need_again(t *testing.T) {
	w := withoutRegistry(t, func(b *config.Builder) { b.Pack = &config.Pack{Builder: "heroku/builder:24"} })
	w.git("rm", "--quiet", "--force", "Dockerfile")
	w.git("commit", "--quiet", "-m", "no Dockerfile")
	w.moved(w.mustPush(), "docker push --quiet ADDRESS/dhh/app:3f2a", "docker image rm ADDRESS/dhh/app:3f2a")
	if log := w.told("log"); strings.Contains(log, "image rm localhost") {
		t.Error(log)
	}
}

func TestPush_fails_where_the_engine_cannot_give_the_image(t *testing.T) {
	w := withoutRegistry(t, func(*config.Builder) {})
	w.set("no-loopback", "fail-save")
	_, err := w.push()
	if err == nil || !strings.Contains(err.Error(), "copy the image from docker: exit status 1") {
		t.Errorf("got %v", err)
	}
	if _, err := w.cached(); err == nil {
		t.Error("there is an image")
	}
}

func TestDetails_says_where_images_are(t *testing.T) {
	w := withoutRegistry(t, func(*config.Builder) {})
	w.mustPush()
	b, err := image.Open(t.Context(), w.options)
	if err != nil {
		t.Fatal(err)
	}
	text, err := b.Details(t.Context())
	if want := "Images: 1, "; err != nil || !strings.Contains(text, want) || !strings.Contains(text, " of at most 1.0 GB in "+w.options.Images.Dir+"\n") {
		t.Errorf("%q is not in %q, %v", want, text, err)
	}
}
