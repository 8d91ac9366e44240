package traefik

import (
	"maps"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

// The access log is one for all apps of a host, and an option of the proxy itself. So that the
// next app which starts the proxy does not forget what another has asked for, each app's route
// file says so, in a middleware that no router names.
const logged = "logging"

func loggingMiddleware(names []string) middleware {
	kept := map[string]string{}
	for _, name := range names {
		kept[name] = ""
	}
	return middleware{Headers: &headers{Request: kept}}
}

// merged is a run with what the apps that are on the host ask of the proxy.
func merged(h facts.Host, run config.ProxyRun) config.ProxyRun {
	for _, r := range h.Routes {
		f, err := decode(r.Content)
		if err != nil {
			continue
		}
		for name, m := range f.HTTP.Middlewares {
			if strings.HasSuffix(name, separator+logged) && m.Headers != nil {
				run = run.Logging(append([]string{}, slices.Sorted(maps.Keys(m.Headers.Request))...))
			}
		}
	}
	return run
}

// accessLog are the options of an access log that keeps some headers and no others.
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

// metrics are the options of an entry point for Prometheus.
func metrics(port string) []string {
	return []string{
		"--entrypoints.metrics.address=:" + port,
		"--metrics.prometheus=true", "--metrics.prometheus.entrypoint=metrics",
	}
}
