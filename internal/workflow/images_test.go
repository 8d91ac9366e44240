package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cuelabs.dev/go/oci/ociregistry"
	"cuelabs.dev/go/oci/ociregistry/ociclient"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"mrsk/internal/event"
	"mrsk/internal/registry"
	"mrsk/internal/registry/registrytest"
	"mrsk/internal/testfleet"
	"mrsk/internal/testhost"
	"mrsk/internal/testhost/engine"
	"mrsk/internal/ui"
)

// TestMain plays docker pull, for the docker of hosts.
func TestMain(m *testing.M) {
	if os.Getenv("PLAY") != "pull" {
		os.Exit(m.Run())
	}
	ctx := context.Background() //nolint:forbidigo // this is a program of its own
	if err := playPull(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pulling is a docker that pulls images, and passes everything else on to the one in ENGINE.
const pulling = `#!/bin/sh
if [ "$1 $2" = 'pull --quiet' ]; then
  echo "$*" >>"$HOME/pulls"
  sed 's/127.0.0.1:[0-9]*/ADDRESS/' "$DOCKER_CONFIG/config.json" >"$HOME/config"
  PLAY=pull exec PROGRAM "$3"
fi
[ "$1" != tag ] || { echo "$*" >>"$HOME/pulls"; exit; }
[ "$1 $2" != 'image rm' ] || { echo "$*" >>"$HOME/pulls"; exit; }
PATH="ENGINE:$PATH" exec docker "$@"
`

// playPull gets all blobs of SERVER/REPOSITORY@DIGEST, with the login in docker's configuration.
func playPull(ctx context.Context, name string) error {
	server, name, _ := strings.Cut(name, "/")
	repository, hash, _ := strings.Cut(name, "@")
	c, err := registrytest.Client(server)
	if err != nil {
		return err
	}
	r, err := c.GetManifest(ctx, repository, digest.Digest(hash))
	if err != nil {
		return err
	}
	var m ocispec.Manifest
	if err := json.NewDecoder(r).Decode(&m); err != nil {
		return err
	}
	for _, d := range append(m.Layers, m.Config) {
		r, err := c.GetBlob(ctx, repository, d.Digest)
		if err != nil {
			return err
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n != d.Size {
			return fmt.Errorf("%d bytes, %w", n, err)
		}
	}
	return nil
}

const (
	configText = "{}"
	layerText  = "a layer"
)

// fill puts version v1 of the shop into the cache, and returns its digest.
func fill(t *testing.T, images *registry.Store) string {
	t.Helper()
	cache, err := images.Open()
	if err != nil {
		t.Fatal(err)
	}
	intake, err := cache.Receive(t.Context(), "acme/shop", func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer intake.Close()
	c, err := ociclient.New(intake.Addr, &ociclient.Options{Insecure: true, Transport: registrytest.Login(intake.Auth().Reveal())})
	if err != nil {
		t.Fatal(err)
	}
	var parts []ocispec.Descriptor
	for _, blob := range []string{configText, layerText} {
		d := ociregistry.Descriptor{Digest: digest.FromString(blob), Size: int64(len(blob))}
		parts = append(parts, d)
		if _, err := c.ResolveBlob(t.Context(), "acme/shop", d.Digest); err == nil {
			continue // as docker does
		}
		if _, err := c.PushBlob(t.Context(), "acme/shop", d, strings.NewReader(blob)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest, Config: parts[0], Layers: parts[1:]})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.PushManifest(t.Context(), "acme/shop", "v1", text, ocispec.MediaTypeImageManifest)
	if err != nil {
		t.Fatal(err)
	}
	return d.Digest.String()
}

// bringer is a run on one host that needs no registry, with version v1 in the cache. The port that
// it would like to forward is taken.
func bringer(t *testing.T, o ...testhost.Option) (env Env, y *testfleet.Fleet, host *testhost.Server, digest string) {
	t.Helper()
	y = testfleet.NewWithDocker(t, "vm1")
	host = testhost.New(t, o...)
	y.Hosts["vm1"] = host
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	host.Put("docker", strings.NewReplacer("PROGRAM", program, "ENGINE", engine.Serve(t, y.Engines["vm1"])).Replace(pulling))
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	scope := scopeOf(t, "service: shop\nimage: acme/shop\nservers: [vm1]\nregistry: {server: 'localhost:"+port+"'}\n")
	name := scope.Project.AbsoluteImage("v1") // what is pulled has this name in the end
	y.Registry.Push(name, map[string]string{"service": "shop"}, nil)
	y.Docker("vm1", "pull", name)
	images := &registry.Store{Dir: t.TempDir(), Limit: 1e9}
	t.Cleanup(func() { _ = images.Close() })
	env = testEnv(scope, y)
	env.Version, env.Images = "v1", images
	return env, y, host, fill(t, images)
}

func TestPull_serves_the_image_by_its_digest_through_ssh(t *testing.T) {
	t.Parallel()
	env, y, _, digest := bringer(t)
	if err := PullImage(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	server := env.Scope.Project.Registry.Server
	did := strings.Split(y.Read("vm1", "pulls"), "\n")
	if len(did) != 4 || !strings.HasSuffix(did[0], "/acme/shop@"+digest) || !strings.HasPrefix(did[0], "pull --quiet 127.0.0.1:") {
		t.Fatalf("did %q", did)
	}
	from := strings.TrimPrefix(did[0], "pull --quiet ")
	if strings.HasPrefix(from, "127.0.0.1:"+env.Scope.Project.Registry.Port()+"/") {
		t.Errorf("pulled from a port that is taken: %s", from)
	}
	if did[1] != "tag "+from+" "+server+"/acme/shop:v1" || did[2] != "image rm "+from {
		t.Errorf("did %q", did)
	}
	if warned := y.Said(); strings.Contains(warned, "GatewayPorts") {
		t.Error(warned)
	}
	where, _, _ := strings.Cut(from, "/")
	awaitClosed(t, where)
}

// awaitClosed waits until nothing listens at the address any more.
func awaitClosed(t *testing.T, address string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Error("the port is still open")
}

// The login is in a file for docker alone: in no argument list, and in nothing that is shown.
func TestPull_shows_the_login_to_docker_only(t *testing.T) {
	t.Parallel()
	env, y, host, _ := bringer(t)
	if err := PullImage(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Auths map[string]struct{ Auth string }
	}
	if err := json.Unmarshal([]byte(y.Read("vm1", "config")), &kept); err != nil || len(kept.Auths["ADDRESS"].Auth) < 20 {
		t.Fatalf("%+v, %v", kept, err)
	}
	secret := kept.Auths["ADDRESS"].Auth
	if all := fmt.Sprintf("%+v", y.Events()) + strings.Join(host.Execs(), "\n") + y.Read("vm1", "pulls"); strings.Contains(all, secret) {
		t.Error("the login is shown")
	}
}

func TestPull_warns_of_ports_that_are_open_to_the_network(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		t.Skip("hosts run Linux")
	}
	env, y, _, _ := bringer(t, testhost.GatewayPorts())
	if err := PullImage(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	var warned []string
	for _, e := range y.Events() {
		if w, ok := e.(event.Warning); ok {
			warned = append(warned, w.Host+": "+w.Text)
		}
	}
	if len(warned) != 1 || !strings.HasPrefix(warned[0], "vm1: sshd opens forwarded ports to the network: set GatewayPorts to no") {
		t.Errorf("warned %q", warned)
	}
}

func TestPull_tells_a_host_that_forwards_no_port(t *testing.T) {
	t.Parallel()
	env, y, _, _ := bringer(t, testhost.NoForward())
	err := PullImage(t.Context(), env)
	if told := failedHosts(y); err == nil || len(told) != 1 || !strings.HasPrefix(told[0], "vm1: forward a port to this machine: ") {
		t.Errorf("told %q of %v", told, err)
	}
}

// spoil changes blobs in the cache to others of the same size.
func spoil(t *testing.T, env Env, blobs ...string) {
	t.Helper()
	if err := env.Images.Close(); err != nil {
		t.Fatal(err)
	}
	for _, text := range blobs {
		file := filepath.Join(env.Images.Dir, "blobs", "sha256", digest.FromString(text).Encoded())
		if err := errors.Join(os.Remove(file), os.WriteFile(file, []byte(strings.Repeat("!", len(text))), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// docker stops at the first part that it does not get, and a build does not write again what is there.
func TestPull_builds_again_what_is_damaged_in_the_cache(t *testing.T) {
	t.Parallel()
	env, y, _, _ := bringer(t)
	spoil(t, env, layerText, configText)
	again := func(context.Context) error {
		fill(t, env.Images)
		return nil
	}
	if err := pullImage(t.Context(), env, again); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(y.Read("vm1", "pulls"), "pull "); n != 2 || !strings.Contains(y.Said(), "A part of the image in the cache was damaged") {
		t.Errorf("pulled %d times: %s", n, y.Said())
	}
}

// With --skip-push nothing was built that could be built again.
func TestPull_reports_what_is_damaged_in_the_cache(t *testing.T) {
	t.Parallel()
	env, _, _, _ := bringer(t)
	spoil(t, env, layerText)
	want := "error: image acme/shop:v1 is not in the image cache of this machine: blob " + digest.FromString(layerText).String() +
		": it was damaged and is removed\nhint: images are kept where they are built: run mrsk build push here, or deploy without --skip-push\n"
	if got := ui.Error(PullImage(t.Context(), env)); got != want {
		t.Errorf("got %s", got)
	}
}

func TestPull_says_that_the_image_is_not_here(t *testing.T) {
	t.Parallel()
	env, _, _, _ := bringer(t)
	env.Version = "v2"
	want := "error: image acme/shop:v2 is not in the image cache of this machine: there is no such tag\n" +
		"hint: images are kept where they are built: run mrsk build push here, or deploy without --skip-push\n"
	if got := ui.Error(PullImage(t.Context(), env)); got != want {
		t.Errorf("got %s", got)
	}
}

func TestLogin_and_logout_without_a_registry(t *testing.T) {
	t.Parallel()
	env, y, _, _ := bringer(t)
	if err := LoginRegistry(t.Context(), env, Where{Local: true, Hosts: true}); err != nil || !strings.Contains(y.Said(), "There is nothing to log in to") {
		t.Errorf("said %s, %v", y.Said(), err)
	}
	if err := LogoutRegistry(t.Context(), env, Where{Local: true, Hosts: true}); !errors.Is(err, registry.ErrBusy) {
		t.Errorf("while a deploy uses it: %v", err)
	}
	if err := env.Images.Close(); err != nil {
		t.Fatal(err)
	}
	if err := LogoutRegistry(t.Context(), env, Where{Hosts: true}); err != nil || strings.Contains(y.Said(), "Removed") {
		t.Errorf("not on this machine: %s, %v", y.Said(), err)
	}
	if err := LogoutRegistry(t.Context(), env, Where{Local: true, Hosts: true}); err != nil || !strings.Contains(y.Said(), "Removed 1 images, ") {
		t.Errorf("said %s, %v", y.Said(), err)
	}
}
