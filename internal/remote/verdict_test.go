package remote_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"

	"mrsk/internal/local"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// What is done about a host.
const (
	connects = "connects"
	asks     = "asks" // mrsk has nobody to ask, and accepts what is new, see differs
	refuses  = "refuses"
)

// world is what the cases of the table are made of.
type world struct {
	one, two, ca, user keyPair
	rsa, rsaCA         keyPair          // rsaCA signs with SHA-1
	certified          *ssh.Certificate // vouches for user
	servers            map[string]func() string
	dir, host          string // the folder of the files; the host as known_hosts names it
}

// newWorld starts a server when a case first needs it.
func newWorld(t *testing.T) world {
	t.Helper()
	w := world{one: edKey(t), two: edKey(t), ca: edKey(t), user: edKey(t), rsa: rsaKey(t, 2048), rsaCA: withSHA1(t, rsaKey(t, 2048))}
	w.certified = &ssh.Certificate{Key: w.user.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{account(t)}, ValidBefore: ssh.CertTimeInfinity}
	if err := w.certified.SignCert(rand.Reader, w.ca); err != nil {
		t.Fatal(err)
	}
	w.servers = map[string]func() string{"certificates only": sync.OnceValue(func() string { return startSSHD(t, w.certified, []keyPair{w.one}) })}
	for name, keys := range map[string][]keyPair{
		"": {w.one}, "vouched": {vouched(t, w.ca, w.one, nil)}, "both": {w.one, w.rsa}, "rsa": {w.rsa}, "vouched by SHA-1": {vouched(t, w.rsaCA, w.one, nil)},
	} {
		w.servers[name] = sync.OnceValue(func() string { return startSSHD(t, w.user.PublicKey(), keys) })
	}
	return w
}

// verdict is a case: a host with keys, and what the operator's files say.
type verdict struct {
	name   string
	conf   string // of ssh; DIR is the folder
	known  func(w world) string
	server string                 // which host; by default that with the key one
	cert   func(*ssh.Certificate) // gives the host a certificate of its own
	files  func(w world) map[string]string
	agent  bool // holds the user's key; no file does
	want   string
	differ string // what mrsk does, where it is not the same
	alone  string // what mrsk does where ssh is not installed, if that is something else again
}

func (w world) line(key keyPair) string { return w.host + " " + pub(key.PublicKey()) }

func hosts(w world) string { return w.line(w.one) }

func TestVerdict_is_that_of_the_ssh_program(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ssh"); err != nil {
		t.Skip("no ssh here")
	}
	shared := newWorld(t)
	for _, table := range [][]verdict{hostKeyVerdicts, certificateVerdicts, revokedVerdicts, algorithmVerdicts, userKeyVerdicts, blockVerdicts} {
		for _, v := range table {
			t.Run(v.name, func(t *testing.T) {
				t.Parallel()
				v.check(t, shared)
			})
		}
	}
}

func (v verdict) check(t *testing.T, w world) {
	t.Helper()
	w.dir = t.TempDir()
	address := ""
	if v.cert != nil {
		address = startSSHD(t, w.user.PublicKey(), []keyPair{vouched(t, w.ca, w.one, v.cert)})
	} else {
		address = w.servers[v.server]()
	}
	host, port, _ := net.SplitHostPort(address)
	w.host = "[" + host + "]:" + port
	agent := ""
	if v.agent {
		agent = testhost.Agent(t, edKey(t).pem, w.user.pem)
	}
	put(t, w.dir, "user.pub", ssh.MarshalAuthorizedKey(w.user.PublicKey()))
	v.write(t, w, host, port)
	theirs, said := askSSH(t, w.dir, agent)
	if theirs != v.want {
		t.Errorf("ssh %s, want %s: %s", theirs, v.want, said)
	}
	for name, run := range readers {
		v.write(t, w, host, port) // the one before may have kept the key
		ours, err := v.dial(t, w, agent, run)
		if want := v.expected(name); ours != want {
			t.Errorf("mrsk %s %s, want %s: %v", name, ours, want, err)
		}
	}
}

// expected returns what mrsk does with that reader of the configuration.
func (v verdict) expected(reader string) string {
	if reader == "without ssh" && v.alone != "" {
		return v.alone
	}
	return cmp.Or(v.differ, v.want)
}

// write puts the operator's files in place.
func (v verdict) write(t *testing.T, w world, host, port string) {
	t.Helper()
	conf := "Host web\n" + v.conf + "\nHostName " + host + "\nPort " + port + "\nUser " + account(t) +
		"\nUserKnownHostsFile DIR/known\nGlobalKnownHostsFile DIR/global\nConnectTimeout 10\n"
	if !v.agent {
		put(t, w.dir, "key", w.user.pem)
		conf += "IdentityFile DIR/key\n"
	}
	put(t, w.dir, "config", []byte(strings.ReplaceAll(conf, "DIR", w.dir)))
	known := ""
	if v.known != nil {
		known = v.known(w) + "\n"
	}
	put(t, w.dir, "known", []byte(known))
	if v.files != nil {
		for name, text := range v.files(w) {
			put(t, w.dir, name, []byte(text))
		}
	}
}

func (v verdict) dial(t *testing.T, w world, agent string, run func(context.Context, ...string) ([]byte, error)) (string, error) {
	t.Helper()
	var n notes
	opts := remote.Options{
		Files: remote.Files{Paths: []string{filepath.Join(w.dir, "config")}},
		Local: remote.Local{
			Home: t.TempDir(), User: account(t), AgentSocket: agent, Getenv: os.Getenv, Run: run, Pipe: local.Pipe,
		},
		Hooks:  remote.Hooks{Note: n.add},
		Timing: remote.Timing{Connect: 10 * time.Second},
	}
	_, err := tryDial(t, "web", opts)
	switch {
	case err != nil:
		return refuses, err
	case strings.Contains(strings.Join(n.told, "\n"), "new host key") && v.want == asks:
		return asks, nil
	}
	return connects, nil
}

var hostKeyVerdicts = []verdict{
	{name: "known", known: hosts, want: connects},
	{name: "known, strict", conf: "StrictHostKeyChecking yes", known: hosts, want: connects},
	{name: "new", want: asks},
	{name: "new, accept-new", conf: "StrictHostKeyChecking accept-new", want: connects},
	{name: "new, strict", conf: "StrictHostKeyChecking yes", want: refuses},
	{name: "new, off", conf: "StrictHostKeyChecking no", want: connects},
	{name: "changed", known: func(w world) string { return w.line(w.two) }, want: refuses},
	{name: "changed, accept-new", conf: "StrictHostKeyChecking accept-new", known: func(w world) string { return w.line(w.two) }, want: refuses},
	{name: "changed, strict", conf: "StrictHostKeyChecking yes", known: func(w world) string { return w.line(w.two) }, want: refuses},
	{name: "changed, off", conf: "StrictHostKeyChecking off", known: func(w world) string { return w.line(w.two) }, want: connects},
	{name: "another kind is known", known: func(w world) string { return w.line(w.rsa) }, want: refuses},
	{name: "two are known", known: func(w world) string { return w.line(w.two) + "\n" + w.line(w.one) }, want: connects},
	{name: "without the port", conf: "StrictHostKeyChecking yes", known: func(w world) string { return "127.0.0.1 " + pub(w.one.PublicKey()) }, want: connects},
	{name: "without the port, changed", conf: "StrictHostKeyChecking accept-new", known: func(w world) string { return "127.0.0.1 " + pub(w.two.PublicKey()) }, want: connects},
	{name: "another port", conf: "StrictHostKeyChecking yes", known: func(w world) string { return "[127.0.0.1]:1 " + pub(w.one.PublicKey()) }, want: refuses},
	{name: "wildcard", conf: "StrictHostKeyChecking yes", known: func(w world) string { return "[127.0.0.?]:* " + pub(w.one.PublicKey()) }, want: connects},
	{name: "all but this one", conf: "StrictHostKeyChecking yes", known: func(w world) string { return "*,!" + w.host + ",!127.0.0.1 " + pub(w.one.PublicKey()) }, want: refuses},
	{name: "hashed", conf: "StrictHostKeyChecking yes", known: func(w world) string { return xknownhosts.HashHostname(w.host) + " " + pub(w.one.PublicKey()) }, want: connects},
	{name: "hash of another", conf: "StrictHostKeyChecking yes", known: func(w world) string { return xknownhosts.HashHostname("x") + " " + pub(w.one.PublicKey()) }, want: refuses},
	{name: "beside nonsense", conf: "StrictHostKeyChecking yes", known: func(w world) string { return "@odd * x\nx\n* ssh-new AAAA\n\n#\n" + w.line(w.one) + " comment" }, want: connects},
	{name: "alias", conf: "StrictHostKeyChecking yes\nHostKeyAlias The-Web", known: func(w world) string { return "the-web " + pub(w.one.PublicKey()) }, want: connects},
	{name: "alias, known by address", conf: "StrictHostKeyChecking yes\nHostKeyAlias the-web", known: hosts, want: refuses},
	{name: "alias none", conf: "StrictHostKeyChecking yes\nHostKeyAlias none", known: func(w world) string { return "none " + pub(w.one.PublicKey()) }, want: connects},
	{name: "alias none, known by address", conf: "StrictHostKeyChecking yes\nHostKeyAlias none", known: hosts, want: refuses},
	{name: "global file", conf: "StrictHostKeyChecking yes", files: func(w world) map[string]string { return map[string]string{"global": w.line(w.one) + "\n"} }, want: connects},
	{name: "no user file, new", conf: "StrictHostKeyChecking no\nUserKnownHostsFile none", want: refuses},
	{name: "no user file, global", conf: "UserKnownHostsFile none", files: func(w world) map[string]string { return map[string]string{"global": w.line(w.one) + "\n"} }, want: connects},
	{name: "null file, off", conf: "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null", known: func(w world) string { return w.line(w.two) }, want: connects},
	{name: "blank in the path", conf: "UserKnownHostsFile \"DIR/my known\"", files: func(w world) map[string]string { return map[string]string{"my known": w.line(w.two) + "\n"} }, want: refuses},
	{name: "blank in the second path", conf: "UserKnownHostsFile DIR/known \"DIR/my known\"", files: func(w world) map[string]string { return map[string]string{"my known": w.line(w.two) + "\n"} }, want: refuses},
	{name: "token in the path", conf: "UserKnownHostsFile DIR/known-%h", files: func(w world) map[string]string { return map[string]string{"known-127.0.0.1": w.line(w.one) + "\n"} }, want: connects},
	{name: "by a command", conf: "KnownHostsCommand /bin/echo %H " + "KEY", known: hosts, want: connects, differ: refuses},
	{name: "DNS, known", conf: "VerifyHostKeyDNS yes", known: hosts, want: connects},
	{name: "DNS, new", conf: "VerifyHostKeyDNS yes", want: asks, differ: refuses},
	{name: "CheckHostIP", conf: "CheckHostIP yes", known: hosts, want: connects},
	{name: "UpdateHostKeys", conf: "UpdateHostKeys yes", known: hosts, want: connects},
}

var certificateVerdicts = []verdict{
	{name: "certificate", conf: "StrictHostKeyChecking yes", server: "vouched", known: authorityFor("[127.0.0.1]:*"), want: connects},
	{name: "certificate, wildcard authority", conf: "StrictHostKeyChecking yes", server: "vouched", known: authorityFor("*"), want: connects},
	{name: "certificate, authority without port", conf: "StrictHostKeyChecking yes", server: "vouched", known: authorityFor("127.0.0.1"), want: connects},
	{name: "certificate, authority of others", conf: "StrictHostKeyChecking yes", server: "vouched", known: authorityFor("*.example.com"), want: refuses},
	{name: "certificate for another host", conf: "StrictHostKeyChecking yes", cert: func(c *ssh.Certificate) { c.ValidPrincipals = []string{"192.0.2.1"} }, known: authorityFor("*"), want: refuses},
	{name: "certificate for a pattern", conf: "StrictHostKeyChecking yes", cert: func(c *ssh.Certificate) { c.ValidPrincipals = []string{"127.*"} }, known: authorityFor("*"), want: refuses},
	{name: "certificate without hosts", conf: "StrictHostKeyChecking yes", cert: func(c *ssh.Certificate) { c.ValidPrincipals = nil }, known: authorityFor("*"), want: connects, differ: refuses},
	{name: "certificate that has ended", conf: "StrictHostKeyChecking yes", cert: func(c *ssh.Certificate) { c.ValidBefore = 1000000000 }, known: authorityFor("*"), want: refuses},
	{name: "certificate that has not begun", conf: "StrictHostKeyChecking yes", cert: func(c *ssh.Certificate) { c.ValidAfter = 1 << 40 }, known: authorityFor("*"), want: refuses},
	{name: "certificate for the alias", conf: "StrictHostKeyChecking yes\nHostKeyAlias web", cert: func(c *ssh.Certificate) { c.ValidPrincipals = []string{"web"} }, known: authorityFor("web"), want: connects},
	{name: "certificate, plain key known", conf: "StrictHostKeyChecking yes", server: "vouched", known: hosts, want: connects},
	{name: "certificate for others, plain key known", conf: "StrictHostKeyChecking yes", cert: func(c *ssh.Certificate) { c.ValidPrincipals = []string{"x"} }, known: func(w world) string { return authorityFor("*")(w) + "\n" + w.line(w.one) }, want: connects},
	{name: "certificate, new authority", server: "vouched", want: asks},
	{name: "certificate, another authority", server: "vouched", known: func(w world) string { return "@cert-authority * " + pub(w.two.PublicKey()) }, want: asks},
	{name: "the authority's own key", conf: "StrictHostKeyChecking yes", known: func(w world) string { return "@cert-authority * " + pub(w.one.PublicKey()) }, want: refuses},
	{name: "the authority's own key, new", known: func(w world) string { return "@cert-authority * " + pub(w.one.PublicKey()) }, want: asks},
	{name: "the authority as a plain key", conf: "StrictHostKeyChecking yes", server: "vouched", known: func(w world) string { return "* " + pub(w.ca.PublicKey()) }, want: refuses},
	{name: "signature of a kind that is left out", conf: "StrictHostKeyChecking yes\nCASignatureAlgorithms rsa-sha2-512", server: "vouched", known: authorityFor("*"), want: refuses},
	{name: "signature with SHA-1", conf: "StrictHostKeyChecking yes", server: "vouched by SHA-1", known: authorityBySHA1, want: refuses},
	{name: "signature with SHA-1 that is allowed", conf: "StrictHostKeyChecking yes\nCASignatureAlgorithms +ssh-rsa", server: "vouched by SHA-1", known: authorityBySHA1, want: connects},
	{name: "signature with SHA-1, other algorithms left out", conf: "StrictHostKeyChecking yes\nCASignatureAlgorithms -ssh-ed25519", server: "vouched by SHA-1", known: authorityBySHA1, want: refuses},
	{name: "certificates are left out", conf: "StrictHostKeyChecking yes\nHostKeyAlgorithms ssh-ed25519", server: "vouched", known: authorityFor("*"), want: refuses},
	{name: "only certificates", conf: "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com", server: "vouched", known: authorityFor("*"), want: connects},
}

func authorityFor(pattern string) func(world) string {
	return func(w world) string { return "@cert-authority " + pattern + " " + pub(w.ca.PublicKey()) }
}

func authorityBySHA1(w world) string { return "@cert-authority * " + pub(w.rsaCA.PublicKey()) }

func revokedBy(key func(world) string) func(world) map[string]string {
	return func(w world) map[string]string { return map[string]string{"revoked": key(w)} }
}

var revokedVerdicts = []verdict{
	{name: "marked as revoked", known: func(w world) string { return w.line(w.one) + "\n@revoked * " + pub(w.one.PublicKey()) }, want: refuses},
	{name: "marked as revoked before", known: func(w world) string { return "@revoked * " + pub(w.one.PublicKey()) + "\n" + w.line(w.one) }, want: refuses},
	{name: "marked as revoked, off", conf: "StrictHostKeyChecking no", known: func(w world) string { return "@revoked * " + pub(w.one.PublicKey()) }, want: connects, differ: refuses},
	{name: "another is marked as revoked", known: func(w world) string { return w.line(w.one) + "\n@revoked * " + pub(w.two.PublicKey()) }, want: connects},
	{name: "marked as revoked for another host", known: func(w world) string { return w.line(w.one) + "\n@revoked x " + pub(w.one.PublicKey()) }, want: connects},
	{name: "the authority is marked as revoked", conf: "StrictHostKeyChecking yes", server: "vouched", known: func(w world) string { return authorityFor("*")(w) + "\n@revoked * " + pub(w.ca.PublicKey()) }, want: refuses},
	{name: "RevokedHostKeys", conf: "RevokedHostKeys DIR/revoked", known: hosts, files: revokedBy(func(w world) string {
		return "# lost\n\n" + pub(w.two.PublicKey()) + "\n" + pub(w.one.PublicKey()) + " laptop\n"
	}), want: refuses},
	{name: "RevokedHostKeys, off", conf: "StrictHostKeyChecking no\nRevokedHostKeys DIR/revoked", known: hosts, files: revokedBy(func(w world) string { return pub(w.one.PublicKey()) }), want: refuses},
	{name: "RevokedHostKeys of others", conf: "RevokedHostKeys DIR/revoked", known: hosts, files: revokedBy(func(w world) string { return pub(w.two.PublicKey()) + "\n" }), want: connects},
	{name: "RevokedHostKeys with the authority", conf: "StrictHostKeyChecking yes\nRevokedHostKeys DIR/revoked", server: "vouched", known: authorityFor("*"), files: revokedBy(func(w world) string { return pub(w.ca.PublicKey()) + "\n" }), want: refuses},
	{name: "RevokedHostKeys that is missing", conf: "RevokedHostKeys DIR/gone", known: hosts, want: refuses},
	{name: "RevokedHostKeys that is garbage", conf: "RevokedHostKeys DIR/revoked", known: hosts, files: revokedBy(func(world) string { return "no key\n" }), want: refuses},
	{name: "RevokedHostKeys none", conf: "RevokedHostKeys none", known: hosts, want: connects},
}

var algorithmVerdicts = []verdict{
	{name: "HostKeyAlgorithms", conf: "HostKeyAlgorithms ssh-ed25519", known: hosts, want: connects},
	{name: "HostKeyAlgorithms without the kind", conf: "HostKeyAlgorithms rsa-sha2-512", known: hosts, want: refuses},
	{name: "HostKeyAlgorithms but the kind", conf: "HostKeyAlgorithms -ssh-ed25519*", known: hosts, want: refuses},
	{name: "HostKeyAlgorithms with another", conf: "HostKeyAlgorithms +ssh-rsa", known: hosts, want: connects},
	{name: "HostKeyAlgorithms of another key", conf: "HostKeyAlgorithms rsa-sha2-*", known: hosts, server: "both", want: refuses},
	{name: "Ciphers", conf: "Ciphers aes256-ctr", known: hosts, want: connects},
	{name: "Ciphers that the host lacks", conf: "Ciphers aes128-cbc", known: hosts, want: refuses},
	{name: "MACs", conf: "Ciphers aes256-ctr\nMACs hmac-sha2-512", known: hosts, want: connects},
	{name: "KexAlgorithms", conf: "KexAlgorithms ecdh-sha2-nistp256", known: hosts, want: connects},
	{name: "KexAlgorithms that the host lacks", conf: "KexAlgorithms diffie-hellman-group1-sha1", known: hosts, want: refuses},
	{name: "RequiredRSASize", conf: "RequiredRSASize 2048", server: "rsa", known: func(w world) string { return w.line(w.rsa) }, want: connects},
	{name: "RequiredRSASize that is larger", conf: "RequiredRSASize 3072", server: "rsa", known: func(w world) string { return w.line(w.rsa) }, want: refuses},
}

// besideKey puts the user's certificate beside the key file of that name.
func besideKey(name string) func(world) map[string]string {
	return func(w world) map[string]string { return map[string]string{name + "-cert.pub": pub(w.certified) + "\n"} }
}

var userKeyVerdicts = []verdict{
	{name: "agent", known: hosts, agent: true, want: connects},
	{name: "agent, public file", conf: "IdentitiesOnly yes\nIdentityFile DIR/user.pub", known: hosts, agent: true, want: connects},
	{name: "agent, private name of a public file", conf: "IdentitiesOnly yes\nIdentityFile DIR/user", known: hosts, agent: true, want: connects},
	{name: "agent, another public file", conf: "IdentitiesOnly yes\nIdentityFile DIR/other.pub", known: hosts, files: func(w world) map[string]string { return map[string]string{"other.pub": pub(w.two.PublicKey())} }, agent: true, want: refuses},
	{name: "agent, IdentityAgent none", conf: "IdentityAgent none", known: hosts, agent: true, want: refuses},
	{name: "agent by the variable", conf: "IdentityAgent $SSH_AUTH_SOCK", known: hosts, agent: true, want: connects},
	{name: "agent by SSH_AUTH_SOCK", conf: "IdentityAgent SSH_AUTH_SOCK", known: hosts, agent: true, want: connects},
	{name: "agent that is not there", conf: "IdentityAgent DIR/gone", known: hosts, agent: true, want: refuses},
	{name: "certificate beside the file", server: "certificates only", known: hosts, files: besideKey("key"), want: connects},
	{name: "certificate of another file", server: "certificates only", known: hosts, files: besideKey("other"), want: refuses},
	{name: "CertificateFile", conf: "CertificateFile DIR/x-cert.pub", server: "certificates only", known: hosts, files: besideKey("x"), want: connects},
	{name: "agent, certificate beside the file", conf: "IdentitiesOnly yes\nIdentityFile DIR/user", server: "certificates only", known: hosts, agent: true, files: besideKey("user"), want: connects},
	{name: "agent, certificate of another file", conf: "IdentitiesOnly yes\nIdentityFile DIR/user", server: "certificates only", known: hosts, agent: true, files: besideKey("other"), want: refuses},
	{name: "agent, CertificateFile", conf: "IdentitiesOnly yes\nIdentityFile DIR/user\nCertificateFile DIR/x-cert.pub", server: "certificates only", known: hosts, agent: true, files: besideKey("x"), want: connects},
	{name: "PubkeyAcceptedAlgorithms", conf: "PubkeyAcceptedAlgorithms ssh-ed25519", known: hosts, want: connects},
	{name: "PubkeyAcceptedAlgorithms of another kind", conf: "PubkeyAcceptedAlgorithms rsa-sha2-512", known: hosts, want: refuses},
	{name: "PubkeyAuthentication no", conf: "PubkeyAuthentication no", known: hosts, want: refuses},
	{name: "PreferredAuthentications", conf: "PreferredAuthentications publickey", known: hosts, want: connects},
	{name: "PreferredAuthentications none", conf: "PreferredAuthentications none", known: hosts, want: refuses},
	{name: "PreferredAuthentications without keys", conf: "PreferredAuthentications password", known: hosts, want: refuses},
	{name: "shell characters in HostName", conf: "HostName \"x;y\"", known: hosts, want: refuses},
}

// changed and lenient make a host whose key has changed, and a file that would let mrsk connect to it.
func changed(w world) string { return w.line(w.two) }

func lenient(text string) func(world) map[string]string {
	return func(world) map[string]string { return map[string]string{"more": text} }
}

var blockVerdicts = []verdict{
	{name: "Include", conf: "Include DIR/more", known: changed, files: lenient("StrictHostKeyChecking no\n"), want: connects},
	{name: "Include with a block for this host", conf: "Include DIR/more", known: changed, files: lenient("Host db we*\nStrictHostKeyChecking no\n"), want: connects},
	{name: "Include in a block of another host", conf: "Host lab\nInclude DIR/more\nHost web", known: changed, files: lenient("StrictHostKeyChecking no\n"), want: refuses},
	{name: "Include in a block of another host, with a block for all", conf: "Host lab\nInclude DIR/more\nHost web", known: changed, files: lenient("Host *\nStrictHostKeyChecking no\n"), want: refuses},
	{name: "Include in a block of another host, with Match all", conf: "Host lab\nInclude DIR/more\nHost web", known: changed, files: lenient("Match all\nStrictHostKeyChecking no\n"), want: refuses},
	{name: "Include in Match, with a block for all", conf: "Match user nobody\nInclude DIR/more\nHost web", known: changed, files: lenient("Host *\nStrictHostKeyChecking no\n"), want: refuses},
	{name: "Include in Match, with Match all", conf: "Match user nobody\nInclude DIR/more\nHost web", known: changed, files: lenient("Match all\nStrictHostKeyChecking no\n"), want: refuses},
	{name: "behind an Include with a block", conf: "Include DIR/more\nStrictHostKeyChecking no", known: changed, files: lenient("Host lab\nUser x\n"), want: connects},
	{name: "Match", conf: "Match originalhost web\nStrictHostKeyChecking no", known: changed, want: connects, alone: refuses},
	{name: "option that is unknown", conf: "StrictHostKeyCheking yes", want: refuses},
	{name: "option that is unknown, of another host", conf: "Host lab\nStrictHostKeyCheking yes\nHost web", known: hosts, want: refuses},
	{name: "option that is unknown and ignored", conf: "IgnoreUnknown UseKeychain,Strict*Cheking\nStrictHostKeyCheking yes", known: hosts, want: connects},
	{name: "option that is ignored for another host", conf: "Host lab\nIgnoreUnknown Strict*\nHost web\nStrictHostKeyCheking yes", known: hosts, want: refuses},
	{name: "option of old versions", conf: "UsePrivilegedPort no\nProtocol 2", known: hosts, want: connects},
}
