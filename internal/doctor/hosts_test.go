package doctor

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func scopeOf(t *testing.T, text string) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

const shop = "service: shop\nimage: shop\nservers: [vm1]\nproxy: {host: shop.example.com}\nbuilder: {arch: amd64}\nregistry: {server: 'localhost:5000'}\n"

// well is a host without a finding.
func well() Host {
	return Host{Name: "vm1", User: "deploy", Clock: noon.Add(time.Second), Docker: "29.0.1", Arch: "amd64", MaxSessions: 10, Disk: facts.Disk{Free: 20e9}, ImageSize: 1e9, Listening: []int{22}}
}

func ids(found []Finding) string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.ID)+": "+f.What)
	}
	return strings.Join(all, "; ")
}

func TestHosts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*Host)
		want   string
	}{
		"well":      {func(*Host) {}, ""},
		"no docker": {func(h *Host) { h.Docker, h.DockerSays = "", "sh: docker: not found" }, "docker-missing: Docker does not answer: sh: docker: not found"},
		"no rights": {func(h *Host) {
			h.Docker, h.DockerSays = "", "permission denied while trying to connect to the Docker daemon socket"
		}, "docker-denied: user deploy may not use Docker"},
		"old docker":        {func(h *Host) { h.Docker = "19.03.8" }, "docker-old: Docker is 19.03.8"},
		"oldest docker":     {func(h *Host) { h.Docker = "20.10.24+dfsg1" }, ""},
		"programs":          {func(h *Host) { h.Missing = []string{"flock", "xargs"} }, "programs-missing: the host lacks flock, xargs"},
		"sessions":          {func(h *Host) { h.MaxSessions = 1 }, "sshd-sessions: MaxSessions of sshd is 1"},
		"sessions unknown":  {func(h *Host) { h.MaxSessions = 0 }, ""},
		"clock":             {func(h *Host) { h.Clock = noon.Add(-2 * time.Hour) }, "clock-off: the clock is off by -2h0m0s"},
		"disk":              {func(h *Host) { h.Disk.Free = 1.5e9 }, "disk-low: 1.5 GB are free, and 2.1 GB are needed"},
		"disk unknown":      {func(h *Host) { h.Disk.Free = 0 }, ""},
		"architecture":      {func(h *Host) { h.Arch = "arm64" }, "arch-other: the host is arm64, and the image is built for amd64"},
		"port of a program": {func(h *Host) { h.Listening = append(h.Listening, 80) }, "port-taken: port 80 belongs to a program outside of Docker"},
		"port of another":   {func(h *Host) { h.Published = []Published{{"nginx", "0.0.0.0", 443}, {"nginx", "::", 443}} }, "port-taken: port 443 belongs to nginx"},
		"port of the proxy": {func(h *Host) {
			h.Listening, h.Published = []int{80, 443}, []Published{{"mrsk-proxy", "0.0.0.0", 80}, {"mrsk-proxy", "0.0.0.0", 443}}
		}, ""},
		"open port": {func(h *Host) {
			h.Published = []Published{{"db", "0.0.0.0", 5432}, {"db", "::", 5432}, {"db", "127.0.0.1", 6379}}
		}, "port-open: container db publishes port 5432 on all addresses"},
		"two things": {func(h *Host) { h.MaxSessions, h.Docker = 1, "19.03.8" }, "docker-old: Docker is 19.03.8; sshd-sessions: MaxSessions of sshd is 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := well()
			tt.change(&h)
			if got := ids(Hosts(scopeOf(t, shop), []Host{h}, noon)); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestRead_reads_what_a_host_printed(t *testing.T) {
	t.Parallel()
	const text = "user deploy\nclock 1767355200\nmissing flock\nsessions 10\nlistens 22\nlistens 80\ndocker 26.1.5 arm64\ndisk /dev/vda 4000 3000 1000 75% /\nimage 7\nimage 9\nimage 8\n" +
		"published web 0.0.0.0:80->80/tcp, [::]:80->80/tcp, 9000/tcp\npublished db 127.0.0.1:5432->5432/tcp\npublished range 0.0.0.0:8000-8005->8000-8005/tcp\nnonsense\n\n"
	want := Host{
		Name: "vm1", User: "deploy", Clock: noon, Docker: "26.1.5", Arch: "arm64", MaxSessions: 10, Missing: []string{"flock"},
		Disk: facts.Disk{Total: 4000 << 10, Free: 1000 << 10}, ImageSize: 9, Listening: []int{22, 80},
		Published: []Published{{"web", "0.0.0.0", 80}, {"web", "::", 80}, {"db", "127.0.0.1", 5432}},
	}
	got := Read("vm1", []byte(text))
	got.Clock = got.Clock.UTC()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if denied := Read("vm1", []byte("denied permission denied while trying\n")); denied.Docker != "" || denied.DockerSays != "permission denied while trying" || denied.Ready() {
		t.Errorf("denied: %+v", denied)
	}
}

func TestDNS_compares_names_with_hosts(t *testing.T) {
	t.Parallel()
	own, other := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("2001:db8::5")
	for want, addresses := range map[string]map[string][]netip.Addr{
		"": {"vm1": {own}, "shop.example.com": {own}},
		"dns-missing: shop.example.com has no address":                                     {"vm1": {own}},
		"dns-elsewhere: shop.example.com leads to 2001:db8::5, which is none of the hosts": {"vm1": {own}, "shop.example.com": {own, other}},
	} {
		if got := ids(DNS(scopeOf(t, shop), addresses)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestReport_as_people_see_it(t *testing.T) {
	t.Parallel()
	one, two := well(), well()
	one.MaxSessions, two.MaxSessions, two.Name, two.Docker, two.DockerSays = 1, 1, "vm2", "", "not \x1b[2Jfound"
	r := New(append(Hosts(scopeOf(t, shop), []Host{one, two}, noon), Samples(scopeOf(t, strings.ReplaceAll(shop, "shop", "my-app")).Project)...)...)
	golden.Equal(t, "testdata/report.golden", r.Text()+"\n"+New().Text())
	if r.Worst() != Error || New(Hosts(scopeOf(t, shop), []Host{one}, noon)...).Worst() != Warning || New().Worst() != "" {
		t.Error("the worst severity is another one")
	}
}

// docs/doctor.md has a row for each kind; go test -update writes it.
func TestDocs(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "../../docs/doctor.md", docs())
}

const preface = `# Findings of mrsk doctor

Generated from ` + "`internal/doctor/kinds.go`" + ` by ` + "`go test ./internal/doctor -update`" + `; do not edit.

` + "`mrsk doctor`" + ` looks at this machine, at the hosts, and at what the DNS says of the app's names. It changes
nothing, and connects to the hosts and the resolver alone. Each finding says what was found, why it
matters, and what to do.

| exit status | meaning |
|---|---|
| 0 | no finding |
| 1 | the command failed |
| 3 | an error: a deploy fails, or the app does not serve |
| 4 | warnings alone |

` + "`--json`" + ` prints an object with ` + "`schema`" + ` (1) and ` + "`findings`" + `, errors first. A finding has ` + "`id`, `severity`" + `
(` + "`error` or `warning`), `hosts` (empty for this machine), `what`, `why` and `next`" + `. New ids and fields may
appear at any time; ` + "`schema`" + ` changes when one is removed or changes its meaning.

## Findings

| id | severity | what was found | why it matters |
|---|---|---|---|
`

func docs() string {
	text := preface
	for _, k := range Kinds() {
		text += "| `" + string(k.ID) + "` | " + string(k.Severity) + " | " + k.What + " | " + k.Why + " |\n"
	}
	return text
}
