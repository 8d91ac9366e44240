package config

import (
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// sign is what tells for which versions a file is written: a key that only some of them accept.
type sign struct {
	path string // * is any key of a hash, or any item of a list
	// form is the form of the value that tells, where all versions have the key; nil is any.
	form func(value) bool
}

// olderSigns are what MRSK and Kamal 1 accept, and Kamal 2 refuses.
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

// newerSigns are what Kamal 2 accepts, or mrsk alone, and the last Kamal 1 refuses.
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
	{"boot/barrier", nil},
	{"boot/order", nil},
	{"servers/*/boot", nil},
}

func isHash(v value) bool { return v.Kind == yamltree.Map }

func isTrue(v value) bool {
	is, _ := v.Bool()
	return is
}

// isEndpoint is a text other than false, which stands for none in old versions, too.
func isEndpoint(v value) bool {
	_, is := v.Bool()
	return v.Kind == yamltree.Scalar && !v.Null && !is
}

// isRenamed is the name of a variable with that of the secret behind it.
func isRenamed(v value) bool { return v.Kind == yamltree.Scalar && strings.Contains(v.Text, ":") }

// isSecond is a version that no Kamal 1 reaches.
func isSecond(v value) bool {
	major, _, _ := strings.Cut(v.Text, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 2
}

// first is the first of the signs that the file has.
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

// all are the values at a path that may have * in it.
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

// readGeneration finds out whether the file is one of MRSK or Kamal 1: whether it has what only they
// accept or, where no key tells, whether Kamal 1 loads it and Kamal 2 does not.
func (d *draft) readGeneration() {
	old, isOld := d.first(olderSigns)
	_, isNew := d.first(newerSigns)
	d.older, d.olderSign = isOld || !isNew && d.loadsInKamal1(), old
	d.mixed = isOld && isNew
}

// loadsInKamal1 reports whether Kamal 1 has all that it requires. Kamal 2 requires builder/arch, too;
// mrsk requires neither that nor an image and a registry.
func (d *draft) loadsInKamal1() bool {
	registry := d.root.at("registry")
	if d.image.absent() || d.servers.absent() || registry.absent() {
		return false
	}
	return registry.Get("username") != nil && registry.Get("password") != nil
}

// noteGeneration says what was assumed of a port that the file does not name. The sections of Traefik
// and of the health check say so for themselves, unless a newer key makes it doubtful.
func (d *draft) noteGeneration() {
	if told := !d.mixed && !(d.traefik.absent() && d.health.absent()); told || !d.portGuessed {
		return
	}
	at, text := d.olderSign, "is a key of MRSK and Kamal 1, and so the file is read as one of theirs"
	switch {
	case d.mixed:
		text = "is a key of MRSK and Kamal 1; the file is read as one of theirs, though others of its keys are newer"
	case at.absent():
		at, text = d.root, "the file is read as one of MRSK or Kamal 1: they accept it, and Kamal 2 wants builder/arch"
	}
	at.notice(Notice{Problem: yamltree.Problem{
		Text: text, Advice: "write proxy: {app_port: 3000}, or the port of the app; newer versions take 80 without it",
	}})
}
