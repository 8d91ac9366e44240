package traefik

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

// inner is a place that looks like the inside of the proxy's container: a folder instead of
// /mrsk, and programs of the test's own. It runs inside.sh with arguments.
type inner struct {
	t   *testing.T
	dir string
}

func newInner(t *testing.T, programs map[string]string) inner {
	t.Helper()
	c := inner{t, t.TempDir()}
	for _, sub := range []string{"bin", "routes", "certs"} {
		if err := os.Mkdir(filepath.Join(c.dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range programs {
		c.put("bin/"+name, "#!/bin/sh\n"+text+"\n")
	}
	return c
}

func (c inner) put(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

func (c inner) sh(input, text string, args ...string) (out string, ok bool) {
	c.t.Helper()
	cmd := exec.CommandContext(c.t.Context(), "/bin/sh", append([]string{"-c", text, "mrsk"}, args...)...)
	cmd.Env = []string{"PATH=" + c.dir + "/bin:/usr/bin:/bin", "DIR=" + c.dir}
	cmd.Stdin = strings.NewReader(input)
	said, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(said)), err == nil
}

func (c inner) inside(input string, args ...string) (out string, ok bool) {
	return c.sh(input, strings.ReplaceAll(insideSh, "/mrsk/", c.dir+"/"), args...)
}

const (
	// answers is an nc that keeps the request and prints the answer of the test.
	answers = `while IFS= read -r line && [ "$line" != "$(printf '\r')" ]; do printf '%s\n' "$line"; done >"$DIR/request"; cat "$DIR/answer"`
	// silent is an nc to a port at which nobody listens; it counts how often.
	silent  = `echo >>"$DIR/tries"; exit 1`
	nosleep = `:`
)

func TestProbe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer string
		ok     bool
		says   string
	}{
		"well":             {"HTTP/1.1 200 OK\r\n\r\nfine", true, ""},
		"with no content":  {"HTTP/1.0 204 No Content\r\n\r\n", true, ""},
		"unwell":           {"HTTP/1.1 503 Service Unavailable\r\nX: y\r\n\r\nno database\n", false, "HTTP/1.1 503 Service Unavailable\nX: y\n\nno database"},
		"a redirect":       {"HTTP/1.1 301 Moved\r\nLocation: https://a\r\n\r\n", false, "HTTP/1.1 301 Moved\nLocation: https://a"},
		"2 somewhere else": {"HTTP/1.1 404 Not 200\r\n\r\n", false, "HTTP/1.1 404 Not 200"},
		"another protocol": {"SSH-2.0-x\r\n", false, "SSH-2.0-x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"nc": answers, "sleep": nosleep})
			c.put("answer", tt.answer)
			out, ok := c.inside("", "probe", "m-1", "3000", "/up?a=b", "shop.example.com", "5", "X-Forwarded-Proto: https")
			if ok != tt.ok || out != tt.says {
				t.Errorf("ok %t, said %q", ok, out)
			}
			request, _ := os.ReadFile(filepath.Join(c.dir, "request"))
			want := "GET /up?a=b HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: mrsk\r\nAccept: */*\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
			if string(request) != want {
				t.Errorf("asked %q", request)
			}
		})
	}
}

func TestProbe_asks_again_as_long_as_nobody_listens(t *testing.T) {
	t.Parallel()
	c := newInner(t, map[string]string{"nc": silent, "sleep": nosleep})
	out, ok := c.inside("", "probe", "m-1", "3000", "/up", "shop.example.com", "5", "")
	if ok || out != "no answer on port 3000" {
		t.Errorf("ok %t, said %q", ok, out)
	}
	if tries, _ := os.ReadFile(filepath.Join(c.dir, "tries")); len(tries) != 20 {
		t.Errorf("tried %d times", len(tries))
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, ".[0-9]*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestLead_stores_a_route_and_waits_until_it_holds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer string
		ok     bool
		says   string
	}{
		"taken up":    {`HTTP/1.1 200 OK` + "\r\n\r\n" + `{"service":"shop.web.m-1","status":"enabled"}`, true, ""},
		"refused":     {`{"service":"shop.web.m-1","status":"disabled"}`, false, `the proxy refuses the route: {"service":"shop.web.m-1","status":"disabled"}`},
		"the old one": {`{"service":"shop.web.m-0","status":"enabled"}`, false, "the proxy does not take the route up; a file of another app may be broken, see mrsk proxy logs"},
		"one like it": {`{"service":"shop.web.m-12","status":"enabled"}`, false, "the proxy does not take the route up; a file of another app may be broken, see mrsk proxy logs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"nc": answers, "sleep": nosleep})
			c.put("answer", tt.answer)
			out, ok := c.inside("the route\n", "lead", "routes/shop.web.yml", "shop.web.http0", "shop.web.m-1")
			if ok != tt.ok || out != tt.says {
				t.Errorf("ok %t, said %q", ok, out)
			}
			entries, _ := os.ReadDir(filepath.Join(c.dir, "routes"))
			if text, _ := os.ReadFile(filepath.Join(c.dir, "routes/shop.web.yml")); string(text) != "the route\n" || len(entries) != 1 {
				t.Errorf("stored %q, %d files", text, len(entries))
			}
		})
	}
}

func TestReport_is_what_read_understands(t *testing.T) {
	t.Parallel()
	c := newInner(t, nil)
	c.put("routes/a.yml", "{\"http\": {}}\n")
	c.put("routes/b.yml", "no end of line")
	c.put("routes/c.yml.tmp", "half of")
	out, ok := c.inside("", "routes")
	if want := "\x1ea.yml\x1f{\"http\": {}}\n\x1eb.yml\x1fno end of line"; !ok || out != want {
		t.Errorf("ok %t, said %q", ok, out)
	}
}

// tcpLine is a line of /proc/net/tcp: a connection of the proxy to an address, in a state.
func tcpLine(remote, state string) string {
	return "   0: 020011AC:9C40 " + remote + ":0BB8 " + state + " 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
}

const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

func TestAddresses_as_the_kernel_writes_them(t *testing.T) {
	t.Parallel()
	c := newInner(t, nil)
	for address, want := range map[string]string{
		"172.18.0.3":               "030012AC",
		"2001:db8:0:1:1:1:1:1":     "B80D0120010000000100010001000100",
		"fd00:1::3":                "010000FD000000000000000003000000",
		"fe80::1ff:fe23:4567:890a": "000080FE0000000023FEFF010A896745",
		"1::":                      "00000100000000000000000000000000",
		"::1":                      "00000000000000000000000001000000",
	} {
		if out, _ := c.sh("", c.outside()+"hex_of "+address); out != want {
			t.Errorf("%s: got %s, want %s", address, out, want)
		}
	}
}

func TestUnrouted_keeps_what_the_proxy_still_sends_requests_to(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		docker string
		ok     bool
		says   string
	}{
		"routed":         {`shift 2; "$@"`, false, "shop-web-v2 stays, because the proxy still sends it requests"},
		"no proxy there": {"exit 1", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": tt.docker, "nc": answers})
			c.put("answer", `{"service":"shop.web.m-2","status":"enabled"}`)
			inside := strings.ReplaceAll(prelude(), "/mrsk/", c.dir+"/")
			out, ok := c.sh("", inside+"\nunrouted shop.web.http0 shop.web.m-2 shop-web-v2")
			if ok != tt.ok || out != tt.says {
				t.Errorf("ok %t, said %q", ok, out)
			}
			if _, ok := c.sh("", inside+"\nunrouted shop.web.http0 shop.web.m-1 shop-web-v1"); !ok {
				t.Error("one that gets none is to go")
			}
		})
	}
}

// An undo must put a route back also where the proxy has ended or its container is gone: the next one
// takes the files up.
func TestFiles_of_a_proxy_that_does_not_run_are_reached_beside_it(t *testing.T) {
	t.Parallel()
	const (
		stopped = `inspect) echo sha256:i ;;`
		gone    = `inspect) exit 1 ;; volume | image) ;;`
		bare    = `inspect | volume) exit 1 ;;`
		beside  = "run --rm --interactive --network none --volumes-from p --entrypoint sh sha256:i mrsk "
		without = "run --rm --interactive --network none --volume p:/mrsk --entrypoint sh image mrsk "
	)
	for name, tt := range map[string]struct{ docker, run, want string }{
		"remove, stopped":  {stopped, "unset_route shop.web.yml shop.web.http0 image", beside + "drop routes/shop.web.yml"},
		"remove, gone":     {gone, "unset_route shop.web.yml shop.web.http0 image", without + "drop routes/shop.web.yml"},
		"remove, bare":     {bare, "unset_route shop.web.yml shop.web.http0 image", ""},
		"restore, stopped": {stopped, "restore_route shop.web.yml shop.web.http0 s image content", beside + "store routes/shop.web.yml\ncontent"},
		"restore, gone":    {gone, "restore_route shop.web.yml shop.web.http0 s image content", without + "store routes/shop.web.yml\ncontent"},
		"put, gone":        {gone, "put_route shop.web.yml image content", without + "store routes/shop.web.yml\ncontent"},
		"drop, gone":       {gone, "drop_files image 'certs/*'", without + "drop certs/*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": `case $1 in exec) exit 1 ;; ` + tt.docker + ` run) echo "$*" | sed 's/-c .* mrsk /mrsk /' | tail -n 1; cat ;; esac`})
			out, ok := c.sh("", "_proxy=p\n_inside=x\n"+c.outside()+tt.run)
			if ok != (tt.want != "") || out != tt.want {
				t.Errorf("ok %t, said %q, want %q", ok, out, tt.want)
			}
		})
	}
}

// A new container of the proxy that does not serve leaves the host with the former one.
func TestResume_former_starts_what_a_reboot_has_replaced(t *testing.T) {
	t.Parallel()
	const docker = `echo "$*" | sed 's/ sh -c .* mrsk / /' | tail -n 1 | grep -v '^inspect' >&2; [ "$1" != exec ] || [ -e "$DIR/serves" ]`
	const around = "nap() { :; }\n_proxy=p\n_inside=x\nremove_containers() { docker rm \"$@\"; }\nis_there() { [ \"$1\" = old ]; }\n"
	c := newInner(t, map[string]string{"docker": docker})
	c.put("serves", "")
	out, ok := c.sh("", around+c.outside()+"resume_former old")
	if want := "rm p\nrename old p\nstart p\nthe former proxy runs again, with its own options"; ok || out != want {
		t.Errorf("ok %t, said %q, want %q", ok, out, want)
	}
}

func TestRestore_awaits_a_proxy_that_runs(t *testing.T) {
	t.Parallel()
	c := newInner(t, map[string]string{"docker": `[ "$1" = exec ] && shift && [ "$1" != -i ] || shift; shift; "$@"`, "nc": answers})
	c.put("answer", `{"service":"shop.web.m-1","status":"enabled"}`)
	if out, ok := c.sh("", strings.ReplaceAll(prelude(), "/mrsk/", c.dir+"/")+"\nrestore_route shop.web.yml shop.web.http0 shop.web.m-1 image content"); !ok {
		t.Error(out)
	}
	if text, _ := os.ReadFile(filepath.Join(c.dir, "routes", "shop.web.yml")); string(text) != "content\n" {
		t.Errorf("stored %q", text)
	}
}

func TestConnections_counts_those_that_stand_or_are_dialled(t *testing.T) {
	t.Parallel()
	const mine, other = "030011AC", "040011AC"
	table := header + tcpLine(mine, "01") + tcpLine(mine, "02") + tcpLine(mine, "06") + tcpLine(other, "01") + tcpLine(mine, "08")
	table6 := header + tcpLine("0000000000000000FFFF0000"+mine, "01") + tcpLine("0000000000000000FFFF0000"+other, "01")
	for name, text := range map[string]string{
		"read on the host":      "_proxy_pid=7; connections " + mine,
		"read in the container": "_proxy_pid=8 _proxy=mrsk-proxy; connections " + mine,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": `[ "$*" = "exec mrsk-proxy sh -c cd /proc && cat net/tcp net/tcp6 net/udp net/udp6" ] && cat "$DIR/7/net/tcp" "$DIR/7/net/tcp6"`})
			if err := os.MkdirAll(filepath.Join(c.dir, "7", "net"), 0o755); err != nil {
				t.Fatal(err)
			}
			c.put("7/net/tcp", table)
			c.put("7/net/tcp6", table6)
			if out, _ := c.sh("", c.outside()+text); out != "3" {
				t.Errorf("counted %s", out)
			}
		})
	}
}

// client is a line of /proc/net/tcp: a connection of a client to a port of the proxy.
func client(port, remote, state string) string {
	return "   1: 020011AC:" + port + " " + remote + " " + state + " 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
}

// lookup is a line of /proc/net/udp: a question of the proxy to Docker's DNS server.
func lookup(port string) string {
	return "    1: 0100007F:" + port + " 0B00007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 1 2 0 0\n"
}

// A request that waits for the address of the container has no connection yet, so lookups that are
// open when the drain begins are waited for. A proxy that holds requests back dials late: every client that is connected when the drain
// begins is waited for, and none that comes later.
func TestDrain_waits_for_requests_that_have_no_connection_yet(t *testing.T) {
	t.Parallel()
	const docker = `case $* in *IPAddress*) echo 7; echo 172.17.0.3 invalid IP ;; esac`
	// Each pause ends one connection, and a client comes that stays.
	const around = "by_label() { echo id; }\n" +
		`nap() { echo >>"$DIR/naps"; sed '2d' "$DIR/7/net/tcp" >"$DIR/7/new"; cat "$DIR/newcomer" >>"$DIR/7/new"; mv "$DIR/7/new" "$DIR/7/net/tcp"; }` + "\n"
	for name, tt := range map[string]struct {
		table, args, says string
		naps              int
	}{
		"clients on both ports":          {client("0050", "0A0011AC:AAAA", "01") + client("01BB", "0A0011AC:BBBB", "01"), "30 held", "", 3},
		"its request goes to the old":    {client("0050", "0A0011AC:AAAA", "01") + tcpLine("030011AC", "01") + tcpLine("030011AC", "02"), "30 held", "", 4},
		"nobody":                         {"", "30 held", "", 1},
		"the API and clients that leave": {client("1F90", "0100007F:AAAA", "01") + client("0050", "0A0011AC:AAAA", "06"), "30 held", "", 1},
		"no longer than it may take":     {client("0050", "0A0011AC:AAAA", "01"), "0 held", "", 0},
		"and what it cuts is told":       {client("0050", "0A0011AC:AAAA", "01") + tcpLine("030011AC", "01"), "0 held", "cut 1", 0},
		"a lookup before a dial":         {lookup("A001") + lookup("A002"), "30", "", 3},
		"a lookup that never ends":       {lookup("A001"), "0", "", 0},
		"a route that holds nothing":     {client("0050", "0A0011AC:AAAA", "01"), "30", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": docker})
			if err := os.MkdirAll(filepath.Join(c.dir, "7", "net"), 0o755); err != nil {
				t.Fatal(err)
			}
			c.put("7/net/tcp", header+tt.table)
			c.put("7/net/tcp6", header)
			c.put("newcomer", client("0050", "0A0011AC:CCCC", "01")+lookup("A003"))
			out, ok := c.sh("", "_proxy=mrsk-proxy\n"+c.outside()+around+"drain m-1 "+tt.args)
			naps, _ := os.ReadFile(filepath.Join(c.dir, "naps"))
			if !ok || out != tt.says || len(naps) != tt.naps {
				t.Errorf("ok %t, said %q, %d naps", ok, out, len(naps))
			}
		})
	}
}

func TestDrain_knows_which_routes_hold_requests_back(t *testing.T) {
	t.Parallel()
	for proxy, want := range map[string]string{"{}": "drain m-1 5", "{buffering: {}}": "drain m-1 5 held"} {
		r := shop(t, proxy)
		if got := r.Drain("m-1", "shop-web-v1", 5*time.Second, routed(r, r.Content())).Run.Wire().Reveal(); got != want {
			t.Errorf("%s: got %s", proxy, got)
		}
		if undo := r.Switch("shop-web-v1", facts.Host{}, 5*time.Second).Undo.Wire().Reveal(); strings.HasSuffix(undo, " held") != strings.HasSuffix(want, " held") {
			t.Errorf("%s: the undo of a switch is %s", proxy, undo)
		}
	}
}

// prelude are all shell functions of the package.
func prelude() string { return docker.Within.Text() + "\n" + Functions.Text() + InsideFunctions.Text() }

// outside is traefik.sh with this folder in the place of /proc.
func (c inner) outside() string {
	return docker.Within.Text() + "\nreport() { echo \"$*\"; }\n" + strings.ReplaceAll(outsideSh, "/proc/", c.dir+"/")
}

func TestDrain(t *testing.T) {
	t.Parallel()
	// The container has 172.17.0.3, the proxy the process 7; each pause closes one connection.
	const docker = `case $* in *IPAddress*) echo 7; [ ! -e "$DIR/ip" ] || cat "$DIR/ip" ;; esac`
	const around = "by_label() { echo id; }\n" +
		`nap() { echo >>"$DIR/naps"; sed '2d' "$DIR/7/net/tcp" >"$DIR/7/new"; mv "$DIR/7/new" "$DIR/7/net/tcp"; }` + "\n"
	for name, tt := range map[string]struct {
		open    int
		ip      string
		seconds string
		says    string
		naps    int
	}{
		"nothing open: two looks":       {open: 0, ip: "172.17.0.3", seconds: "30", naps: 1},
		"IPv6 beside it":                {open: 0, ip: "172.17.0.3 fd00:1::3", seconds: "0", says: "cut 1"},
		"three that end":                {open: 3, ip: "172.17.0.3", seconds: "30", naps: 4},
		"no longer than it may take":    {open: 3, ip: "172.17.0.3", seconds: "0", says: "cut 3"},
		"a container that has vanished": {open: 3, seconds: "30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInner(t, map[string]string{"docker": docker})
			if err := os.MkdirAll(filepath.Join(c.dir, "7", "net"), 0o755); err != nil {
				t.Fatal(err)
			}
			c.put("7/net/tcp", header+strings.Repeat(tcpLine("030011AC", "01"), tt.open))
			c.put("7/net/tcp6", header+tcpLine("010000FD000000000000000003000000", "01"))
			if tt.ip != "" {
				c.put("ip", tt.ip+"\n")
			}
			out, ok := c.sh("", "_proxy=mrsk-proxy\n"+c.outside()+around+"drain m-1 "+tt.seconds)
			naps, _ := os.ReadFile(filepath.Join(c.dir, "naps"))
			if !ok || out != tt.says || len(naps) != tt.naps {
				t.Errorf("ok %t, said %q, %d naps", ok, out, len(naps))
			}
		})
	}
}
