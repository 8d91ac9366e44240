package remote

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// HostKeyError is a host whose key is not the one that is known, or is not known and may not be
// taken on trust.
type HostKeyError struct {
	Host    string // as in the known hosts file: host or [host]:port
	File    string // where the known key stands, or the file of known hosts
	Line    int    // 0 when there is no known key
	Known   string // fingerprint of the known key, "" when there is none
	Shown   string // fingerprint of the key that the host shows
	Revoked bool   // the key is marked as revoked there
}

func (e *HostKeyError) Error() string {
	switch {
	case e.Revoked:
		return fmt.Sprintf("the host key %s is revoked at %s:%d", e.Shown, e.File, e.Line)
	case e.Line == 0:
		return fmt.Sprintf("the host key %s is unknown, and StrictHostKeyChecking is on", e.Shown)
	}
	return fmt.Sprintf("the host key has changed: known is %s (%s:%d), shown is %s",
		e.Known, e.File, e.Line, e.Shown)
}

// Hint says what may help.
func (e *HostKeyError) Hint() string {
	switch {
	case e.Revoked:
		return ""
	case e.Line == 0:
		return fmt.Sprintf("if you trust it: ssh-keyscan, or connect once with ssh -o StrictHostKeyChecking=accept-new %s", e.Host)
	}
	return fmt.Sprintf("if the host was set up anew: ssh-keygen -f %s -R '%s'", e.File, e.Host)
}

// trust is a set of known_hosts files. New keys go into the first of the user's own; without one
// nothing new is accepted, as in OpenSSH.
type trust struct {
	own    []string
	global []string
	mu     sync.Mutex
	db     *knownhosts.HostKeyDB
	origin map[string]string // the files' names, where db was read from copies
	seen   os.FileInfo       // the first file when db was read
}

// verifier checks the key of one host.
type verifier struct {
	algorithms []string // in the order of preference
	check      func(net.Addr, ssh.PublicKey) error
}

var systemKnown = []string{"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"}

func (d *Dialer) trust(l login) *trust {
	own, set := l.conf["userknownhostsfile"]
	if !set && d.opts.Local.Home != "" {
		known := filepath.Join(d.opts.Local.Home, ".ssh", "known_hosts")
		own = []string{known, known + "2"}
	}
	global, set := l.conf["globalknownhostsfile"]
	if !set {
		global = systemKnown
	}
	key := strings.Join(own, "\n") + "\n\n" + strings.Join(global, "\n")
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.trusts[key] == nil {
		d.trusts[key] = &trust{own: own, global: global}
	}
	return d.trusts[key]
}

func (d *Dialer) verify(l login) (*verifier, error) {
	t := d.trust(l)
	db, err := t.load()
	if err != nil {
		return nil, err
	}
	v := &verifier{algorithms: preferred(db, l.known())}
	v.check = func(addr net.Addr, key ssh.PublicKey) error {
		err := t.check(l.known(), addr, key)
		var wrong *HostKeyError
		if !errors.As(err, &wrong) || wrong.Revoked {
			return err
		}
		note, err := l.judge(t, wrong, key)
		if err == nil {
			d.setFresh(l.known())
		}
		if note != "" {
			d.opts.Hooks.note(l.target.Name, note)
		}
		return err
	}
	return v, nil
}

// setFresh remembers that the key of a host was accepted in this run, without having been known.
func (d *Dialer) setFresh(known string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fresh[known] = true
}

func (d *Dialer) isFresh(known string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fresh[known]
}

// judge decides by StrictHostKeyChecking about a key that is not the known one. As there is
// nobody to ask, "ask" is "accept-new".
func (l login) judge(t *trust, wrong *HostKeyError, key ssh.PublicKey) (note string, err error) {
	policy := strings.ToLower(l.conf.or("stricthostkeychecking", "ask"))
	switch off, fresh := policy == "no" || policy == "off" || policy == "false", wrong.Line == 0; {
	case policy == "yes" || policy == "true" || (!fresh && !off) || (fresh && len(t.own) == 0):
		return "", wrong
	case !fresh:
		return wrong.Error() + "; connecting anyway, as StrictHostKeyChecking is off", nil
	}
	file, err := t.add(l.known(), key, l.conf.yes("hashknownhosts"))
	if err != nil {
		return fmt.Sprintf("new host key %s, which could not be kept: %s", wrong.Shown, err), nil
	}
	return fmt.Sprintf("new host key %s, kept in %s", wrong.Shown, file), nil
}

// check compares key with what is known of address. An unknown host is a *HostKeyError too.
func (t *trust) check(address string, remote net.Addr, key ssh.PublicKey) error {
	db, err := t.load()
	if err != nil {
		return err
	}
	err = db.HostKeyCallback()(address, remote, key)
	shown := &HostKeyError{Host: knownhosts.Normalize(address), File: t.file(), Shown: ssh.FingerprintSHA256(key)}
	var changed *xknownhosts.KeyError
	var revoked *xknownhosts.RevokedError
	switch {
	case errors.As(err, &revoked):
		shown.Revoked, shown.File, shown.Line = true, revoked.Revoked.Filename, revoked.Revoked.Line
	case !errors.As(err, &changed):
		return err
	case len(changed.Want) > 0:
		known := closest(changed.Want, key)
		shown.File, shown.Line, shown.Known = known.Filename, known.Line, ssh.FingerprintSHA256(known.Key)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if file, ok := t.origin[shown.File]; ok {
		shown.File = file
	}
	return shown
}

// closest is the known key of the same type, else the first.
func closest(known []xknownhosts.KnownKey, key ssh.PublicKey) xknownhosts.KnownKey {
	for _, k := range known {
		if k.Key.Type() == key.Type() {
			return k
		}
	}
	return known[0]
}

// preferred puts the kinds of key that are known of a host first, so that it shows one of them.
// Certificates are asked for only where their authority is known.
func preferred(db *knownhosts.HostKeyDB, address string) []string {
	known := db.HostKeyAlgorithms(address)
	rest := slices.DeleteFunc(ssh.SupportedAlgorithms().HostKeys, func(algorithm string) bool {
		return strings.Contains(algorithm, "-cert-") || slices.Contains(known, algorithm)
	})
	return append(known, rest...)
}

func (t *trust) file() string {
	if len(t.own) == 0 {
		return ""
	}
	return t.own[0]
}

// load reads the files, if the one that is written to has changed since.
func (t *trust) load() (*knownhosts.HostKeyDB, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reload()
}

func (t *trust) reload() (*knownhosts.HostKeyDB, error) {
	now, _ := os.Stat(t.file())
	if t.db != nil && sameState(now, t.seen) {
		return t.db, nil
	}
	db, origin, err := readKnown(slices.Concat(t.own, t.global))
	if err != nil {
		return nil, fmt.Errorf("known hosts: %w", err)
	}
	t.db, t.origin, t.seen = db, origin, now
	return db, nil
}

func sameState(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
