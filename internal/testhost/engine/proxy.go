package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A container that mounts a volume at /mrsk and is run by sh -c PROGRAM mrsk … is a Traefik of mrsk's.
// What mrsk runs inside it, or beside it over the same volume, is a program with a verb; the stand-in
// does what the verb means.

// proxyFiles are the files of the volume at /mrsk, nil without one.
func (e *Engine) proxyFiles(c *Container) *Volume {
	for _, bind := range c.HostConfig.Binds {
		if source, target, _ := strings.Cut(bind, ":"); target == "/mrsk" && !strings.HasPrefix(source, "/") {
			return e.volumes[source]
		}
	}
	return nil
}

// ownProgram returns the verb and its arguments of a program of mrsk's own.
func ownProgram(words []string) (verb []string, is bool) {
	if len(words) < 5 || words[0] != "sh" || words[1] != "-c" || words[3] != "mrsk" {
		return nil, false
	}
	return words[4:], true
}

// proxyStarted does what a proxy does at its start: it writes its own routes and takes all up.
func (e *Engine) proxyStarted(c *Container) {
	words, own := ownProgram(append([]string{c.Path}, c.Args...))
	files := e.proxyFiles(c)
	if !own || files == nil {
		return
	}
	files.Files["routes/mrsk.yml"] = words[0]
	e.takeUp(files)
}

func (e *Engine) isProxy(c *Container) bool {
	_, own := ownProgram(append([]string{c.Path}, c.Args...))
	return own && c.State.Running && e.proxyFiles(c) != nil
}

// takeUp lets the proxies that watch the files take them up. As with Traefik, one broken file keeps them
// from taking up any change.
func (e *Engine) takeUp(files *Volume) {
	routes, ok := files.routes()
	if !ok {
		return
	}
	for _, c := range e.containers {
		if e.isProxy(c) && e.proxyFiles(c) == files {
			c.routes = routes
		}
	}
}

// routeFile is the part of a route file that the stand-in reads.
type routeFile struct {
	HTTP struct {
		Routers  map[string]struct{ Service string }
		Services map[string]any
	}
}

// routes are all routers with their services; it fails where a file cannot be read.
func (v *Volume) routes() (routes map[string]string, ok bool) {
	routes = map[string]string{}
	for name, content := range v.Files {
		var f routeFile
		if !strings.HasPrefix(name, "routes/") || path.Ext(name) != ".yml" {
			continue
		}
		if err := json.Unmarshal([]byte(content), &f); err != nil {
			return nil, false
		}
		for router, r := range f.HTTP.Routers {
			routes[router] = r.Service
			if f.HTTP.Services[r.Service] == nil && !strings.HasSuffix(r.Service, "@internal") {
				routes[router] = refused + r.Service
			}
		}
	}
	return routes, true
}

const refused = "refused:"

// visit is one run of a program of mrsk's in a container over the proxy's files.
type visit struct {
	e     *Engine
	x     *exchange
	proxy *Container // nil where the proxy itself is stopped
	files *Volume
}

var verbs = map[string]func(visit, []string) error{
	"report": visit.report, "leads": visit.leads, "confirm": visit.confirm, "confirm_gone": visit.confirmGone,
	"store": visit.store, "lead": visit.lead, "drop": visit.drop, "sweep": visit.sweep,
	"issued": visit.issued, "acme": visit.show, "carry": visit.carry, "uncarry": visit.uncarry,
	"probe": visit.probe, "steady": visit.steady,
}

func (v visit) run(words []string) error {
	do, known := verbs[words[0]]
	if !known {
		return v.x.unknown("program in the proxy: " + strings.Join(words, " "))
	}
	err := do(v, words[1:])
	v.e.takeUp(v.files)
	return err
}

// report prints the route files between control characters, and that no program is missing.
func (v visit) report([]string) error {
	for _, name := range slices.Sorted(maps.Keys(v.files.Files)) {
		if base, ok := strings.CutPrefix(name, "routes/"); ok {
			fmt.Fprintf(v.x.Stdout, "\x1e%s\x1f%s\n", base, withoutKeys(base, v.files.Files[name]))
		}
	}
	return nil
}

// withoutKeys leaves the private keys out of files with certificates.
func withoutKeys(name, content string) string {
	if !strings.HasSuffix(name, ".yaml") {
		return content
	}
	lines := strings.Split(content, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, `"keyFile":`) }), "\n")
}

var errNo = &Failure{1, ""}

func (v visit) service(router string) string {
	if v.proxy == nil {
		return ""
	}
	return v.proxy.routes[router]
}

func (v visit) leads(args []string) error {
	if v.service(args[0]) != args[1] {
		return errNo
	}
	return nil
}

func (v visit) confirm(args []string) error {
	switch v.service(args[0]) {
	case args[1]:
		return nil
	case refused + args[1]:
		return &Failure{1, "the proxy refuses the route: there is no service " + args[1] + "\n"}
	}
	return &Failure{1, "the proxy does not take the route up; a file of another app may be broken, see mrsk proxy logs\n"}
}

func (v visit) confirmGone(args []string) error {
	if v.service(args[0]) != "" {
		return &Failure{1, "the proxy does not give the route up; a file of another app may be broken, see mrsk proxy logs\n"}
	}
	return nil
}

func (v visit) store(args []string) error {
	text, err := v.x.Read("/dev/stdin")
	v.files.Files[args[0]] = string(text)
	v.e.takeUp(v.files)
	return err
}

func (v visit) lead(args []string) error {
	if err := v.store(args[:1]); err != nil {
		return err
	}
	return v.confirm(args[1:])
}

func (v visit) drop(args []string) error {
	for _, pattern := range args {
		maps.DeleteFunc(v.files.Files, func(name, _ string) bool { return matches(pattern, name) })
	}
	return nil
}

func (v visit) sweep(args []string) error {
	maps.DeleteFunc(v.files.Files, func(name, _ string) bool {
		return matches(args[0], name) && !slices.Contains(args[1:], name)
	})
	return nil
}

func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

func (v visit) show(args []string) error {
	fmt.Fprint(v.x.Stdout, v.files.Files[args[0]])
	return nil
}

// issued prints the certificates of a file without their keys.
func (v visit) issued(args []string) error {
	for line := range strings.Lines(v.files.Files[args[0]]) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), " "); name == `"certificate":` {
			v.x.print("%s", value)
		}
	}
	return nil
}

func (v visit) carry(args []string) error {
	name := args[0]
	if old, there := v.files.Files[name]; strings.Contains(old, `"certificate":`) || strings.Contains(old, `"certFile":`) {
		return nil
	} else if there {
		v.files.Files[name+".before"] = old
	}
	return v.store(args)
}

func (v visit) uncarry(args []string) error {
	for _, name := range args {
		before, there := v.files.Files[name+".before"]
		if !there {
			continue
		}
		delete(v.files.Files, name+".before")
		delete(v.files.Files, name)
		if before != "" {
			v.files.Files[name] = before
		}
	}
	return nil
}

// probe is one request to a health check: ALIAS PORT PATH HOST SECONDS [HEADER].
func (v visit) probe(args []string) error {
	c := v.e.aliased(args[0])
	if c == nil {
		v.x.print("no answer on port %s", args[1])
		return errNo
	}
	status := v.e.answer(c)
	switch {
	case status/100 == 2:
		return nil
	case status <= 0:
		v.x.print("no answer on port %s", args[1])
	default:
		v.x.print("HTTP/1.1 %d\n\nanswer to %s", status, args[2])
	}
	return errNo
}

func (v visit) steady(args []string) error {
	times, err := strconv.Atoi(args[0])
	if err != nil {
		return v.x.unknown("not a number: " + args[0])
	}
	for range times {
		if err := v.probe(args[1:]); err != nil {
			return err
		}
	}
	return nil
}

// aliased is the running container with that name on a network.
func (e *Engine) aliased(alias string) *Container {
	for _, c := range e.containers {
		for _, p := range c.NetworkSettings.Networks {
			if c.State.Running && slices.Contains(p.Aliases, alias) {
				return c
			}
		}
	}
	return nil
}

// answer is the status with which a container answers its health check, 0 for no answer.
func (e *Engine) answer(c *Container) int {
	h := e.habit(c)
	c.probes++
	switch n := c.probes; {
	case h.Crash != 0 && h.After > 0 && n > h.After:
		e.end(c, h.Crash)
		return 0
	case n <= h.Late || h.Answer < 0:
		return 0
	case h.Good > 0 && n > h.Late+h.Good:
		return 500
	case h.Answer > 0:
		return h.Answer
	}
	return 200
}

// connections prints the proxy's table of connections, as Linux has it.
func (e *Engine) connections(x *exchange) {
	for _, c := range e.containers {
		for _, p := range c.NetworkSettings.Networks {
			if c.busy == 0 || p.IPAddress == "" {
				continue
			}
			c.busy--
			x.print("   0: 0100007F:9C40 %s:0050 01 00000000:00000000", littleEndian(p.IPAddress))
		}
	}
}

func littleEndian(address string) string {
	var out string
	for part := range strings.SplitSeq(address, ".") {
		n, _ := strconv.Atoi(part)
		out = fmt.Sprintf("%02X", n) + out
	}
	return out
}
