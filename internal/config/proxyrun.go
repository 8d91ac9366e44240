package config

import (
	"net/netip"
	"regexp"
	"strings"

	"mrsk/internal/yamltree"
)

// DefaultProxyImage is the default of proxy/run/image.
const DefaultProxyImage = "traefik:v3.7"

// defaultLogSize is the size at which docker rotates the log of a container.
const defaultLogSize = "10m"

var proxyRunSection = section[ProxyRun]{
	name: "proxy/run",
	doc:  "Options of the proxy container. All roles on a host must have the same.",
	fields: []field[ProxyRun]{
		{"image", "string", "", "Image of the proxy, a Traefik v3.", word(func(r *ProxyRun) *string { return &r.Image })},
		{"http_port", "integer", "", "Port of the host for HTTP.", port(func(r *ProxyRun) *int { return &r.HTTPPort })},
		{"https_port", "integer", "", "Port of the host for HTTPS.", port(func(r *ProxyRun) *int { return &r.HTTPSPort })},
		{"publish", "boolean", "", "Publish the ports on the host. false cannot be combined with ports or bind_ips.", boolean(func(r *ProxyRun) *bool { return &r.Publish })},
		{"bind_ips", "array of strings", "all", "Addresses of the host to publish the ports on.", readBindIPs},
		{"options", "hash", "", "Options of docker run for the proxy container.", readProxyOptions},
		{"args", "hash of strings", "", "More options of Traefik, such as accesslog: true. The entry points are http and https, the certificate resolver is mrsk.", readProxyArgs},
		{"log_max_size", "string", "", "Size at which the container's log is rotated; empty means docker's default.", readLogSize},
		{"debug", "boolean", "", "Log at debug level.", boolean(func(r *ProxyRun) *bool { return &r.Debug })},
		{"registry", "string", "", "Accepted and ignored: an option of kamal-proxy.", ignored[ProxyRun]},
		{"repository", "string", "", "Accepted and ignored: an option of kamal-proxy.", ignored[ProxyRun]},
		{"version", "string", "", "Accepted and ignored: an option of kamal-proxy.", ignored[ProxyRun]},
		{"acme", "hash", "Let's Encrypt", "The ACME server for automatic certificates; see proxy/run/acme.", readACME},
		{"metrics_port", "integer", "", "Port for Prometheus metrics, at /metrics. It is not published: only containers on the network mrsk can reach it.", readMetricsPort},
	},
}

func defaultProxyRun() ProxyRun {
	return ProxyRun{Image: DefaultProxyImage, HTTPPort: 80, HTTPSPort: 443, Publish: true, LogSize: defaultLogSize}
}

func readProxyRun(v value) ProxyRun {
	run := defaultProxyRun()
	if !proxyRunSection.read(v, &run) || run.Publish {
		return run
	}
	for _, key := range []string{"http_port", "https_port", "bind_ips"} {
		if at := v.at(key); !at.absent() && (at.Kind != yamltree.List || len(at.Items) > 0) {
			at.path = strings.TrimSuffix(v.path, "/run")
			at.problem("run: %s cannot be used with publish: false", key)
		}
	}
	return run
}

func readMetricsPort(v value, r *ProxyRun) {
	n, ok := v.port()
	if ok && (n == 80 || n == 443 || n == 8080) {
		v.problem("port %d is used by the proxy itself", n)
	}
	r.Metrics = n
}

func readBindIPs(v value, r *ProxyRun) {
	items, _ := v.array()
	for _, item := range items {
		readBindIP(item, r)
	}
}

func readBindIP(v value, r *ProxyRun) {
	text, ok := v.word()
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if ok && err != nil {
		v.problem("%q is not an IP address", text)
	}
	if ok && err == nil {
		r.BindIPs = append(r.BindIPs, ip.String())
	}
}

func readProxyOptions(v value, r *ProxyRun) {
	if v.Get("restart") != nil {
		v.at("restart").problem("the proxy's restart policy is set by mrsk itself")
		return
	}
	r.Options, _ = readOptions(v, theProxy)
	checkAddresses(v, r.Options, startedOn("", r.Options))
}

var argName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.\[\]-]*$`)

// ownArgs matches the options of Traefik that mrsk sets and depends on.
var ownArgs = regexp.MustCompile(`^(?i)(api|ping|providers\.(file|providersthrottleduration)|entrypoints\.(traefik|https?\.address))([.=]|$)`)

func readProxyArgs(v value, r *ProxyRun) {
	r.Args = v.pairs()
	for i, p := range r.Args {
		at := v.child(p.Name, v.Entries[i].Value)
		switch {
		case !argName.MatchString(p.Name):
			at.problem("%q is not an option of Traefik", p.Name)
		case ownArgs.MatchString(p.Name):
			at.problem("%s is set by mrsk itself", p.Name)
		}
	}
}

var logSize = regexp.MustCompile(`^([0-9]+[kmg]?)?$`)

func readLogSize(v value, r *ProxyRun) {
	size, ok := v.text()
	if ok && !logSize.MatchString(size) {
		v.problem("%q is not a size such as 10m", size)
	}
	r.LogSize = size
}
