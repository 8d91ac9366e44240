// Package traefik plans the steps for the proxy and its routes: start, check, switch, drain, remove. It
// is pure: the steps depend only on the proxy settings and the facts of a host.
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

// Container is the name of the proxy's container and of its volume. All apps of a host share one proxy.
const Container = "mrsk-proxy"

// grace is the time in seconds that a stopping proxy gives requests in flight. It is a constant because
// apps with different values of drain_timeout share the proxy.
const grace = 30

var (
	//go:embed page/page.go
	pageGo string
	//go:embed client/client.go
	clientGo string
)

// pageManifest and clientManifest are the plugin manifests of packages page and client.
const (
	pageManifest   = `{"displayName": "page", "summary": "answers in the place of an app", "type": "middleware", "import": "mrsk/page", "testData": {}}`
	clientManifest = `{"displayName": "client", "summary": "tells an app who its client is", "type": "middleware", "import": "mrsk/client", "testData": {}}`
)

// plugins is the value of the label that lists the proxy's plugins. A proxy that an earlier version of
// mrsk started may lack them, and a route with a missing plugin does not work.
const plugins = "client"

// loopback is the name of the entry point for Traefik's API, pings and error pages. It can be reached only
// from inside the proxy's container.
const loopback = "traefik"

// prepare runs in the container before Traefik. On every start it creates the folders that Traefik
// watches, and writes the common routes, the plugins, and the CA certificate of a private ACME server.
// Bodies are buffered in the volume, because the rest of the file system is read-only.
const prepare = `cd /mrsk && rm -rf tmp && mkdir -p tmp routes certs pages && export TMPDIR=/mrsk/tmp && printf '%s\n' "$1" >routes/mrsk.yml && shift &&
for plugin in page client; do
  into=plugins-local/src/mrsk/$plugin
  mkdir -p "$into" && printf '%s\n' "$1" >"$into/$plugin.go" && printf '%s\n' "$2" >"$into/.traefik.yml" && shift 2 || exit
done &&
if [ -n "$` + authorityEnv + `" ]; then printf '%s\n' "$` + authorityEnv + `" >` + authorityFile + `; fi && exec traefik "$@"`

// static returns the static options of Traefik. Some defaults of Traefik would cut off or change
// requests, so the options set:
//   - no limit on the time that a client takes to send its request (a slow upload is no error);
//   - forwarded headers pass, and each app's route decides what to make of them;
//   - a semicolon in a query reaches the app as %3B, which it reads as a semicolon, and not as &;
//   - paths reach the app as the client sent them, encoded characters and double slashes too;
//   - the API answers on the container's own loopback, where mrsk asks for the state of routes.
func static(run config.ProxyRun) []string { return options(run, acmeOptions(run.ACME)) }

// options returns the static options with acme as the options of the certificate resolver.
func options(run config.ProxyRun, acme []string) []string {
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
	args = append(args, acme...)
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
	trust := []string{set("forwardedheaders.insecure", "true")}
	if slices.ContainsFunc(run.Args, func(a config.Pair) bool {
		return strings.HasPrefix(strings.ToLower(a.Name), "entrypoints."+name+".forwardedheaders.")
	}) {
		trust = nil // it would override the trusted networks of the configuration
	}
	return append(trust,
		set("address", ":"+port),
		set("http.sanitizepath", "false"),
		set("http.encodequerysemicolons", "true"),
		set("transport.respondingtimeouts.readtimeout", "0"),
		set("transport.lifecycle.gracetimeout", strconv.Itoa(grace)+"s"),
	)
}

// run returns the command that runs the proxy's container.
func (s Settings) run() shell.Line { return s.container(s.hash()).Run() }

// create returns the command that creates the proxy's container without starting it.
func (s Settings) create() shell.Line { return s.container(s.hash()).Create() }

func (s Settings) container(hash string) docker.Container {
	run := s.ProxyRun
	return docker.Container{
		Name: Container, Image: run.Image, Restart: "unless-stopped",
		Flags:   flags(run),
		Env:     s.env,
		Labels:  []config.Pair{{Name: docker.LabelConfig, Value: hash}, {Name: docker.LabelPlugins, Value: plugins}},
		Volumes: []string{Container + ":/mrsk"},
		Logging: logs(run),
		Options: run.Options,
		Args:    command(run, static(run)),
	}
}

func command(run config.ProxyRun, options []string) []string {
	return append([]string{"-c", prepare, "mrsk", commonRoutes(run), pageGo, pageManifest, clientGo, clientManifest}, options...)
}

// flags returns options of docker run. They publish the ports on run.BindIPs or all interfaces, and
// replace the entry point of the image by a shell, which runs prepare.
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

// rights returns options of docker run that limit the proxy's rights: its only capability is to listen on
// ports below 1024, and it can write only to its volume. If an option of Traefik is an absolute path, such
// as that of a log file, the file system stays writable.
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

// hash identifies the options of the proxy, to detect changes. It is a label that users of docker on the
// host can read, so secrets go through a slow key derivation: guessing them from the hash is expensive.
func (s Settings) hash() string {
	text := s.container("").Run().String()
	if secrets := s.secrets(); len(secrets) > 0 {
		key, err := pbkdf2.Key(sha256.New, strings.Join(secrets, "\x00"), []byte(text), 100_000, sha256.Size)
		if err != nil {
			panic(err) // only a key of no length can fail
		}
		text += string(key)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
