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

// HostKeyError reports that a host key was refused: it has changed, it is revoked, or it is new and new
// keys are not accepted.
type HostKeyError struct {
	Host    string // as in known_hosts: host or [host]:port
	File    string // the file with the known or revoked key, else the one for new keys
	Line    int    // of the known or revoked key in File; 0 if there is none
	Known   string // fingerprint of the known key; "" if there is none
	Shown   string // fingerprint of the key that the host sent
	Revoked bool   // the key is revoked
	Because string // why a new key is not accepted
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

// Hint returns what may help, "" for a revoked key.
func (e *HostKeyError) Hint() string {
	switch {
	case e.Revoked:
		return ""
	case e.Line == 0:
		return fmt.Sprintf("if you trust it: ssh-keyscan, or connect once with ssh -o StrictHostKeyChecking=accept-new %s", e.Host)
	}
	return fmt.Sprintf("if the host was set up anew: ssh-keygen -f %s -R '%s'", e.File, e.Host)
}

// trust is a set of known_hosts files. New keys are written to the user's first file. If the user has
// none, new keys are refused, as in OpenSSH.
type trust struct {
	own    []string // files of UserKnownHostsFile
	global []string // files of GlobalKnownHostsFile
	mu     sync.Mutex
	lines  []knownLine
	read   bool
	seen   os.FileInfo // state of the first file when lines were read
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

// load returns the lines of the files. It reads them again only if the first file has changed.
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

// verifier checks the key of one host. It follows check_host_key of OpenSSH.
type verifier struct {
	d     *Dialer
	l     login
	trust *trust
	rules rules
	names []string // names of the host in known_hosts, the more exact one first
}

func (d *Dialer) verify(l login) (*verifier, error) {
	r, err := d.rules(l)
	if err != nil {
		return nil, err
	}
	v := &verifier{d: d, l: l, trust: d.trust(l), rules: r, names: []string{l.known()}}
	// OpenSSH accepts a key of the host without a port for every port.
	if bare := knownName(l.host, "22"); l.conf.name("hostkeyalias") == "" && bare != l.known() {
		v.names = append(v.names, bare)
	}
	return v, nil
}

// settings returns the settings of a connection that follows the rules.
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

// check returns nil if the key that the host sent is accepted. It adds a new key that is accepted to the
// user's known_hosts.
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
			return v.keyError(is, at, key)
		case is == knownKey && v.checkCertificate(cert) == nil:
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
	if err := v.applyPolicy(v.keyError(is, at, key), key); err != nil {
		return err
	}
	return v.checkAddress(lines, addr, key)
}

// find looks up the key by each name. The second name counts only if the host is unknown by the first.
func (v *verifier) find(lines []knownLine, key ssh.PublicKey) (keyStatus, knownLine) {
	is, at := find(lines, v.names[0], key)
	for _, name := range v.names[1:] {
		if more, found := find(lines, name, key); is == unknownKey && more == knownKey {
			is, at = more, found
		}
	}
	return is, at
}

// checkCertificate returns an error unless the certificate, of a known authority, is valid for the host.
func (v *verifier) checkCertificate(cert *ssh.Certificate) error {
	principal := v.l.host
	if alias := v.l.conf.name("hostkeyalias"); alias != "" {
		principal = alias
	}
	// CheckCert accepts a certificate without principals for any host.
	if cert.CertType != ssh.HostCert || !slices.Contains(cert.ValidPrincipals, principal) || !v.rules.allowsAuthority(cert) {
		return errOtherHost
	}
	return (&ssh.CertChecker{}).CheckCert(principal, cert)
}

// keyError returns the error for a key with that status, decided by the line at.
func (v *verifier) keyError(is keyStatus, at knownLine, key ssh.PublicKey) *HostKeyError {
	refused := &HostKeyError{Host: v.l.known(), File: v.trust.file(), Shown: ssh.FingerprintSHA256(key), Revoked: is == revokedKey}
	if at.key != nil {
		refused.File, refused.Line = at.file, at.number
	}
	if is == changedKey {
		refused.Known = ssh.FingerprintSHA256(at.key)
	}
	return refused
}

// applyPolicy applies StrictHostKeyChecking to a key that is new or has changed. It returns refused if
// the key is not accepted. "ask" is the same as "accept-new", because a deploy cannot ask. A revoked key
// is never accepted.
func (v *verifier) applyPolicy(refused *HostKeyError, key ssh.PublicKey) error {
	policy := strings.ToLower(v.l.conf.or("stricthostkeychecking", "ask"))
	off, fresh := policy == "no" || policy == "off" || policy == "false", refused.Line == 0
	refused.Because = v.unacceptable(policy)
	if refused.Revoked || fresh && refused.Because != "" || !fresh && !off {
		return refused
	}
	v.d.setFresh(v.l.known())
	v.d.opts.Hooks.note(v.l.target.Name, v.accept(refused, fresh, key))
	return nil
}

// unacceptable returns why a new key is not accepted, "" if it is.
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

// accept adds a new key to known_hosts, and returns what to tell the user.
func (v *verifier) accept(refused *HostKeyError, fresh bool, key ssh.PublicKey) (note string) {
	if !fresh {
		return refused.Error() + "; connecting anyway, as StrictHostKeyChecking is off"
	}
	file, err := v.trust.add(v.l.known(), key, v.l.conf.yes("hashknownhosts"))
	if err != nil {
		return fmt.Sprintf("new host key %s, which could not be kept: %s", refused.Shown, err)
	}
	return fmt.Sprintf("new host key %s, kept in %s", refused.Shown, file)
}

// checkAddress implements CheckHostIP: known_hosts must not have another key for the IP address.
func (v *verifier) checkAddress(lines []knownLine, addr net.Addr, key ssh.PublicKey) error {
	tcp, ok := addr.(*net.TCPAddr)
	if !v.rules.checkIP || !ok || tcp.IP.IsUnspecified() || tcp.IP.IsLoopback() || tcp.IP.String() == v.l.host {
		return nil
	}
	name := knownName(tcp.IP.String(), strconv.Itoa(v.l.port))
	if is, at := find(lines, name, key); is == changedKey || is == revokedKey {
		refused := v.keyError(is, at, key)
		refused.Host = name
		return v.applyPolicy(refused, key)
	}
	return nil
}

// setFresh records that the key of a host was new and accepted in this run.
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
