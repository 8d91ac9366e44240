package config

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/yamltree"
)

// The default port and path of the health check in MRSK and Kamal 1.
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

// olderKey wraps the reader of a deprecated key. It adds a notice that says what to write instead.
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
		v.problem("%q is not a duration such as 10s", text)
		return
	}
	h.interval = d
}

// maxAttempts limits max_attempts. Its pauses add up to more than a year.
const maxAttempts = 10_000

func readOlderAttempts(v value, h *olderHealth) {
	n, ok := v.intAtLeast(1)
	if ok && n > maxAttempts {
		v.problem("should be at most %d", maxAttempts)
		return
	}
	h.attempts = n
}

// timeout returns the duration of all attempts. The pauses between them are 1, 2, 3 … seconds.
func (h olderHealth) timeout() time.Duration {
	return time.Duration(h.attempts*(h.attempts+1)/2) * time.Second
}

// healthOf returns the deprecated health check of a role, and whether there is one. Only a role behind
// the proxy inherits that of the root.
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
	beside := ""
	if proxied {
		beside = d.besideLabels()
	}
	at.older("write %s", h.newer(proxied, d.kept())+beside)
	return h, true
}

// kept returns the keys of proxy by which a file keeps what it means once it is no longer one of MRSK or Kamal 1.
func (d *draft) kept() flow {
	var f flow
	if d.proxy.absent() {
		f.add("response_timeout", 0)
	}
	if d.traefik.absent() && d.proxy.Get("forward_headers") == nil {
		f.add("forward_headers", false)
	}
	return f
}

// besideLabels tells to replace the labels for Traefik in the same change, if a role has some: they mean nothing
// beside a section proxy.
func (d *draft) besideLabels() string {
	for _, at := range append(d.root.all([]string{"servers", "*", "labels"}), d.labels) {
		if at.absent() {
			continue
		}
		for _, e := range at.Entries {
			if strings.HasPrefix(strings.ToLower(e.Key), "traefik.") {
				return " and the keys that replace the labels"
			}
		}
	}
	return ""
}

// newer returns what to write instead of the section. kept are further keys of proxy.
func (h olderHealth) newer(proxied bool, kept flow) string {
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
	proxy = append(proxy, kept...)
	text := fmt.Sprintf("proxy: %v", proxy)
	if h.attempts > 0 {
		text += fmt.Sprintf(" and deploy_timeout: %d", max(30, int(h.timeout().Seconds())))
	}
	return text
}

func (h olderHealth) probedPath() string {
	return "/" + strings.TrimPrefix(cmp.Or(h.path, olderPath), "/")
}

// probeInterval returns the interval in whole seconds, at least one, because probes need that.
func (h olderHealth) probeInterval() time.Duration {
	return max(h.interval.Truncate(time.Second), time.Second)
}

// applyOlder applies the deprecated sections to a role where the keys of proxy do not set the same.
func (d *draft) applyOlder(r roleFile, role *Role, traefik *olderTraefik) {
	h, found := d.healthOf(r, role.Proxy != nil)
	if role.Proxy != nil && d.older {
		written := mergeProxy(d.proxy, r.proxy)
		h.probe(role.Proxy, written)
		traefik.applyTo(role.Proxy, written)
		if written.absent() {
			role.Proxy.ResponseTimeout = 0 // the default of Traefik, which those versions use
		}
		labelled := d.applyLabels(r, role, traefik)
		d.portGuessed = d.portGuessed || written.absent() && h.port == 0 && !labelled
	}
	if found && h.decides(role.Proxy != nil) && !hasOption(role.Options, "health-cmd") {
		role.Options = append(role.Options, h.options(r.health.or(d.health).Pos)...)
	}
}

// probe applies the health check to the proxy's probe. written is the section proxy of the file, whose
// keys win.
func (h olderHealth) probe(p *Proxy, written value) {
	has := func(keys ...string) bool {
		at := written
		for _, key := range keys {
			if at.absent() || at.Get(key) == nil {
				return false
			}
			at = at.at(key)
		}
		return true
	}
	if !has("app_port") && (h.port > 0 || written.absent()) {
		p.AppPort = cmp.Or(h.port, olderPort)
	}
	if h.path != "" && !has("healthcheck", "path") {
		p.Healthcheck.Path = h.probedPath()
	}
	if h.interval > 0 && !has("healthcheck", "interval") {
		p.Healthcheck.Interval = h.probeInterval()
	}
	p.Healthcheck.Own = h.cmd != ""
}

// decides reports whether docker checks the health of the container: the file has a command for it, or
// the role is not behind the proxy.
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

// olderTimeout raises deploy_timeout to the duration of max_attempts, unless the file sets it.
func (d *draft) olderTimeout() {
	for _, r := range d.roleFiles {
		if h, ok := d.healthOf(r, d.isProxied(r)); ok && h.attempts > 0 && d.root.Get("deploy_timeout") == nil {
			d.DeployTimeout = max(d.DeployTimeout, h.timeout())
		}
	}
}
