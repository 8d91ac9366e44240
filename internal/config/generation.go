package config

import (
	"fmt"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// sign is a key that only some versions of MRSK and Kamal accept. It shows for which one a file was
// written.
type sign struct {
	path string // * is any key of a hash, or any item of a list
	// form reports whether the value has the form that only some versions accept; nil is any value.
	form func(value) bool
}

// olderSigns are keys that MRSK and Kamal 1 accept and Kamal 2 refuses.
var olderSigns = []sign{
	{"traefik", nil},
	{"healthcheck", nil},
	{"servers/*/traefik", nil},
	{"servers/*/healthcheck", nil},
	{"stop_wait_time", nil},
	{"primary_web_role", nil},
	{"ssh_user", nil},
	{"audit_broadcast_cmd", nil},
	{"builder/multiarch", nil},
	{"builder/local", isHash},
	{"builder/remote", isHash},
}

// newerSigns are keys that Kamal 2 or mrsk accepts and the last Kamal 1 refuses.
var newerSigns = []sign{
	{"proxy", nil},
	{"servers/*/proxy", nil},
	{"accessories/*/proxy", nil},
	{"builder/arch", nil},
	{"builder/driver", nil},
	{"builder/pack", nil},
	{"builder/provenance", nil},
	{"builder/sbom", nil},
	{"builder/local", isTrue},
	{"builder/remote", isEndpoint},
	{"aliases", nil},
	{"secrets_path", nil},
	{"error_pages_path", nil},
	{"deploy_timeout", nil},
	{"drain_timeout", nil},
	{"stop_timeout", nil},
	{"servers/*/stop_timeout", nil},
	{"hooks_output", nil},
	{"output", nil},
	{"minimum_version", isSecond},
	{"boot/parallel_roles", nil},
	{"ssh/config", nil},
	{"ssh/forward_agent", nil},
	{"sshkit/dns_retries", nil},
	{"accessories/*/registry", nil},
	{"accessories/*/network", nil},
	{"accessories/*/role", nil},
	{"accessories/*/tag", nil},
	{"accessories/*/tags", nil},
	{"accessories/*/files/*", isHash},
	{"accessories/*/directories/*", isHash},
	{"env/secret/*", isRenamed},
	{"env/tags/*/secret/*", isRenamed},
	{"servers/*/env/secret/*", isRenamed},
	{"accessories/*/env/secret/*", isRenamed},
	{"release", nil},
	{"boot/watch", nil},
	{"boot/barrier", nil},
	{"boot/order", nil},
	{"servers/*/boot", nil},
}

func isHash(v value) bool { return v.Kind == yamltree.Map }

func isTrue(v value) bool {
	is, _ := v.Bool()
	return is
}

// isEndpoint reports whether v is a text other than false. Old versions accept false, too.
func isEndpoint(v value) bool {
	_, is := v.Bool()
	return v.Kind == yamltree.Scalar && !v.Null && !is
}

// isRenamed reports whether v has the form NAME:KEY of a secret.
func isRenamed(v value) bool { return v.Kind == yamltree.Scalar && strings.Contains(v.Text, ":") }

// isSecond reports whether v is a version of at least 2.
func isSecond(v value) bool {
	major, _, _ := strings.Cut(v.Text, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 2
}

// first returns the value of the first sign that the file has.
func (d *draft) first(signs []sign) (value, bool) {
	for _, s := range signs {
		for _, v := range d.root.all(strings.Split(s.path, "/")) {
			if s.form == nil || s.form(v) {
				return v, true
			}
		}
	}
	return value{}, false
}

// all returns the values at a path, which may contain *.
func (v value) all(path []string) []value {
	switch {
	case v.absent():
		return nil
	case len(path) == 0:
		return []value{v}
	case path[0] != "*":
		return v.at(path[0]).all(path[1:])
	}
	var found []value
	for _, e := range v.Entries {
		found = append(found, v.child(e.Key, e.Value).all(path[1:])...)
	}
	for i, item := range v.Items {
		found = append(found, v.child(strconv.Itoa(i), item).all(path[1:])...)
	}
	return found
}

// readGeneration sets d.older if the file was written for MRSK or Kamal 1: it has a key that only they
// accept or, if no key decides, Kamal 1 would load it and Kamal 2 would not.
func (d *draft) readGeneration() {
	old, isOld := d.first(olderSigns)
	_, isNew := d.first(newerSigns)
	d.older, d.olderSign = isOld || !isNew && d.loadsInKamal1(), old
	d.mixed = isOld && isNew
}

// loadsInKamal1 reports whether the file has all keys that Kamal 1 requires. Kamal 2 also requires
// builder/arch. mrsk requires none of these.
func (d *draft) loadsInKamal1() bool {
	registry := d.root.at("registry")
	if d.image.absent() || d.servers.absent() || registry.absent() {
		return false
	}
	return registry.Get("username") != nil && registry.Get("password") != nil
}

// noteGeneration adds a notice if the port of the app was assumed because the file is an older one. The
// notices of the sections traefik and healthcheck name the port already, unless the file also has newer
// keys.
func (d *draft) noteGeneration() {
	if noted := !d.mixed && !(d.traefik.absent() && d.health.absent()); noted || !d.portGuessed {
		return
	}
	at, text := d.olderSign, "is a key of MRSK and Kamal 1, so the file is read as one of theirs"
	switch {
	case d.mixed:
		text = "is a key of MRSK and Kamal 1; the file is read as one of theirs, although it has newer keys, too"
	case at.absent():
		at, text = d.root, "the file is read as one of MRSK or Kamal 1, because it has no builder/arch as Kamal 2 requires"
	}
	at.notice(Notice{Problem: yamltree.Problem{
		Text: text, Advice: fmt.Sprintf("write proxy: %v%s, with the port of the app; the default of newer versions is 80", append(flow{"app_port: 3000"}, d.kept()...), d.besideLabels()),
	}})
}
