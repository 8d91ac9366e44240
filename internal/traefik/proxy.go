// Package traefik turns proxy settings and what was seen on a host into the steps for the proxy
// and its routes: start, check, switch, drain, remove. It is pure, and writes Traefik's files out
// of types that hold nothing but what mrsk knows.
package traefik

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/shell"
)

// Container is the name of the proxy's container, and of the volume with its files. There is
// one per host, shared by all apps.
const Container = "mrsk-proxy"

// grace is how long, in seconds, the proxy finishes requests when it is stopped. It is one value
// for all, because apps with different drain_timeouts share the proxy.
const grace = 30

var (
	//go:embed page/page.go
	pageGo string
	//go:embed client/client.go
	clientGo string
)

// common is the route file of the proxy's own. The catch-all answers whatever no app's route
// matches, on both entry points, with 502: an app that is down is a bad gateway, not a page that
// was not found. A negative priority is below that of every route; its service leads to a port at
// which nobody listens.
func common(run config.ProxyRun) string {
	own := ""
	if run.ACME.Challenge == config.HTTPChallenge {
		own = challengeRouter
	}
	return `{"http": {"routers": {` + own + `
"mrsk-catchall.http": {"entryPoints": ["http"], "rule": "PathPrefix(` + "`/`" + `)", "priority": -1, "service": "mrsk-unavailable"},
"mrsk-catchall.https": {"entryPoints": ["https"], "rule": "PathPrefix(` + "`/`" + `)", "priority": -1, "service": "mrsk-unavailable", "tls": {}}},
"services": {"mrsk-unavailable": {"loadBalancer": {"servers": [{"url": "http://127.0.0.1:9"}]}}}}}`
}

// pageManifest and clientManifest tell the proxy what packages page and client are.
const (
	pageManifest   = `{"displayName": "page", "summary": "answers in the place of an app", "type": "middleware", "import": "mrsk/page", "testData": {}}`
	clientManifest = `{"displayName": "client", "summary": "tells an app who its client is", "type": "middleware", "import": "mrsk/client", "testData": {}}`
)

// plugins are those that the proxy is started with and an earlier version may lack: the value of a
// label, as a route that names one which is not there serves nobody.
const plugins = "client"

// loopback is the entry point for the API, pings and the pages of failures: nobody but the proxy
// itself, and who enters its container, can reach it.
const loopback = "traefik"

// prepare runs in the container before the proxy itself: it makes the folders that the proxy
// watches, the routes of its own, the authority of an ACME server, and its plugins where it looks for
// them, on every start, so that a new version of them arrives with a reboot. What is buffered goes to the
// volume: nothing else can be written.
const prepare = `cd /mrsk && rm -rf tmp && mkdir -p tmp routes certs pages && export TMPDIR=/mrsk/tmp && printf '%s\n' "$1" >routes/mrsk.yml && shift &&
for plugin in page client; do
  into=plugins-local/src/mrsk/$plugin
  mkdir -p "$into" && printf '%s\n' "$1" >"$into/$plugin.go" && printf '%s\n' "$2" >"$into/.traefik.yml" && shift 2 || exit
done &&
if [ -n "$` + authorityEnv + `" ]; then printf '%s\n' "$` + authorityEnv + `" >` + authorityFile + `; fi && exec traefik "$@"`

// static are the proxy's options. What its defaults would cut or alter is set on purpose:
//   - no limit on the time that a client takes to send its request (a slow upload is no error);
//   - forwarded headers pass, and each app's route decides what to make of them;
//   - a semicolon in a query reaches the app as %3B, which it reads as a semicolon, and not as &;
//   - paths reach the app as the client sent them, encoded characters and double slashes too;
//   - the API answers on the container's own loopback, where mrsk asks for the state of routes.
func static(run config.ProxyRun) []string { return options(run, acmeOptions(run.ACME)) }

// options are static's, with others in the place of those for the certificates.
func options(run config.ProxyRun, others []string) []string {
	args := []string{
		"--global.checknewversion=false", "--global.sendanonymoususage=false",
		"--providers.file.directory=/mrsk/routes", "--providers.file.watch=true",
		"--providers.providersthrottleduration=50ms",
		"--api=true", "--api.insecure=true", "--api.dashboard=false", "--ping=true",
		"--entrypoints." + loopback + ".address=127.0.0.1:8080",
		"--experimental.localplugins.mrsk-page.modulename=mrsk/page",
		"--experimental.localplugins.mrsk-client.modulename=mrsk/client",
		"--log.level=" + logLevel(run.Debug),
	}
	for _, entry := range []struct{ name, port string }{{"http", "80"}, {"https", "443"}} {
		args = append(args, entryPoint(run, entry.name, entry.port)...)
	}
	args = append(args, others...)
	args = append(args, accessLog(run)...)
	if run.Metrics > 0 {
		args = append(args, metrics(strconv.Itoa(run.Metrics))...)
	}
	for _, a := range run.Args {
		args = append(args, "--"+a.Name+"="+a.Value)
	}
	return args
}

func logLevel(debug bool) string {
	if debug {
		return "DEBUG"
	}
	return "INFO"
}

func entryPoint(run config.ProxyRun, name, port string) []string {
	set := func(key, value string) string { return "--entrypoints." + name + "." + key + "=" + value }
	believes := []string{set("forwardedheaders.insecure", "true")}
	if slices.ContainsFunc(run.Args, func(a config.Pair) bool {
		return strings.HasPrefix(strings.ToLower(a.Name), "entrypoints."+name+".forwardedheaders.")
	}) {
		believes = nil // it would win over the networks that the configuration names
	}
	return append(believes,
		set("address", ":"+port),
		set("http.sanitizepath", "false"),
		set("http.encodequerysemicolons", "true"),
		set("transport.respondingtimeouts.readtimeout", "0"),
		set("transport.lifecycle.gracetimeout", strconv.Itoa(grace)+"s"),
	)
}

// Run starts the proxy's container.
func Run(run config.ProxyRun) shell.Line {
	return container(run, hash(run)).Run()
}

// Create makes the proxy's container and does not start it.
func Create(run config.ProxyRun) shell.Line {
	return container(run, hash(run)).Create()
}

func container(run config.ProxyRun, hash string) docker.Container {
	return docker.Container{
		Name: Container, Image: run.Image, Restart: "unless-stopped",
		Flags:   flags(run),
		Env:     acmeEnv(run.ACME),
		Labels:  []config.Pair{{Name: docker.LabelConfig, Value: hash}, {Name: docker.LabelPlugins, Value: plugins}},
		Volumes: []string{Container + ":/mrsk"},
		Logging: logs(run),
		Options: run.Options,
		Args:    command(run, static(run)),
	}
}

func command(run config.ProxyRun, options []string) []string {
	return append([]string{"-c", prepare, "mrsk", common(run), pageGo, pageManifest, clientGo, clientManifest}, options...)
}

// flags publish the ports on all interfaces or on those that are named, and put the shell that
// prepares the start in the place of the image's entry point.
func flags(run config.ProxyRun) []string {
	out := append([]string{"--entrypoint", "sh", "--stop-timeout", strconv.Itoa(grace)}, rights(run)...)
	if run.Metrics > 0 {
		out = append(out, "--expose", strconv.Itoa(run.Metrics))
	}
	if !run.Publish {
		return out
	}
	ips := run.BindIPs
	if len(ips) == 0 {
		ips = []string{""}
	}
	for _, ip := range ips {
		out = append(out, "--publish", mapped(ip, run.HTTPPort, 80))
		if run.HTTPSPort > 0 {
			out = append(out, "--publish", mapped(ip, run.HTTPSPort, 443))
		}
	}
	return out
}

// rights are the least that the proxy can do with: no capability but that for the ports below 1024,
// and nothing to write to but its volume. An option of Traefik's that names a file may be for one to
// write elsewhere, such as a log.
func rights(run config.ProxyRun) []string {
	out := []string{"--security-opt", "no-new-privileges", "--cap-drop", "ALL", "--cap-add", "NET_BIND_SERVICE"}
	if slices.ContainsFunc(run.Args, func(a config.Pair) bool { return strings.HasPrefix(a.Value, "/") }) {
		return out
	}
	return append(out, "--read-only")
}

func mapped(ip string, host, inside int) string {
	if addr, err := netip.ParseAddr(ip); err == nil && addr.Is6() {
		ip = "[" + ip + "]"
	}
	if ip != "" {
		ip += ":"
	}
	return fmt.Sprintf("%s%d:%d", ip, host, inside)
}

func logs(run config.ProxyRun) config.Logging {
	if run.LogSize == "" {
		return config.Logging{}
	}
	return config.Logging{Options: []config.Pair{{Name: "max-size", Value: run.LogSize}}}
}

// hash tells one way of starting the proxy from another. Secrets go into it so slowly that it is
// of no use to somebody who has read it and guesses at them.
func hash(run config.ProxyRun) string {
	text := container(run, "").Run().String()
	if secrets := acmeSecrets(run.ACME); len(secrets) > 0 {
		key, err := pbkdf2.Key(sha256.New, strings.Join(secrets, "\x00"), []byte(text), 100_000, sha256.Size)
		if err != nil {
			panic(err) // only a key of no length can fail
		}
		text += string(key)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
