package traefik

import "mrsk/internal/config"

// commonRoutes returns the route file that the proxy itself needs. It has the catch-all: on both entry
// points, requests that match no app's route get 502. The answer must not be 404, because the app may
// just be down. The priority -1 is below that of every route. The service is a port on which nothing
// listens.
func commonRoutes(run config.ProxyRun) string {
	own := ""
	if run.ACME.Challenge == config.HTTPChallenge {
		own = challengeRouter
	}
	return `{"http": {"routers": {` + own + `
"mrsk-catchall.http": {"entryPoints": ["http"], "rule": "PathPrefix(` + "`/`" + `)", "priority": -1, "service": "mrsk-unavailable"},
"mrsk-catchall.https": {"entryPoints": ["https"], "rule": "PathPrefix(` + "`/`" + `)", "priority": -1, "service": "mrsk-unavailable", "tls": {}}},
"services": {"mrsk-unavailable": {"loadBalancer": {"servers": [{"url": "http://127.0.0.1:9"}]}}}}}`
}
