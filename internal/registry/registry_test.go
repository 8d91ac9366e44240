package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cuelabs.dev/go/oci/ociregistry"
	"cuelabs.dev/go/oci/ociregistry/ociclient"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

const plenty = 1 << 40

func open(t *testing.T, dir string) *Cache {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(plenty) })
	return c
}

// push puts an image with these layers into a registry and returns the digest of its manifest.
func push(t *testing.T, to ociregistry.Interface, repository, tag string, layers ...string) ociregistry.Descriptor {
	t.Helper()
	m := ocispec.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest}
	m.Config = pushBlob(t, to, repository, `{"architecture":"amd64","os":"linux"}`, ocispec.MediaTypeImageConfig)
	for _, l := range layers {
		m.Layers = append(m.Layers, pushBlob(t, to, repository, l, ocispec.MediaTypeImageLayer))
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	d, err := to.PushManifest(t.Context(), repository, tag, text, m.MediaType)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pushBlob(t *testing.T, to ociregistry.Interface, repository, content, media string) ociregistry.Descriptor {
	t.Helper()
	d, err := to.PushBlob(t.Context(), repository, ociregistry.Descriptor{Digest: digest.FromString(content), Size: int64(len(content))}, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	d.MediaType = media
	return d
}

// authorized is a client's way to a server, with a login.
type authorized struct {
	http.RoundTripper
	name, password string
}

func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if a.name != "" {
		r.SetBasicAuth(a.name, a.password)
	}
	return a.RoundTripper.RoundTrip(r)
}

func client(t *testing.T, host string, way http.RoundTripper) ociregistry.Interface {
	t.Helper()
	c, err := ociclient.New(host, &ociclient.Options{Insecure: true, Transport: way})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func receive(t *testing.T, c *Cache, repository string) (*Intake, ociregistry.Interface) {
	t.Helper()
	i, err := c.Receive(t.Context(), repository, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i, client(t, i.Addr, authorized{http.DefaultTransport, user, i.password.Reveal()})
}

func image(t *testing.T, c *Cache, repository, tag string) Image {
	t.Helper()
	i, err := c.Image(repository, tag)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// through is a transport for the connections of an outlet.
func through(o *Outlet) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return o.Dial(ctx) }}
}

func serve(t *testing.T, c *Cache, i Image) (*Outlet, ociregistry.Interface) {
	t.Helper()
	o := c.Serve(i)
	t.Cleanup(o.Close)
	return o, client(t, "host", authorized{through(o), user, o.password.Reveal()})
}

func content(t *testing.T, r ociregistry.BlobReader, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestAn_image_goes_in_by_push_and_out_by_digest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir)
	_, in := receive(t, c, "acme/shop")
	pushed := push(t, in, "acme/shop", "v1", "base", "app")
	if err := c.Close(plenty); err != nil {
		t.Fatal(err)
	}
	c = open(t, dir)
	i := image(t, c, "acme/shop", "v1")
	if i.Digest() != pushed.Digest.String() {
		t.Errorf("got %s, pushed %s", i.Digest(), pushed.Digest)
	}
	_, out := serve(t, c, i)
	r, err := out.GetManifest(t.Context(), "acme/shop", pushed.Digest)
	var m ocispec.Manifest
	if err := json.Unmarshal([]byte(content(t, r, err)), &m); err != nil || len(m.Layers) != 2 {
		t.Fatalf("%d layers, %v", len(m.Layers), err)
	}
	r, err = out.GetBlob(t.Context(), "acme/shop", m.Layers[1].Digest)
	if got := content(t, r, err); got != "app" {
		t.Errorf("got %q", got)
	}
	r, err = out.GetBlobRange(t.Context(), "acme/shop", m.Layers[0].Digest, 2, -1)
	if got := content(t, r, err); got != "se" {
		t.Errorf("from byte 2 on: %q", got)
	}
}

func TestIntake_does_not_ask_for_what_is_there(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, first := receive(t, c, "acme/shop")
	push(t, first, "acme/shop", "v1", "base")
	_, second := receive(t, c, "acme/blog")
	if _, err := second.ResolveBlob(t.Context(), "acme/blog", digest.FromString("base")); err != nil {
		t.Error(err)
	}
	if _, err := second.ResolveBlob(t.Context(), "acme/blog", digest.FromString("else")); !unknown(err) {
		t.Errorf("got %v", err)
	}
	if _, err := second.MountBlob(t.Context(), "acme/shop", "acme/blog", digest.FromString("base")); err != nil {
		t.Error(err)
	}
}

// unknown reports whether a request, which may be one without an answer's body, was told 404.
func unknown(err error) bool {
	var answer ociregistry.HTTPError
	return errors.As(err, &answer) && answer.StatusCode() == http.StatusNotFound
}

func TestIntake_takes_one_repository_and_true_digests_only(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	if _, err := in.PushBlob(t.Context(), "acme/blog", ociregistry.Descriptor{Digest: digest.FromString("x"), Size: 1}, strings.NewReader("x")); err == nil {
		t.Error("another repository is taken")
	}
	w, err := in.PushBlobChunked(t.Context(), "acme/shop", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "xx"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(digest.FromString("y")); !errors.Is(err, ociregistry.ErrDigestInvalid) {
		t.Errorf("a wrong digest: %v", err)
	}
	if left, err := os.ReadDir(c.work); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// Anybody on a host can reach the port. What they get without the login of the run is nothing.
func TestOutlet_lets_nobody_in_without_the_login(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	pushed := push(t, in, "acme/shop", "v1", "base")
	o, _ := serve(t, c, image(t, c, "acme/shop", "v1"))
	for _, a := range []authorized{{through(o), "", ""}, {through(o), user, ""}, {through(o), user, "guess"}, {through(o), "root", o.password.Reveal()}} {
		for _, path := range []string{"/v2/", "/v2/acme/shop/manifests/" + pushed.Digest.String(), "/v2/acme/shop/blobs/" + digest.FromString("base").String(), "/v2/_catalog", "/"} {
			if status, body := get(t, a, path); status != http.StatusUnauthorized || strings.Contains(body, "base") {
				t.Errorf("%s:%s gets %s: %d %s", a.name, a.password, path, status, body)
			}
		}
	}
	if o.LoggedIn() {
		t.Error("somebody has come in")
	}
}

func get(t *testing.T, way http.RoundTripper, path string) (status int, body string) {
	t.Helper()
	return send(t, way, http.MethodGet, path, "")
}

func send(t *testing.T, way http.RoundTripper, method, path, text string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://host"+path, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := way.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(all)
}

// Whoever has the login gets the one image and can change nothing.
func TestOutlet_serves_one_image_read_only(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	pushed := push(t, in, "acme/shop", "v1", "base")
	push(t, in, "acme/shop", "v2", "secret of v2")
	_, other := receive(t, c, "acme/blog")
	push(t, other, "acme/blog", "v1", "secret of blog")
	o, _ := serve(t, c, image(t, c, "acme/shop", "v1"))
	way := authorized{through(o), user, o.password.Reveal()}
	for _, path := range []string{
		"/v2/acme/shop/blobs/" + digest.FromString("secret of v2").String(),
		"/v2/acme/shop/blobs/" + digest.FromString("secret of blog").String(),
		"/v2/acme/blog/blobs/" + digest.FromString("secret of blog").String(),
		"/v2/acme/blog/blobs/" + digest.FromString("base").String(),
		"/v2/acme/shop/manifests/v1", "/v2/acme/shop/tags/list", "/v2/_catalog",
		"/v2/acme/shop/blobs/sha256:../../lock",
	} {
		if status, body := get(t, way, path); status < 400 || strings.Contains(body, "secret") {
			t.Errorf("GET %s: %d %s", path, status, body)
		}
	}
	manifest := "/v2/acme/shop/manifests/" + pushed.Digest.String()
	for method, path := range map[string]string{
		http.MethodPut: "/v2/acme/shop/manifests/v1", http.MethodPost: "/v2/acme/shop/blobs/uploads/", http.MethodDelete: manifest,
	} {
		if status, body := send(t, way, method, path, `{"schemaVersion":2}`); status < 400 {
			t.Errorf("%s %s: %d %s", method, path, status, body)
		}
	}
	if status, _ := get(t, way, manifest); status != http.StatusOK {
		t.Errorf("the image itself: %d", status)
	}
}

func damage(t *testing.T, c *Cache, text, with string) {
	t.Helper()
	path := c.path(digest.FromString(text))
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(with), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A disk that has lost bits, or a power failure, must not reach a host.
func TestOpen_drops_a_blob_that_is_damaged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writer := open(t, dir)
	_, in := receive(t, writer, "acme/shop")
	push(t, in, "acme/shop", "v1", "base")
	c := open(t, dir)
	damage(t, c, "base", "bose")
	i := image(t, c, "acme/shop", "v1")
	_, out := serve(t, c, i)
	if _, err := out.GetBlob(t.Context(), "acme/shop", digest.FromString("base")); !errors.Is(err, ociregistry.ErrBlobUnknown) {
		t.Fatalf("got %v", err)
	}
	if d := c.Dropped(); len(d) != 1 || d[0] != digest.FromString("base") {
		t.Errorf("dropped %v", d)
	}
	_, in = receive(t, c, "acme/shop")
	push(t, in, "acme/shop", "v1", "base")
	r, err := out.GetBlob(t.Context(), "acme/shop", digest.FromString("base"))
	if got := content(t, r, err); got != "base" {
		t.Errorf("after it was pushed again: %q", got)
	}
}

func TestImage_reports_what_is_cut_off_or_missing(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	push(t, in, "acme/shop", "v1", "base")
	for with, want := range map[string]string{"ba": "has 2 bytes in place of 4", "gone": "no such file"} {
		damage(t, c, "base", with)
		if with == "gone" {
			if err := os.Remove(c.path(digest.FromString("base"))); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.Image("acme/shop", "v1")
		var missing *MissingError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v", err)
		}
		if _, err := in.ResolveBlob(t.Context(), "acme/shop", digest.FromString("base")); !unknown(err) {
			t.Errorf("docker would not push it again: %v", err)
		}
		push(t, in, "acme/shop", "v1", "base")
	}
	if _, err := c.Image("acme/shop", "v9"); err == nil || !strings.Contains(err.Error(), "image acme/shop:v9 is not in the image cache of this machine: there is no such tag") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Image("acme/../../etc", "v1"); err == nil {
		t.Error("a path is taken for a name")
	}
}

// A process that is killed leaves what it has not finished in its own folder.
func TestClose_removes_what_a_killed_process_left(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	killed, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	u, err := killed.upload()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(u, "half"); err != nil {
		t.Fatal(err)
	}
	_ = killed.lock.Close() // as the kernel does
	c := open(t, dir)
	if blobs, err := c.blobs(); err != nil || len(blobs) > 0 {
		t.Errorf("half a blob is among %v, %v", blobs, err)
	}
	if err := c.Close(plenty); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "work")); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestClose_removes_what_was_not_used_for_the_longest_time(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := open(t, dir)
	_, in := receive(t, c, "acme/shop")
	large := func(s string) string { return strings.Repeat(s, 1000) }
	push(t, in, "acme/shop", "old", large("base"), large("old"))
	push(t, in, "acme/shop", "new", large("base"), large("new"))
	long := time.Now().Add(-time.Hour)
	for _, b := range must(c.blobs()) {
		if err := os.Chtimes(b.path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	image(t, c, "acme/shop", "new")
	if err := c.Close(8_000); err != nil {
		t.Fatal(err)
	}
	c = open(t, dir)
	image(t, c, "acme/shop", "new")
	if _, err := c.Image("acme/shop", "old"); err == nil || !strings.Contains(err.Error(), "no such tag") {
		t.Errorf("got %v", err)
	}
	if u, err := UsageOf(dir); err != nil || u.Images != 1 || u.Bytes > 8_000 || u.Bytes < 7_000 {
		t.Errorf("got %+v, %v", u, err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Another run may have found a blob that it need not write again.
func TestClose_removes_nothing_while_another_process_uses_the_cache(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, other := open(t, dir), open(t, dir)
	_, in := receive(t, c, "acme/shop")
	push(t, in, "acme/shop", "v1", "base")
	if err := c.Close(0); err != nil {
		t.Fatal(err)
	}
	image(t, other, "acme/shop", "v1")
	if _, err := Clear(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	if err := other.Close(0); err != nil {
		t.Fatal(err)
	}
	if u, err := UsageOf(dir); err != nil || u.Bytes != 0 || u.Images != 0 {
		t.Errorf("the last one has left %+v, %v", u, err)
	}
}

func TestClear_removes_all_and_says_how_much(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	if u, err := Clear(dir); err != nil || u.Bytes != 0 {
		t.Errorf("of nothing: %+v, %v", u, err)
	}
	c := open(t, dir)
	_, in := receive(t, c, "acme/shop")
	push(t, in, "acme/shop", "v1", "base")
	if err := c.Close(plenty); err != nil {
		t.Fatal(err)
	}
	if u, err := Clear(dir); err != nil || u.Images != 1 || u.Bytes < 100 {
		t.Errorf("got %+v, %v", u, err)
	}
	if u, err := UsageOf(dir); err != nil || u.Bytes != 0 || u.Images != 0 {
		t.Errorf("left %+v, %v", u, err)
	}
}

// buildx writes blobs into a layout, and skips those that are there.
func TestLayout_shares_the_blobs(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	dir, err := c.Layout()
	if err != nil {
		t.Fatal(err)
	}
	d := digest.FromString("base")
	if err := os.WriteFile(filepath.Join(dir, "blobs", "sha256", d.Encoded()), []byte("base"), 0o600); err != nil {
		t.Fatal(err)
	}
	if size, err := c.stat(d); err != nil || size != 4 {
		t.Errorf("got %d, %v", size, err)
	}
}

// A manifest that refers to itself, or to manifests without end, must not keep the program busy.
func TestImage_follows_indexes(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	below := push(t, in, "acme/shop", "", "base")
	for range deepest {
		text := must(json.Marshal(ocispec.Index{Versioned: specs.Versioned{SchemaVersion: 2}, Manifests: []ocispec.Descriptor{below}}))
		d, err := in.PushManifest(t.Context(), "acme/shop", "v1", text, ocispec.MediaTypeImageIndex)
		if err != nil {
			t.Fatal(err)
		}
		below = d
	}
	i := image(t, c, "acme/shop", "v1")
	if len(i.manifests) != deepest+1 || len(i.parts) != deepest+3 {
		t.Errorf("%d manifests, %d parts", len(i.manifests), len(i.parts))
	}
	text := must(json.Marshal(ocispec.Index{Manifests: []ocispec.Descriptor{below}}))
	if _, err := in.PushManifest(t.Context(), "acme/shop", "v1", text, ocispec.MediaTypeImageIndex); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Image("acme/shop", "v1"); err == nil || !strings.Contains(err.Error(), "nested too deep") {
		t.Errorf("got %v", err)
	}
}

func TestSize_tells_what_is_new(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	push(t, in, "acme/shop", "v1", "base", "first")
	before := c.Blobs()
	push(t, in, "acme/shop", "v2", "base", "second layer")
	all, added := image(t, c, "acme/shop", "v2").Size(before)
	same := int64(len("base") + len(`{"architecture":"amd64","os":"linux"}`))
	if added <= int64(len("second layer")) || added != all-same {
		t.Errorf("%d of %d bytes are new", added, all)
	}
	if _, added := image(t, c, "acme/shop", "v1").Size(before); added != 0 {
		t.Errorf("%d bytes of the image that was there are new", added)
	}
	if all, added := image(t, c, "acme/shop", "v1").Size(nil); added != all {
		t.Errorf("%d of %d bytes are new where nothing was known", added, all)
	}
}

// A client that goes away in the middle of a blob has not asked for the rest.
func TestTransfer_counts_what_a_client_gets(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	large := strings.Repeat("large", 1<<20)
	push(t, in, "acme/shop", "v1", "base", large)
	o, _ := serve(t, c, image(t, c, "acme/shop", "v1"))
	one := &Transfer{Moved: func(int64, int64) {}}
	for name, dial := range map[string]func(context.Context) (net.Conn, error){"counted": o.DialFor(one), "not counted": o.Dial} {
		way := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }}
		out := client(t, "host", authorized{way, user, o.password.Reveal()})
		r, err := out.GetBlob(t.Context(), "acme/shop", digest.FromString("base"))
		if got := content(t, r, err); got != "base" {
			t.Errorf("%s: got %q", name, got)
		}
		r = must(out.GetBlobRange(t.Context(), "acme/shop", digest.FromString(large), 100, 200))
		_ = content(t, r, nil)
	}
	if sent, asked := one.Sent(), one.asked.Load(); sent != 104 || asked != 104 {
		t.Errorf("sent %d of %d bytes, want 104", sent, asked)
	}
	way := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return o.DialFor(one)(ctx) }}
	r := must(client(t, "host", authorized{way, user, o.password.Reveal()}).GetBlob(t.Context(), "acme/shop", digest.FromString(large)))
	_ = must(r.Read(make([]byte, 10)))
	_ = r.Close()
	way.CloseIdleConnections()
	o.Close()
}

// What the library answers otherwise than the specification says; see make conformance.
func TestProtocol_is_that_of_the_specification(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	i, in := receive(t, c, "acme/shop")
	d := push(t, in, "acme/shop", "v1", "base")
	way := authorized{http.DefaultTransport, user, i.password.Reveal()}
	upload := "/v2/acme/shop/blobs/uploads/"
	for _, tt := range []struct {
		method, path string
		header       [2]string
		want         int
	}{
		{"DELETE", "/v2/acme/shop/manifests/" + d.Digest.String(), [2]string{}, http.StatusMethodNotAllowed},
		{"GET", "/v2/acme/shop/tags/list", [2]string{}, http.StatusNotFound},
		{"PUT", "/v2/acme/shop/manifests/sha256:short", [2]string{}, http.StatusBadRequest},
		{"POST", upload + "?mount=" + digest.FromString("unknown").String() + "&from=acme/blog", [2]string{}, http.StatusAccepted},
		{"POST", upload + "?mount=" + digest.FromString("base").String() + "&from=acme/blog", [2]string{}, http.StatusCreated},
		{"GET", "/v2/acme/shop/blobs/" + digest.FromString("base").String(), [2]string{"Range", "bytes=-2"}, http.StatusOK},
		{"GET", "/v2/acme/shop/blobs/" + digest.FromString("base").String(), [2]string{"Range", "bytes=2-3"}, http.StatusPartialContent},
	} {
		r := must(http.NewRequestWithContext(t.Context(), tt.method, "http://"+i.Addr+tt.path, nil))
		if tt.header[0] != "" {
			r.Header.Set(tt.header[0], tt.header[1])
		}
		answer, err := way.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != tt.want {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.path, answer.StatusCode, tt.want)
		}
	}
}

// docker says that the status was 500, and tries again for a minute.
func TestIntake_reports_what_it_cannot_write(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	var broken []error
	i := must(c.Receive(t.Context(), "acme/shop", func(err error) { broken = append(broken, err) }))
	defer i.Close()
	to := client(t, i.Addr, authorized{http.DefaultTransport, user, i.password.Reveal()})
	if err := os.RemoveAll(c.work); err != nil {
		t.Fatal(err)
	}
	d := ociregistry.Descriptor{Digest: digest.FromString("base"), Size: 4}
	if _, err := to.PushBlob(t.Context(), "acme/shop", d, strings.NewReader("base")); err == nil {
		t.Error("the blob is taken")
	}
	if len(broken) == 0 || !strings.HasPrefix(broken[0].Error(), "write to the image cache: open ") || !errors.Is(broken[0], os.ErrNotExist) {
		t.Errorf("reported %v", broken)
	}
}

func TestIntake_refuses_a_manifest_without_end(t *testing.T) {
	t.Parallel()
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	_, err := in.PushManifest(t.Context(), "acme/shop", "v1", bytes.Repeat([]byte(" "), largestManifest+1), ocispec.MediaTypeImageManifest)
	if err == nil {
		t.Error("it is taken")
	}
}
