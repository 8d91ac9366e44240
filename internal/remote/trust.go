package remote

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
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
	Because string // why an unknown key is not accepted
}

func (e *HostKeyError) Error() string {
	switch {
	case e.Revoked && e.Line == 0:
		return fmt.Sprintf("the host key %s is revoked by %s", e.Shown, e.File)
	case e.Revoked:
		return fmt.Sprintf("the host key %s is revoked at %s:%d", e.Shown, e.File, e.Line)
	case e.Line == 0:
		return fmt.Sprintf("the host key %s is unknown, and %s", e.Shown, e.Because)
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
	lines  []knownLine
	read   bool
	seen   os.FileInfo // the first file when lines were read
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

func (t *trust) file() string {
	if len(t.own) == 0 {
		return ""
	}
	return t.own[0]
}

// load reads the files, if the one that is written to has changed since.
func (t *trust) load() ([]knownLine, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, _ := os.Stat(t.file())
	if t.read && sameState(now, t.seen) {
		return t.lines, nil
	}
	lines, err := readKnown(slices.Concat(t.own, t.global))
	if err != nil {
		return nil, fmt.Errorf("known hosts: %w", err)
	}
	t.lines, t.read, t.seen = lines, true, now
	return lines, nil
}

func sameState(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func randomSalt() []byte {
	salt := make([]byte, 20)
	_, _ = rand.Read(salt) // never fails
	return salt
}

// verifier checks the key of one host, as check_host_key of OpenSSH does.
type verifier struct {
	d     *Dialer
	l     login
	trust *trust
	rules rules
	names []string // under which the key may stand, the more exact one first
}

func (d *Dialer) verify(l login) (*verifier, error) {
	r, err := d.rules(l)
	if err != nil {
		return nil, err
	}
	v := &verifier{d: d, l: l, trust: d.trust(l), rules: r, names: []string{l.known()}}
	// OpenSSH takes a key that stands without a port for any port.
	if bare := knownName(l.host, "22"); l.conf.first("hostkeyalias") == "" && bare != l.known() {
		v.names = append(v.names, bare)
	}
	return v, nil
}

// settings are those of a connection that keeps to the rules.
func (v *verifier) settings() (*ssh.ClientConfig, error) {
	lines, err := v.trust.load()
	if err != nil {
		return nil, err
	}
	algorithms, err := v.algorithms(lines)
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{
		Config:            ssh.Config{Ciphers: v.rules.ciphers, MACs: v.rules.macs, KeyExchanges: v.rules.exchanges},
		User:              v.l.user,
		ClientVersion:     "SSH-2.0-mrsk",
		HostKeyAlgorithms: algorithms,
	}, nil
}

// check decides about the key that the host shows.
func (v *verifier) check(addr net.Addr, key ssh.PublicKey) error {
	lines, err := v.trust.load()
	if err == nil {
		err = v.rules.check(key)
	}
	if err != nil {
		return err
	}
	if cert, ok := key.(*ssh.Certificate); ok {
		switch is, at := v.find(lines, key); {
		case is == revokedKey:
			return v.wrong(is, at, key)
		case is == knownKey && v.vouched(cert) == nil:
			return nil
		}
		key = cert.Key // as OpenSSH does with a certificate that it does not trust
		if err := v.rules.check(key); err != nil {
			return err
		}
	}
	is, at := v.find(lines, key)
	if is == knownKey {
		return v.checkAddress(lines, addr, key)
	}
	if err := v.judge(v.wrong(is, at, key), key); err != nil {
		return err
	}
	return v.checkAddress(lines, addr, key)
}

// find looks the key up by each name. Only that of a host unknown by the first may be known by
// the second.
func (v *verifier) find(lines []knownLine, key ssh.PublicKey) (standing, knownLine) {
	is, at := find(lines, v.names[0], key)
	for _, name := range v.names[1:] {
		if more, found := find(lines, name, key); is == unknownKey && more == knownKey {
			is, at = more, found
		}
	}
	return is, at
}

// vouched checks a certificate of a known authority.
func (v *verifier) vouched(cert *ssh.Certificate) error {
	principal := v.l.host
	if alias := v.l.conf.first("hostkeyalias"); alias != "" {
		principal = alias
	}
	at := slices.IndexFunc(cert.ValidPrincipals, func(pattern string) bool { return matchesPattern(pattern, principal) })
	if cert.CertType != ssh.HostCert || at < 0 || !v.rules.allowsAuthority(cert) {
		return errNotVouched
	}
	return (&ssh.CertChecker{}).CheckCert(cert.ValidPrincipals[at], cert)
}

func (v *verifier) wrong(is standing, at knownLine, key ssh.PublicKey) *HostKeyError {
	wrong := &HostKeyError{Host: v.l.known(), File: v.trust.file(), Shown: ssh.FingerprintSHA256(key), Revoked: is == revokedKey}
	if at.key != nil {
		wrong.File, wrong.Line = at.file, at.number
	}
	if is == changedKey {
		wrong.Known = ssh.FingerprintSHA256(at.key)
	}
	return wrong
}

// judge decides by StrictHostKeyChecking about a key that is not the known one. As there is
// nobody to ask, "ask" is "accept-new". A revoked key is never accepted.
func (v *verifier) judge(wrong *HostKeyError, key ssh.PublicKey) error {
	policy := strings.ToLower(v.l.conf.or("stricthostkeychecking", "ask"))
	off, fresh := policy == "no" || policy == "off" || policy == "false", wrong.Line == 0
	wrong.Because = v.unacceptable(policy)
	if wrong.Revoked || fresh && wrong.Because != "" || !fresh && !off {
		return wrong
	}
	v.d.setFresh(v.l.known())
	v.d.opts.Hooks.note(v.l.target.Name, v.accept(wrong, fresh, key))
	return nil
}

// unacceptable says why the key of a new host is not accepted, "" if it is.
func (v *verifier) unacceptable(policy string) string {
	switch {
	case policy == "yes" || policy == "true":
		return "StrictHostKeyChecking is on"
	case len(v.trust.own) == 0:
		return "there is no file of known hosts to keep it in"
	case v.rules.needsDNS:
		return "VerifyHostKeyDNS, which is on, is not supported"
	}
	return ""
}

func (v *verifier) accept(wrong *HostKeyError, fresh bool, key ssh.PublicKey) (note string) {
	if !fresh {
		return wrong.Error() + "; connecting anyway, as StrictHostKeyChecking is off"
	}
	file, err := v.trust.add(v.l.known(), key, v.l.conf.yes("hashknownhosts"))
	if err != nil {
		return fmt.Sprintf("new host key %s, which could not be kept: %s", wrong.Shown, err)
	}
	return fmt.Sprintf("new host key %s, kept in %s", wrong.Shown, file)
}

// checkAddress is CheckHostIP: the key may not be another one than is known for the address.
func (v *verifier) checkAddress(lines []knownLine, addr net.Addr, key ssh.PublicKey) error {
	tcp, ok := addr.(*net.TCPAddr)
	if !v.rules.checkIP || !ok || tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() || tcp.IP.String() == v.l.host {
		return nil
	}
	name := knownName(tcp.IP.String(), strconv.Itoa(v.l.port))
	if is, at := find(lines, name, key); is == changedKey || is == revokedKey {
		wrong := v.wrong(is, at, key)
		wrong.Host = name
		return v.judge(wrong, key)
	}
	return nil
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
