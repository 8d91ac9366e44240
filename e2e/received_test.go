//go:build e2e

package e2e

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// three roles of a host share its entry points: one app is told what the proxy sees, one what clients
// say, and one what clients of a network say that nobody here is in.
const three = `servers:
  web: {hosts: [vm1], proxy: {host: strict.example.com}}
  open: {hosts: [vm1], proxy: {host: open.example.com, forward_headers: true}}
  nets: {hosts: [vm1], proxy: {host: nets.example.com, forward_headers: [198.51.100.0/24]}}
proxy:
  healthcheck: {interval: 1}
  ssl: {certificate_pem: CERT, private_key_pem: KEY}
  ssl_redirect: false` + proxyRun

// echoed is what the app says that it received.
type echoed struct {
	Line, Host string
	Headers    map[string][]string
}

func (e echoed) get(name string) string { return strings.Join(e.Headers[name], " | ") }

// aboutClients matches the names of headers that say who a client is, in lower case and with dashes.
var aboutClients = regexp.MustCompile(`forwarded|real-ip|client-ip|scheme|client-cert|^x-ssl|remote-user|^proxy$`)

// about are the headers about the client, in whatever spelling.
func (e echoed) about() []string {
	var names []string
	for name := range e.Headers {
		folded := regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString(strings.ToLower(name), "-")
		if aboutClients.MatchString(folded) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func echo(t *testing.T, url string, options ...string) echoed {
	t.Helper()
	args := append([]string{"curl", "-skg", "--path-as-is", "-m", "10", "--connect-to", "::vm1:", "-H", "Lab-Echo: 1", url}, options...)
	out, err := shared.Deployer.Exec(t.Context(), args...)
	var e echoed
	if err == nil {
		err = json.Unmarshal([]byte(out), &e)
	}
	if err != nil {
		t.Errorf("%s %.200q: %v: %.300s", url, options, err, out)
	}
	return e
}

// forged are options of curl with all that a client may say about itself, in all spellings.
func forged() []string {
	var options []string
	for _, name := range []string{
		"X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Server", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Prefix",
		"X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info", "X-Real-Ip", "Forwarded", "X-Forwarded-Ssl", "X-Forwarded-Scheme", "Client-Ip", "X-Client-Ip", "X-Scheme",
		"Client-Cert", "Client-Cert-Chain", "X-Ssl-Client-Verify", "X-Original-Forwarded-For", "Remote-User", "Proxy",
	} {
		options = append(options, "-H", strings.ToLower(name)+": first", "-H", name+": second, third")
		for _, to := range []string{"_", ".", "~"} {
			if strings.Contains(name, "-") {
				options = append(options, "-H", strings.ReplaceAll(name, "-", to)+": odd", "-H", strings.Replace(name, "-", to, 1)+": odd")
			}
		}
	}
	return append(options, "-H", "Api_Key: kept")
}

func TestApp_receives(t *testing.T) {
	fresh(t)
	p := newProject(t, map[string]string{
		"config/deploy.yml": config("received", three),
		".mrsk/secrets":     "REGISTRY_PASSWORD=x\nCERT=$(cat /tmp/tls.crt)\nKEY=$(cat /tmp/tls.key)\n",
	})
	p.sh("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x -keyout /tmp/tls.key -out /tmp/tls.crt 2>/dev/null")
	p.must("deploy")
	us := p.sh(`ip -4 route get "$(getent ahostsv4 vm1 | head -n1 | cut -d' ' -f1)" | grep -o 'src [0-9.]*' | cut -d' ' -f2`)
	for _, way := range ways {
		toldWhatTheProxySees(t, way, us)
		toldWhatClientsSay(t, way, us)
	}
	asTheyAre(t)
	withoutPlugin(t, p, us)
}

// ways to ask.
var ways = [][]string{
	{"http"},
	{"http", "-H", "Connection: Upgrade, X-Real-Ip, X-Forwarded-For", "-H", "Upgrade: websocket"},
	{"https", "--http1.1", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket"},
	{"https", "--http2"},
}

func toldWhatTheProxySees(t *testing.T, way []string, us string) {
	t.Helper()
	port := map[string]string{"http": "80", "https": "443"}[way[0]]
	for _, host := range []string{"strict.example.com", "nets.example.com"} {
		e := echo(t, way[0]+"://"+host+"/", append(way[1:], forged()...)...)
		for name, want := range map[string]string{
			"X-Forwarded-For": us, "X-Real-Ip": us, "X-Forwarded-Host": host, "X-Forwarded-Port": port, "X-Forwarded-Proto": way[0],
			"X-Forwarded-Server": e.get("X-Forwarded-Server"), "Api_key": "kept",
		} {
			if got := e.get(name); got != want {
				t.Errorf("%v: %s is told %s: %q, want %q", way, host, name, got, want)
			}
		}
		if got := len(e.about()); got != 6 || e.Host != host || len(e.get("X-Request-Id")) != 36 || len(e.get("X-Request-Start")) != 13 {
			t.Errorf("%v: %s receives %+v", way, host, e)
		}
	}
}

func toldWhatClientsSay(t *testing.T, way []string, us string) {
	t.Helper()
	const host = "open.example.com"
	e := echo(t, way[0]+"://"+host+"/", append(way[1:], forged()...)...)
	for name, want := range map[string]string{
		"X-Forwarded-For": "first, second, third, " + us, "X-Real-Ip": "first | second, third", "X-Forwarded-Host": "first | second, third", "Forwarded": "first | second, third",
		"X-Forwarded-Prefix": "first | second, third", "X-Forwarded-Tls-Client-Cert": "first | second, third", "Api_key": "kept",
	} {
		if got := e.get(name); got != want {
			t.Errorf("%v: %s is told %s: %q, want %q", way, host, name, got, want)
		}
	}
	if odd := slices.DeleteFunc(e.about(), func(name string) bool { return !strings.ContainsAny(name, "_.~") }); len(odd) > 0 {
		t.Errorf("%v: %s is told %q", way, host, odd)
	}
	if e = echo(t, way[0]+"://"+host+"/", way[1:]...); e.get("X-Forwarded-For") != us || e.get("X-Real-Ip") != us || e.get("X-Forwarded-Proto") != way[0] {
		t.Errorf("%v: of a client that says nothing %s receives %+v", way, host, e)
	}
}

// asTheyAre: what a client asks for reaches the app as it was sent: the proxy's own ideas of tidy
// paths are switched off. A semicolon in a query arrives encoded.
func asTheyAre(t *testing.T) {
	t.Helper()
	long := "/" + strings.Repeat("long%20/", 900)
	for sent, want := range map[string]string{
		"/a%2Fb": "", "//a///b": "", "/a/../b": "", "/a/%2e%2e/b": "/a/../b", "/a;b": "", "/a%5Cb": "", "/a%25b": "", "/a%3Bb%3Fc%23d": "", "/%C3%BC?%C3%BC": "", "/x?": "/x", "/x?a&b=&&": "", long: "",
		"/x?q=a;b&c=%2F": "/x?q=a%3Bb&c=%2F",
	} {
		if want == "" {
			want = sent
		}
		for _, scheme := range []string{"http", "https"} {
			if e := echo(t, scheme+"://strict.example.com"+sent); e.Line != "GET "+want+" HTTP/1.1" {
				t.Errorf("%.80s arrives as %.80s", sent, e.Line)
			}
		}
	}
	for _, scheme := range []string{"http", "https"} {
		out, _ := shared.Deployer.Exec(t.Context(), "curl", "-skNi", "-m", "2", "--http1.1", "--connect-to", "::vm1:", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket", scheme+"://strict.example.com/ws")
		if !strings.Contains(out, "101 Switching") || !strings.Contains(out, "line 1") {
			t.Errorf("%s: a websocket gets %s", scheme, out)
		}
	}
}

// withoutPlugin: a proxy of an earlier version has no plugin. Apps are told the address of the client
// all the same, and nothing that it says; the rest comes with a reboot of the proxy.
func withoutPlugin(t *testing.T, p *project, us string) {
	t.Helper()
	onHost(t, shared.Host("vm1"), `docker rm -f mrsk-proxy && docker run -d --name mrsk-proxy --network mrsk -p 80:80 -p 443:443 -v mrsk-proxy:/mrsk \
  registry:5000/traefik:v3.7 --providers.file.directory=/mrsk/routes --providers.file.watch=true --api.insecure=true --entrypoints.traefik.address=127.0.0.1:8080 \
  --entrypoints.http.address=:80 --entrypoints.https.address=:443 --entrypoints.http.forwardedheaders.insecure=true --entrypoints.https.forwardedheaders.insecure=true`)
	p.must("deploy")
	for _, scheme := range []string{"http", "https"} {
		for _, host := range []string{"strict", "nets"} {
			e := echo(t, scheme+"://"+host+".example.com/", forgedWithoutOdd()...)
			if got := e.about(); !slices.Equal(got, []string{"X-Forwarded-For", "X-Forwarded-Proto"}) || e.get("X-Forwarded-For") != us || e.get("X-Forwarded-Proto") != scheme {
				t.Errorf("%s is told %+v", host, e)
			}
		}
	}
	p.must("proxy", "reboot", "-y")
	p.must("deploy")
	toldWhatTheProxySees(t, []string{"https"}, us)
}

// forgedWithoutOdd are the spellings that the middleware of an older proxy knows.
func forgedWithoutOdd() []string {
	var options []string
	all := forged()
	for i := 0; i < len(all); i += 2 {
		name, _, _ := strings.Cut(all[i+1], ":")
		if mixed := strings.Contains(name, "_") && strings.Contains(name, "-"); !mixed && !strings.ContainsAny(name, ".~") {
			options = append(options, all[i], all[i+1])
		}
	}
	return options
}
