package traefik

import (
	"maps"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// All apps of a host share one access log, whose settings are options of the proxy. Each app stores its
// settings in its route file, in a middleware that no router uses. So another app that starts the proxy
// knows them.
const logged = "logging"

func loggingMiddleware(names []string) middleware {
	kept := map[string]string{}
	for _, name := range names {
		kept[name] = ""
	}
	return middleware{Headers: &headers{Request: kept}}
}

// merged returns s with the access log settings of all apps on the host.
func (s Settings) merged(h facts.Host) Settings {
	for _, r := range h.Routes {
		f, err := decode(r.Content)
		if err != nil {
			continue
		}
		for name, m := range f.HTTP.Middlewares {
			if strings.HasSuffix(name, separator+logged) && m.Headers != nil {
				s.ProxyRun = s.Logging(append([]string{}, slices.Sorted(maps.Keys(m.Headers.Request))...))
			}
		}
	}
	return s
}

// accessLog returns Traefik's options of the access log, which keeps only the headers in
// run.LogHeaders.
func accessLog(run config.ProxyRun) []string {
	if run.LogHeaders == nil {
		return nil
	}
	args := []string{"--accesslog=true", "--accesslog.format=json", "--accesslog.fields.headers.defaultmode=drop"}
	for _, name := range run.LogHeaders {
		args = append(args, "--accesslog.fields.headers.names."+name+"=keep")
	}
	return args
}

// metrics returns Traefik's options of an entry point for Prometheus.
func metrics(port string) []string {
	return []string{
		"--entrypoints.metrics.address=:" + port,
		"--metrics.prometheus=true", "--metrics.prometheus.entrypoint=metrics",
	}
}
