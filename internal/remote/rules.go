package remote

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

// UnsupportedError reports an unsupported option of the SSH configuration that restricts whom to trust
// or how to reach a host. Ignoring it would trust more than the user wants.
type UnsupportedError struct {
	Keyword string
	Why     string // what is not supported
}

func (e *UnsupportedError) Error() string { return e.Keyword + " of the ssh configuration: " + e.Why }

// Hint returns what may help.
func (e *UnsupportedError) Hint() string {
	return "change it for this host, or name another configuration under ssh/config"
}

// errOtherHost reports a certificate that is not valid for the host.
var errOtherHost = errors.New("the certificate is not one for this host")

// rules are the restrictions of the SSH configuration for a connection. A nil list is the default of the library.
type rules struct {
	hostKeys    []string // algorithms
	ciphers     []string
	macs        []string
	exchanges   []string
	authorities []string // signature algorithms of certificate authorities
	userKeys    []string // algorithms for the login
	rsaSize     int      // smallest size of RSA keys, in bits
	revoked     []revokedFile
	checkIP     bool
	needsDNS    bool // unknown keys must be looked up in the DNS, which is unsupported
}

// rules reads the restrictions for l. The error joins an *UnsupportedError for each unsupported one.
func (d *Dialer) rules(l login) (rules, error) {
	safe, all := ssh.SupportedAlgorithms(), allAlgorithms()
	r := rules{checkIP: l.conf.yes("checkhostip"), needsDNS: l.conf.yes("verifyhostkeydns") || strings.EqualFold(l.conf.first("verifyhostkeydns"), "ask")}
	var errs []error
	for _, list := range []struct {
		key       string
		to        *[]string
		safe, all []string
	}{
		{"hostkeyalgorithms", &r.hostKeys, safe.HostKeys, all.HostKeys},
		{"ciphers", &r.ciphers, safe.Ciphers, all.Ciphers},
		{"macs", &r.macs, safe.MACs, all.MACs},
		{"kexalgorithms", &r.exchanges, safe.KeyExchanges, all.KeyExchanges},
		{"casignaturealgorithms", &r.authorities, safe.PublicKeyAuths, all.PublicKeyAuths},
		{"pubkeyacceptedalgorithms", &r.userKeys, withCertificates(safe.PublicKeyAuths), withCertificates(all.PublicKeyAuths)},
	} {
		var err error
		*list.to, err = chosen(l.conf, list.key, list.safe, list.all)
		errs = append(errs, err)
	}
	if r.authorities == nil { // unlike the other lists, the library has no default for this one
		r.authorities = safe.PublicKeyAuths
	}
	errs = append(errs, l.conf.unsupported())
	r.rsaSize, _ = strconv.Atoi(l.conf.or("requiredrsasize", "1024"))
	for _, file := range l.conf["revokedhostkeys"] {
		f, err := d.revokedFile(file)
		r.revoked, errs = append(r.revoked, f), append(errs, err)
	}
	return r, errors.Join(errs...)
}

// unsupported returns an error for each option that is unsupported whatever its value, or with its value.
func (d directives) unsupported() error {
	var errs []error
	if d.first("knownhostscommand") != "" {
		errs = append(errs, &UnsupportedError{"KnownHostsCommand", "known hosts are read from files only"})
	}
	if d.yes("proxyusefdpass") {
		errs = append(errs, &UnsupportedError{"ProxyUseFdpass", "a proxy command has to carry the connection itself"})
	}
	if v := d.first("pubkeyauthentication"); strings.EqualFold(v, "no") || strings.EqualFold(v, "false") {
		errs = append(errs, &UnsupportedError{"PubkeyAuthentication", "it is off, and keys are the only way to log in here"})
	}
	if v := d.name("preferredauthentications"); v != "" && !slices.Contains(strings.Split(v, ","), "publickey") {
		errs = append(errs, &UnsupportedError{"PreferredAuthentications", "publickey is not among " + v + ", and keys are the only way to log in here"})
	}
	return errors.Join(errs...)
}

func allAlgorithms() ssh.Algorithms {
	all, odd := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	all.HostKeys = append(all.HostKeys, odd.HostKeys...)
	all.Ciphers = append(all.Ciphers, odd.Ciphers...)
	all.MACs = append(all.MACs, odd.MACs...)
	all.KeyExchanges = append(all.KeyExchanges, odd.KeyExchanges...)
	all.PublicKeyAuths = append(all.PublicKeyAuths, odd.PublicKeyAuths...)
	return all
}

// withCertificates adds the certificate algorithm of each key algorithm.
func withCertificates(keys []string) []string {
	out := slices.Clone(keys)
	for _, k := range keys {
		at := strings.TrimSuffix(k, "@openssh.com")
		out = append(out, at+"-cert-v01@openssh.com")
	}
	return out
}

// chosen returns the algorithms that an option allows: those of a list, or the safe ones changed by a
// list after "+", "-" or "^". Without the option it returns nil. The library supports all; insecure ones
// are allowed only by name.
func chosen(d directives, key string, safe, all []string) ([]string, error) {
	spec := d.first(key)
	if spec == "" {
		return nil, nil
	}
	var out []string
	how, list := spec[0], strings.Split(strings.TrimLeft(spec, "+-^"), ",")
	for _, name := range all {
		named, usual := matchesList(list, name), slices.Contains(safe, name)
		switch {
		case how == '+' && (named || usual), how == '-' && usual && !named, how == '^' && (named || usual):
			out = append(out, name)
		case !strings.ContainsRune("+-^", rune(how)) && named:
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return nil, &UnsupportedError{key, "none of " + spec + " is supported"}
	}
	return out, nil
}

// permits reports whether a list allows an algorithm for the kind of key.
func permits(list []string, kind string) bool {
	return list == nil || slices.ContainsFunc(algorithmsOf(kind), func(a string) bool { return slices.Contains(list, a) })
}

// algorithmsOf returns the signature algorithms of a kind of key.
func algorithmsOf(kind string) []string {
	switch kind {
	case ssh.KeyAlgoRSA:
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	case ssh.CertAlgoRSAv01:
		return []string{ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01, ssh.CertAlgoRSAv01}
	}
	return []string{kind}
}

// check returns an error for a host key that is revoked, too short, or of a kind that is not allowed.
func (r rules) check(key ssh.PublicKey) error {
	if !permits(r.hostKeys, key.Type()) {
		return fmt.Errorf("the host key is of the kind %s, which HostKeyAlgorithms leaves out", key.Type())
	}
	if size := rsaSize(key); size > 0 && size < r.rsaSize {
		return fmt.Errorf("the host key has %d bits, and RequiredRSASize is %d", size, r.rsaSize)
	}
	for _, f := range r.revoked {
		if err := f.check(key); err != nil {
			return err
		}
	}
	return nil
}

// rsaSize returns the size of an RSA key in bits, 0 for other keys.
func rsaSize(key ssh.PublicKey) int {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	if c, ok := key.(ssh.CryptoPublicKey); ok {
		if public, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok {
			return public.N.BitLen()
		}
	}
	return 0
}

func (r rules) allowsAuthority(cert *ssh.Certificate) bool {
	return cert.Signature != nil && slices.Contains(r.authorities, cert.Signature.Format)
}

// limit returns s restricted to the allowed algorithms, nil if none is allowed.
func (r rules) limit(s ssh.Signer) ssh.Signer {
	kind := s.PublicKey().Type()
	size := rsaSize(s.PublicKey())
	switch {
	case !permits(r.userKeys, kind), size > 0 && size < r.rsaSize:
		return nil
	case r.userKeys == nil || size == 0:
		return s
	}
	var left []string
	for _, a := range algorithmsOf(kind) {
		if slices.Contains(r.userKeys, a) {
			left = append(left, strings.TrimSuffix(a, "-cert-v01@openssh.com"))
		}
	}
	able, ok := s.(ssh.AlgorithmSigner)
	if !ok {
		return nil
	}
	limited, err := ssh.NewSignerWithAlgorithms(able, left)
	if err != nil {
		return nil
	}
	return limited
}

// algorithms returns the host key algorithms to offer. Those of known keys come first, so that the host
// shows a known key. Certificates are offered only if an authority is known for the host.
func (v *verifier) algorithms(lines []knownLine) ([]string, error) {
	authority, kinds := false, []string{}
	for _, l := range lines {
		if !slices.ContainsFunc(v.names, l.isOf) {
			continue
		}
		authority = authority || l.marker == "cert-authority"
		if l.marker == "" {
			kinds = append(kinds, algorithmsOf(l.key.Type())...)
		}
	}
	usable := v.rules.hostKeys
	if usable == nil {
		usable = ssh.SupportedAlgorithms().HostKeys
	}
	ranks := make([][]string, 3)
	for _, a := range usable {
		switch cert := strings.Contains(a, "-cert-"); {
		case cert && authority:
			ranks[0] = append(ranks[0], a)
		case !cert && slices.Contains(kinds, a):
			ranks[1] = append(ranks[1], a)
		case !cert:
			ranks[2] = append(ranks[2], a)
		}
	}
	if out := slices.Concat(ranks...); len(out) > 0 {
		return out, nil
	}
	return nil, &UnsupportedError{"HostKeyAlgorithms", "it leaves certificates alone, and no authority is known for this host"}
}
