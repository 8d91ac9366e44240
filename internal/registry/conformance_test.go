package registry

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
)

// conform runs the conformance tests of the OCI distribution specification against a server.
// `make conformance` builds them and says where they are.
func conform(t *testing.T, d *server, address string, settings ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Getenv("CONFORMANCE"))
	results := t.TempDir()
	cmd.Dir = results // it looks there for a configuration file
	cmd.Env = append([]string{
		"OCI_RESULTS_DIR=" + results, "OCI_VERSION=1.1", "OCI_TLS=disabled",
		"OCI_REGISTRY=" + address, "OCI_USERNAME=" + user, "OCI_PASSWORD=" + d.password.Reveal(),
		"OCI_REPO1=acme/shop", "OCI_REPO2=acme/shop",
		"OCI_API_TAGS_LIST=false", "OCI_API_REFERRER=false", "OCI_DATA_SHA512=false", // docker uses none of them
	}, settings...)
	// Its exit status says nothing: it is 0 where it does not begin, and there is a panic behind the report
	// on a registry that is read-only.
	out, err := cmd.CombinedOutput()
	if !strings.Contains(string(out), "OCI Conformance Result: Pass\n") || strings.Contains(string(out), ": FAIL\n") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, counts, found := strings.Cut(string(out), "OCI Conformance Result: "); found {
		t.Log(counts[:min(len(counts), 300)])
	}
}

func needConformance(t *testing.T) {
	t.Helper()
	if os.Getenv("CONFORMANCE") == "" {
		t.Skip("run make conformance")
	}
}

func TestConformance_of_what_hosts_pull_from(t *testing.T) {
	t.Parallel()
	needConformance(t)
	c := open(t, t.TempDir())
	_, in := receive(t, c, "acme/shop")
	push(t, in, "acme/shop", "v1", "base", "app")
	i := image(t, c, "acme/shop", "v1")
	o, _ := serve(t, c, i)
	conform(t, o.server, listen(t, o), "OCI_API_PUSH=false",
		"OCI_API_BLOBS_DELETE=false", "OCI_API_MANIFESTS_DELETE=false", "OCI_API_TAGS_DELETE=false",
		"OCI_RO_DATA_MANIFESTS="+i.Digest(),
		"OCI_RO_DATA_BLOBS="+digest.FromString("base").String()+" "+digest.FromString("app").String())
}

// listen opens a port that leads to an outlet, as the one on a host does.
func listen(t *testing.T, o *Outlet) string {
	t.Helper()
	l := must(new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := o.Dial(t.Context())
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
	return l.Addr().String()
}

func TestConformance_of_what_engines_push_to(t *testing.T) {
	t.Parallel()
	needConformance(t)
	i, _ := receive(t, open(t, t.TempDir()), "acme/shop")
	conform(t, i.server, i.Addr)
}
