package traefik

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
)

// noting are programs that note how they are called. A call that $DIR/broken names fails.
var noting = map[string]string{
	"docker": `case $* in *IPAddress*) echo 172.18.0.9; exit ;; inspect*mrsk-interim) [ ! -e "$DIR/gone" ]; exit ;; inspect*|exec*|logs*) exit ;; esac
echo "docker $*" >>"$DIR/calls"; ! grep -qxF "docker $*" "$DIR/broken" 2>/dev/null`,
	"iptables": `[ ! -e "$DIR/unable" ] || exit 1
chain=$(echo "$*" | grep -o -e 'PREROUTING' -e 'DOCKER-USER')
case $* in *-D*) rm "$DIR/$chain" 2>/dev/null || exit 1 ;; *) : >"$DIR/$chain" ;; esac
echo "iptables $(echo "$*" | grep -o -e '-[ID] [A-Z]')… $chain" | sed 's/ [A-Z]…//' >>"$DIR/calls"`,
	"id":    `echo 0`,
	"sleep": `echo "sleep $*" >>"$DIR/calls"`,
}

func TestTakeOver(t *testing.T) {
	t.Parallel()
	// What is led to a container must be let in before that, and for as long.
	const letIn, lead, unlead, keepOut = "iptables -I DOCKER-USER", "iptables -I PREROUTING", "iptables -D PREROUTING", "iptables -D DOCKER-USER"
	// The former proxy must have taken up what had come to it before.
	const settle, stop, start = "sleep 1", "docker stop -t 10 old", "docker start mrsk-proxy"
	for name, tt := range map[string]struct {
		command string
		there   string // a file that is there
		broken  string // a call that fails
		ok      bool
		calls   []string
	}{
		"new connections are led to the new proxy meanwhile": {
			command: "take_over mrsk-interim 80:80 old", ok: true, calls: []string{letIn, lead, settle, stop, start, unlead, keepOut},
		},
		"and also until the way back has ended": {
			command: "take_over mrsk-interim 80:80 old || give_back mrsk-interim 80:80 old", broken: start, ok: true,
			calls: []string{letIn, lead, settle, stop, start, "docker stop -t 10 mrsk-proxy", "docker start old", unlead, keepOut},
		},
		"a host that cannot lead them goes on": {
			command: "take_over mrsk-interim 80:80 old", there: "unable", ok: true, calls: []string{stop, start},
		},
		"nothing has stood in": {
			command: "take_over mrsk-interim '' old", there: "gone", ok: true, calls: []string{stop, start},
		},
		"nothing is to be given back": {
			command: "give_back mrsk-interim ''", there: "gone", ok: true,
		},
		"the former proxy does not start again": {
			command: "give_back mrsk-interim '' old", there: "gone", broken: "docker start old", calls: []string{"docker start old"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, noting)
			if tt.there != "" {
				c.put(tt.there, "")
			}
			c.put("broken", tt.broken+"\n")
			said, ok := c.sh("", "nap() { :; }\n"+docker.Functions.Text()+prelude()+"\nas_root() { \"$@\"; }\n"+tt.command)
			if ok != tt.ok {
				t.Errorf("ok %t, said %s", ok, said)
			}
			text, _ := os.ReadFile(filepath.Join(c.dir, "calls"))
			calls := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
			if diff := cmp.Diff(tt.calls, calls); diff != "" && len(tt.calls)+len(calls) > 0 {
				t.Errorf("calls (-want +got):\n%s\nsaid %s", diff, said)
			}
		})
	}
}

func TestLed_are_the_ports_that_can_be_led(t *testing.T) {
	t.Parallel()
	for want, run := range map[string]config.ProxyRun{
		"80:80 443:443":                   {Publish: true, HTTPPort: 80, HTTPSPort: 443},
		"8080:80":                         {Publish: true, HTTPPort: 8080, BindIPs: []string{"0.0.0.0", "::"}},
		"10.0.0.5:80:80 10.0.0.5:443:443": {Publish: true, HTTPPort: 80, HTTPSPort: 443, BindIPs: []string{"127.0.0.1", "10.0.0.5", "fd00::5"}},
		"":                                {Publish: true, HTTPPort: 80, HTTPSPort: 443, BindIPs: []string{"127.0.0.1"}},
	} {
		if got := forwarded(facts.Host{}, run); got != want {
			t.Errorf("%v: got %q, want %q", run.BindIPs, got, want)
		}
	}
	if got := forwarded(facts.Host{}, config.ProxyRun{HTTPPort: 80}); got != "" {
		t.Errorf("of a proxy without ports: %q", got)
	}
}

// The rules of a port that is published on one address do not take what comes to another.
func TestLeadPorts_minds_addresses(t *testing.T) {
	t.Parallel()
	c := newInner(t, map[string]string{"docker": `echo 172.18.0.9`, "iptables": `echo "$*" >>"$DIR/calls"`})
	if said, ok := c.sh("", docker.Functions.Text()+prelude()+"\nas_root() { \"$@\"; }\nlead_ports -I mrsk-interim 10.0.0.5:8443:443 8080:80"); !ok {
		t.Fatal(said)
	}
	calls, _ := os.ReadFile(filepath.Join(c.dir, "calls"))
	golden.Equal(t, "testdata/led.golden", string(calls))
}

func TestReadFormer(t *testing.T) {
	t.Parallel()
	said := map[string]string{
		seeFormer: `{"name":"/kamal-proxy","id":"k","state":"running","restart":"unless-stopped","ports":{"80/tcp":[{"HostIp":"","HostPort":"80"},{"HostIp":"::","HostPort":"80"}],"443/tcp":[{"HostIp":"","HostPort":"443"}]}}` + "\n" +
			`{"name":"/traefik","id":"t","state":"exited","restart":"always","ports":null}`,
		seeOthers: `{"labels":{"service":"shop","role":"web","destination":"eu"},"name":"/shop-web-eu-1"}
{"labels":{"service":"late","role":"web","mrsk.alias":"m-1"},"name":"/late-web-1"}
{"labels":{"traefik.enable":"true"},"name":"/whoami"}
{"labels":{"service":"shop-db"},"name":"/shop-db"}
{"id":"0123456789abcdef","labels":{"service":"blog-search"},"name":"/blog-search"}
{"id":"fedcba9876543210","labels":null,"name":"/older"}
{"labels":null,"name":"/kamal-proxy"}`,
		seeServed: `[{"name":"blog-search","active_targets":["0123456789ab:9200"]},{"name":"older","active_target":"fedcba987654:80"},{"name":"gone","active_targets":["aaaaaaaaaaaa:80"]}]`,
	}
	var h facts.Host
	if err := ReadFormer(func(step string) []byte { return []byte(said[step]) }, &h); err != nil {
		t.Fatal(err)
	}
	want := []facts.Former{
		{ID: "k", Name: "kamal-proxy", State: "running", Restart: "unless-stopped", Ports: []int{80, 443}},
		{ID: "t", Name: "traefik", State: "exited", Restart: "always"},
	}
	if diff := cmp.Diff(want, h.Former); diff != "" {
		t.Errorf("proxies (-want +got):\n%s", diff)
	}
	run := config.ProxyRun{Publish: true, HTTPPort: 80, HTTPSPort: 443}
	formers := Formers(h, run)
	if len(formers) != 1 || formers[0].ID != "k" {
		t.Errorf("taken over are %v: a Traefik without the ports is somebody else's", formers)
	}
	names := func(formers ...facts.Former) (all []string) {
		for _, o := range Behind(h, formers) {
			all = append(all, o.Name)
		}
		return all
	}
	if diff := cmp.Diff([]string{"shop-web-eu-1", "blog-search", "older"}, names(formers...)); diff != "" {
		t.Errorf("behind kamal-proxy (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"shop-web-eu-1", "whoami", "blog-search", "older"}, names(facts.Former{Name: "traefik"})); diff != "" {
		t.Errorf("behind a Traefik (-want +got):\n%s", diff)
	}
}
