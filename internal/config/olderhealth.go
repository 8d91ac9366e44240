package config

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// The port and path that MRSK and Kamal 1 asked where the file named none.
const (
	olderPort = 3000
	olderPath = "/up"
)

// olderHealth is a healthcheck section of MRSK and Kamal 1.
type olderHealth struct {
	path     string
	port     int
	cmd      string
	interval time.Duration
	attempts int
}

var olderHealthSection = section[olderHealth]{
	name: "healthcheck",
	doc: `Deprecated: the health check of MRSK and Kamal 1, at the root or in a role. Its keys mean the same as the newer keys in
the table, which win if both are set.`,
	fields: []field[olderHealth]{
		{"path", "string", olderPath, "Use proxy/healthcheck/path.", word(func(h *olderHealth) *string { return &h.path })},
		{"port", "integer", strconv.Itoa(olderPort), "Use proxy/app_port.", port(func(h *olderHealth) *int { return &h.port })},
		{"interval", "integer or string", defaultProxy().Healthcheck.Interval.String(), "Use proxy/healthcheck/interval, in whole seconds.", readOlderInterval},
		{"cmd", "string", "", "Command in the container that decides whether it is healthy, instead of the proxy's probe. Use servers/<role>/options/health-cmd.", word(func(h *olderHealth) *string { return &h.cmd })},
		{"max_attempts", "integer", "as many as deploy_timeout allows", "Attempts, with pauses of 1, 2, 3 … seconds. Use deploy_timeout, which is their sum.", readOlderAttempts},
		{"cord", "string or boolean", "", "Accepted and ignored: no request is cut.", ignored[olderHealth]},
		{"log_lines", "integer", "", "Accepted and ignored: the whole log of a failed container is saved.", ignored[olderHealth]},
		{"exposed_port", "integer", "", "Accepted and ignored: no container is started only for a check.", ignored[olderHealth]},
	},
}

// olderKey reads a key of an older form and notes what is written now.
func olderKey[T any](now string, read func(value, *T)) func(value, *T) {
	return func(v value, into *T) {
		v.older("%s", now)
		read(v, into)
	}
}

// readOlderInterval reads seconds, or a duration as docker writes it.
func readOlderInterval(v value, h *olderHealth) {
	if _, number := v.Int(); number {
		seconds(1, func(h *olderHealth) *time.Duration { return &h.interval })(v, h)
		return
	}
	text, ok := v.word()
	d, err := time.ParseDuration(text)
	if ok && (err != nil || d <= 0 || d > maxSeconds*time.Second) {
		v.problem("%q is no duration such as 10s", text)
		return
	}
	h.interval = d
}

// maxAttempts is where the pauses add up to what no deploy waits for.
const maxAttempts = 10_000

func readOlderAttempts(v value, h *olderHealth) {
	n, ok := v.intAtLeast(1)
	if ok && n > maxAttempts {
		v.problem("should be at most %d", maxAttempts)
		return
	}
	h.attempts = n
}

// timeout is how long the attempts last: their pauses were 1, 2, 3 … seconds.
func (h olderHealth) timeout() time.Duration {
	return time.Duration(h.attempts*(h.attempts+1)/2) * time.Second
}

// healthOf is what the file says about a role in the older form. A role behind the proxy
// inherits from the root, another one does not.
func (d *draft) healthOf(r roleFile, proxied bool) (olderHealth, bool) {
	at := r.health
	if proxied {
		at.Node = yamltree.Merge(d.health.Node, r.health.Node)
		at.path, at.log = cmp.Or(r.health.path, "healthcheck"), d.root.log
	}
	var h olderHealth
	if at.absent() || !olderHealthSection.read(at, &h) {
		return h, false
	}
	at.older("write %s", h.newer(proxied))
	return h, true
}

// newer is what to write in the place of the section.
func (h olderHealth) newer(proxied bool) string {
	if !proxied {
		return "options: {health-cmd: …, health-interval: …} in the role"
	}
	var probe, proxy flow
	if h.path != "" {
		probe.add("path", h.probedPath())
	}
	if h.interval > 0 {
		probe.add("interval", int(h.probeInterval().Seconds()))
	}
	proxy.add("app_port", cmp.Or(h.port, olderPort))
	if len(probe) > 0 {
		proxy.add("healthcheck", probe)
	}
	text := fmt.Sprintf("proxy: %v", proxy)
	if h.attempts > 0 {
		text += fmt.Sprintf(" and deploy_timeout: %d", max(30, int(h.timeout().Seconds())))
	}
	return text
}

func (h olderHealth) probedPath() string {
	return "/" + strings.TrimPrefix(cmp.Or(h.path, olderPath), "/")
}

// probeInterval is in whole seconds, as the probe's is.
func (h olderHealth) probeInterval() time.Duration {
	return max(h.interval.Truncate(time.Second), time.Second)
}

// applyOlder lays the older form under what the proxy's own keys say.
func (d *draft) applyOlder(r roleFile, role *Role, traefik *olderTraefik) {
	h, found := d.healthOf(r, role.Proxy != nil)
	if role.Proxy != nil && d.older {
		written := mergeProxy(d.proxy, r.proxy)
		h.probe(role.Proxy, written)
		traefik.applyTo(role.Proxy, written)
		if written.absent() {
			role.Proxy.ResponseTimeout = 0 // as Traefik has it, which those versions run
		}
		labelled := d.applyLabels(r, role)
		d.portGuessed = d.portGuessed || written.absent() && h.port == 0 && !labelled
	}
	if found && h.decides(role.Proxy != nil) && !hasOption(role.Options, "health-cmd") {
		role.Options = append(role.Options, h.options(r.health.or(d.health).Pos)...)
	}
}

// probe is the health check as the proxy's probe. written is what the file says in the newer
// form, which wins.
func (h olderHealth) probe(p *Proxy, written value) {
	said := func(keys ...string) bool {
		at := written
		for _, key := range keys {
			if at.absent() || at.Get(key) == nil {
				return false
			}
			at = at.at(key)
		}
		return true
	}
	if !said("app_port") && (h.port > 0 || written.absent()) {
		p.AppPort = cmp.Or(h.port, olderPort)
	}
	if h.path != "" && !said("healthcheck", "path") {
		p.Healthcheck.Path = h.probedPath()
	}
	if h.interval > 0 && !said("healthcheck", "interval") {
		p.Healthcheck.Interval = h.probeInterval()
	}
	p.Healthcheck.Own = h.cmd != ""
}

// decides reports whether docker is to check the container: with a command of its own, or where
// there is no proxy that would probe it.
func (h olderHealth) decides(proxied bool) bool {
	return h.cmd != "" || !proxied && (h.path != "" || h.port > 0)
}

func (h olderHealth) options(at yamltree.Pos) []Option {
	cmd := h.cmd
	if cmd == "" {
		cmd = fmt.Sprintf("curl -f http://localhost:%d%s || exit 1", cmp.Or(h.port, olderPort), h.probedPath())
	}
	interval := cmp.Or(h.interval, time.Second).String()
	return []Option{{Name: "health-cmd", Values: []string{cmd}, Pos: at}, {Name: "health-interval", Values: []string{interval}, Pos: at}}
}

func hasOption(options []Option, name string) bool {
	for _, o := range options {
		if o.Name == name {
			return true
		}
	}
	return false
}

// olderTimeout is the deploy_timeout that the attempts of the primary role amount to, unless the
// file has one.
func (d *draft) olderTimeout() {
	for _, r := range d.roleFiles {
		if h, ok := d.healthOf(r, d.isProxied(r)); ok && h.attempts > 0 && d.root.Get("deploy_timeout") == nil {
			d.DeployTimeout = max(d.DeployTimeout, h.timeout())
		}
	}
}
