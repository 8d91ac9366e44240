package image_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/diagnose"
	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/local"
	"mrsk/internal/ui"
)

func TestPush_builds_the_commit_with_a_builder_of_its_own(t *testing.T) {
	w := newWorkshop(t)
	w.write("app", "changed\n")
	w.write("new", "")
	got := w.mustPush()
	want := image.Result{
		Names:  image.Names{Repository: "registry.example.com/dhh/app", Version: "registry.example.com/dhh/app:3f2a", Latest: "registry.example.com/dhh/app:latest"},
		Digest: "sha256:b0b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if built := w.told("built"); built != "one\n" {
		t.Errorf("built %q", built)
	}
	log := `docker login registry.example.com -u dhh --password-stdin
docker buildx inspect mrsk-local-docker-container
docker buildx create --name mrsk-local-docker-container --driver=docker-container
docker buildx build --output=type=registry --platform linux/amd64 --builder mrsk-local-docker-container -t registry.example.com/dhh/app:3f2a -t registry.example.com/dhh/app:latest --label service=app --file Dockerfile --metadata-file METADATA .
`
	if diff := cmp.Diff(log, w.told("log")); diff != "" {
		t.Error(diff)
	}
	shown := []string{
		"Build and push the image registry.example.com/dhh/app:3f2a",
		"create builder mrsk-local-docker-container began", "create builder mrsk-local-docker-container done",
		"build image began", "build image done",
	}
	if diff := cmp.Diff(shown, append(w.shown[:1:1], w.shown[len(w.shown)-4:]...)); diff != "" {
		t.Error(diff)
	}
	// What follows the title comes at the same time, in any order.
	for _, together := range []string{
		"there are uncommitted changes; they are not part of the image, which is built from the last commit\n M app\n?? new",
		"clone the checkout done", "log in to registry.example.com done",
	} {
		if !slices.Contains(w.shown, together) {
			t.Errorf("%q is not shown", together)
		}
	}
	left, err := filepath.Glob(filepath.Join(w.options.Temp, "mrsk-build-*"))
	if err != nil || left != nil {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// Every program that a deploy starts is time that somebody waits.
func TestPush_starts_few_programs_the_second_time(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Driver = "docker"
	w.mustPush()
	w.remember("registry.example.com", "dhh:sentinel-password")
	w.write("app", "two\n")
	w.git("commit", "--quiet", "-am", "two")
	w.take("log")
	w.set("log-git")
	w.mustPush()
	got := strings.Split(strings.TrimSuffix(w.told("log"), "\n"), "\n")
	slices.Sort(got)
	want := []string{
		"docker buildx build --output=type=registry --platform linux/amd64 -t registry.example.com/dhh/app:3f2a -t registry.example.com/dhh/app:latest --label service=app --file Dockerfile --metadata-file METADATA .",
		"git -C CLONE clean --quiet -ffdx",
		"git -C CLONE fetch --quiet --force ROOT HEAD:refs/mrsk/HEAD",
		"git -C CLONE reset --quiet --hard HEAD",
		"git -C CLONE status --porcelain=v2 --branch",
		"git rev-parse --show-toplevel HEAD --show-prefix",
		"git status --porcelain",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPush_believes_docker_that_it_is_logged_in(t *testing.T) {
	w := newWorkshop(t)
	w.remember("registry.example.com", "dhh:sentinel-password")
	w.mustPush()
	if log := w.told("log"); strings.Contains(log, "docker login") {
		t.Error(log)
	}
	w.remember("registry.example.com", "dhh:older")
	w.mustPush()
	if log := w.told("log"); !strings.Contains(log, "docker login") {
		t.Error(log)
	}
}

// The password in docker's files may have been revoked: the build fails in some way or other, and
// what is told is why.
func TestPush_tells_a_refused_login_that_was_believed_in(t *testing.T) {
	w := newWorkshop(t)
	w.remember("registry.example.com", "dhh:sentinel-password")
	w.set("fail-build")
	_, err := w.push()
	var failed *image.FailedError
	if !errors.As(err, &failed) || failed.Step != "build image" {
		t.Errorf("got %v", err)
	}
	w.set("deny-login")
	_, err = w.push()
	var refused *image.LoginError
	if !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

func TestPush_blames_the_machine_whose_docker_failed(t *testing.T) {
	for want, change := range map[string]func(*image.Options){
		"this machine":       func(*image.Options) {},
		"the remote builder": func(o *image.Options) { o.Spec.Builder.Remote, o.Spec.Builder.Local = "ssh://app@10.0.0.9", false },
		"this machine or the remote builder": func(o *image.Options) {
			o.Spec.Builder.Remote, o.Spec.Builder.LocalArch = "ssh://app@10.0.0.9", "amd64"
			o.Spec.Arch = []string{"amd64", "arm64"}
		},
		"the machine of the docker context": func(o *image.Options) { o.Docker.Host = "tcp://10.0.0.9:2375" },
	} {
		t.Run(want, func(t *testing.T) {
			w := newWorkshop(t)
			change(&w.options)
			if err := os.WriteFile(filepath.Join(w.fake, "fail-build"), []byte("ERROR: Cannot connect to the Docker daemon at x\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := w.push()
			if err == nil || !strings.HasPrefix(err.Error(), "build image: the Docker daemon of "+want+" does not run\n") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSilentError_names_the_machine(t *testing.T) {
	t.Parallel()
	for engine, want := range map[diagnose.Machine]string{diagnose.ThisMachine: "docker version", diagnose.RemoteBuilder: "builder.remote"} {
		err := image.SilentError{Limit: time.Second, Engine: engine}
		if !strings.Contains(err.Error(), "daemon of "+engine.String()) || !strings.Contains(err.Hint(), want) {
			t.Errorf("%s: %s", err.Error(), err.Hint())
		}
	}
}

func TestPush_builds_with_buildpacks(t *testing.T) {
	w := newWorkshop(t)
	w.write("Dockerfile", "")
	w.git("rm", "--quiet", "--force", "Dockerfile")
	w.git("commit", "--quiet", "-m", "no Dockerfile")
	b := &w.options.Spec.Builder
	b.Pack = &config.Pack{Builder: "heroku/builder:24"}
	b.Args = []config.Pair{{Name: "RUBY_VERSION", Value: "3.4.1"}}
	b.Secrets = []config.Secret{{Name: "TOKEN", Key: "TOKEN"}}
	if got := w.mustPush(); got.Digest != "sha256:cafe" {
		t.Errorf("got %+v", got)
	}
	if saw := w.told("built") + w.told("packed"); saw != "one\n3.4.1 sentinel-token\n" {
		t.Errorf("pack saw %q", saw)
	}
	log := w.told("log")
	if !strings.Contains(log, "docker push registry.example.com/dhh/app:3f2a\ndocker push registry.example.com/dhh/app:latest\n") {
		t.Error(log)
	}
	if strings.Contains(log+strings.Join(w.events, "\n"), "sentinel") {
		t.Error("the secret is shown")
	}
}

func TestPrepare_says_that_pack_is_missing(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Pack = &config.Pack{Builder: "heroku/builder:24"}
	t.Setenv("PATH", w.bin("docker"))
	_, err := w.push()
	var missing *local.MissingError
	if !errors.As(err, &missing) || missing.Program != "pack" {
		t.Errorf("got %v", err)
	}
}

func TestPush_builds_for_development_without_a_registry(t *testing.T) {
	w := newWorkshop(t)
	w.write("app", "changed\n")
	w.write("new", "")
	w.options.Spec = w.options.Spec.Development("docker")
	got := w.mustPush()
	if got.Names.Version != "registry.example.com/dhh/app:3f2a-dirty" || got.Digest != "" {
		t.Errorf("got %+v", got)
	}
	if built := w.told("built"); built != "changed\n" {
		t.Errorf("built %q", built)
	}
	if log := w.told("log"); strings.Contains(log, "login") || strings.Contains(log, "push") {
		t.Error(log)
	}
	for _, want := range []string{
		"Build the image registry.example.com/dhh/app:3f2a-dirty",
		"there are uncommitted changes; they are built, too\n M app\n?? new",
	} {
		if !slices.Contains(w.shown, want) {
			t.Errorf("%q is not shown", want)
		}
	}
}

func TestPush_uses_a_builder_that_is_there(t *testing.T) {
	w := newWorkshop(t)
	w.mustPush()
	w.mustPush()
	if n := strings.Count(w.told("log"), "buildx create"); n != 1 {
		t.Errorf("created %d builders", n)
	}
}

func TestPush_makes_a_remote_builder_that_leads_elsewhere_anew(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Remote = "ssh://app@10.0.0.9"
	w.options.Spec.Arch = []string{"amd64", "arm64"}
	const name = "mrsk-hybrid-docker-container-ssh---app-10-0-0-9"
	w.mustPush()
	if err := os.WriteFile(filepath.Join(w.fake, name+"-context"), []byte("ssh://other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(w.fake, "log")); err != nil {
		t.Fatal(err)
	}
	w.mustPush()
	log := w.told("log")
	for _, command := range []string{
		"docker info --format {{.Architecture}}",
		"docker buildx rm " + name,
		"docker context rm " + name + "-context",
		"docker context create " + name + "-context --docker host=ssh://app@10.0.0.9",
	} {
		if !strings.Contains(log, command+"\n") {
			t.Errorf("%q is not in\n%s", command, log)
		}
	}
}

func TestPush_does_without_buildx_where_docker_alone_will_do(t *testing.T) {
	w := newWorkshop(t)
	w.set("no-buildx")
	w.take("docker-buildx")
	w.options.Spec.Builder.Args = []config.Pair{{Name: "RUBY_VERSION", Value: "3.4.1"}}
	if got := w.mustPush(); got.Digest != "sha256:cafe" {
		t.Errorf("got %+v", got)
	}
	if !slices.Contains(w.shown, "docker's buildx plugin is missing; building without it") {
		t.Errorf("shown %q", w.shown)
	}
	if log := w.told("log"); !strings.Contains(log, "docker push registry.example.com/dhh/app:3f2a\ndocker push registry.example.com/dhh/app:latest\n") {
		t.Error(log)
	}
}

func TestPrepare_fails_where_only_buildx_will_do(t *testing.T) {
	w := newWorkshop(t)
	w.set("no-buildx")
	w.take("docker-buildx")
	w.options.Spec.Arch = []string{"amd64", "arm64"}
	_, err := w.push()
	var missing *image.MissingBuildxError
	if !errors.As(err, &missing) {
		t.Fatal(err)
	}
	want := "error: an image for several architectures needs docker's buildx plugin: docker buildx version: exit status 1\n" +
		"  | docker: unknown command: docker buildx\n" +
		"hint: install the buildx plugin: https://docs.docker.com/go/buildx\n"
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
}

func TestPush_shows_how_a_build_failed(t *testing.T) {
	w := newWorkshop(t)
	w.set("fail-build")
	w.options.Spec.Builder.Secrets = []config.Secret{{Name: "TOKEN", Key: "TOKEN"}}
	_, err := w.push()
	var want strings.Builder
	want.WriteString("error: build image: exit status 17\n")
	for i := 7; i <= 25; i++ {
		fmt.Fprintf(&want, "  | #%d step\n", i)
	}
	want.WriteString("  | ERROR: token [REDACTED] is no good\n")
	if diff := cmp.Diff(want.String(), ui.Error(err)); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(strings.Join(w.events, "\n"), "sentinel") {
		t.Errorf("a secret is in %s", w.events)
	}
}

func TestPush_hands_secrets_over_in_the_environment_only(t *testing.T) {
	w := newWorkshop(t)
	w.options.Spec.Builder.Secrets = []config.Secret{
		{Name: "TOKEN", Key: "TOKEN"},
		{Name: "AWS_SECRET_ACCESS_KEY", Key: "AWS_SECRET_ACCESS_KEY"},
	}
	w.mustPush()
	if got := w.told("secrets"); got != "sentinel-token\nsentinel-aws\n" {
		t.Errorf("docker saw %q", got)
	}
	if shown := w.told("log") + strings.Join(w.events, "\n"); strings.Contains(shown, "sentinel") {
		t.Error(shown)
	}
}

// buildx makes its trace a part of that of the deploy.
func TestPush_gives_programs_the_trace(t *testing.T) {
	w := newWorkshop(t)
	w.options.Environ = []string{"TRACEPARENT=00-1-2-01"}
	w.options.Spec.Builder.Args = append(w.options.Spec.Builder.Args, config.Pair{Name: "TRACEPARENT", Value: "of an argument"})
	w.mustPush()
	if got := w.told("trace"); got != "00-1-2-01\n" {
		t.Errorf("docker saw %q", got)
	}
}

func TestPush_fails_when_the_registry_refuses(t *testing.T) {
	w := newWorkshop(t)
	w.set("no-buildx", "fail-push")
	w.take("docker-buildx")
	_, err := w.push()
	want := "error: push registry.example.com/dhh/app:3f2a: the registry refuses the login\n  | denied: requested access to the resource is denied\n" +
		"hint: check registry.username and registry.password\n"
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
}

func TestLogin_gives_the_password_through_stdin(t *testing.T) {
	w := newWorkshop(t)
	if err := image.Login(t.Context(), configuration().Registry, values, w.record); err != nil {
		t.Fatal(err)
	}
	if got := w.told("password"); got != "sentinel-password" {
		t.Errorf("docker read %q", got)
	}
	w.set("deny-login")
	err := image.Login(t.Context(), configuration().Registry, values, w.record)
	want := "error: log in to registry.example.com: exit status 1\n  | Error response: [REDACTED] is denied\n" +
		"hint: check registry.username and registry.password\n"
	if diff := cmp.Diff(want, ui.Error(err)); diff != "" {
		t.Error(diff)
	}
	if shown := w.told("log") + strings.Join(w.events, "\n"); strings.Contains(shown, "sentinel") {
		t.Error(shown)
	}
}

func TestLogin_leaves_a_registry_alone_that_asks_nobody(t *testing.T) {
	w := newWorkshop(t)
	if err := image.Login(t.Context(), config.Registry{Server: "localhost:5555"}, config.Secrets{}, w.record); err != nil {
		t.Fatal(err)
	}
	if log := w.told("log"); log != "" {
		t.Error(log)
	}
}

func TestPrepare_says_that_docker_is_missing(t *testing.T) {
	w := newWorkshop(t)
	t.Setenv("PATH", t.TempDir())
	_, err := w.push()
	var missing *local.MissingError
	if !errors.As(err, &missing) || missing.Program != "docker" {
		t.Errorf("got %v", err)
	}
}

// A build that ends because something else failed is not what failed.
func TestPush_is_cancelled_not_failed_when_the_run_ends(t *testing.T) {
	w := newWorkshop(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	w.options.Events = func(e event.Event) {
		w.record(e)
		if step, ok := e.(event.Step); ok && step.Name == "build image" && step.State == event.Began {
			cancel(errors.New("locked on vm1"))
		}
	}
	b, err := image.Prepare(ctx, w.options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Push(ctx); err == nil || !strings.HasSuffix(err.Error(), "locked on vm1") {
		t.Errorf("got %v", err)
	}
	if !slices.Contains(w.shown, "build image cancelled") || slices.Contains(w.shown, "build image failed") {
		t.Errorf("shown %q", w.shown)
	}
}
