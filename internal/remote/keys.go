package remote

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"mrsk/internal/textfile"
)

// encrypted marks a key file that needs a passphrase, in ConnectError.Tried.
const encrypted = "encrypted"

// keyring holds the keys of a run: those of files are read once, and the agent is asked once.
type keyring struct {
	opts  Keys
	local Local
	limit time.Duration // of an agent's list of keys

	mu     sync.Mutex
	files  map[string]keyFile
	agents map[string]*agentSlot
}

// keyFile is a private key on disk. public is known of some keys that cannot be used.
type keyFile struct {
	signers []ssh.Signer // with a certificate first, where there is one
	public  ssh.PublicKey
	trouble string // why it cannot be used, "" if it can
}

func newKeyring(opts Options) *keyring {
	return &keyring{opts: opts.Keys, local: opts.Local, limit: opts.Timing.answer(), files: map[string]keyFile{}, agents: map[string]*agentSlot{}}
}

func (k *keyring) file(path string) keyFile {
	k.mu.Lock()
	defer k.mu.Unlock()
	if known, ok := k.files[path]; ok {
		return known
	}
	k.files[path] = readKey(path)
	return k.files[path]
}

func readKey(path string) keyFile {
	pem, err := textfile.Read(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return keyFile{public: publicPart(path, nil), trouble: err.Error()}
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if err == nil {
		return keyFile{signers: withCertificate(path, signer), public: signer.PublicKey()}
	}
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return keyFile{public: publicPart(path, locked.PublicKey), trouble: encrypted}
	}
	if public := parsePublic(pem); public != nil {
		return keyFile{public: public, trouble: "holds a public key, and no agent has the private one"}
	}
	return keyFile{public: publicPart(path, nil), trouble: strings.TrimPrefix(err.Error(), "ssh: ")}
}

// publicPart is what lets the agent's copy of a key be recognized.
func publicPart(path string, known ssh.PublicKey) ssh.PublicKey {
	if known != nil {
		return known
	}
	return readPublic(path + ".pub")
}

func readPublic(path string) ssh.PublicKey {
	text, err := textfile.Read(path)
	if err != nil {
		return nil
	}
	return parsePublic(text)
}

func parsePublic(text []byte) ssh.PublicKey {
	key, _, _, _, err := ssh.ParseAuthorizedKey(text)
	if err != nil {
		return nil
	}
	return key
}

func withCertificate(path string, signer ssh.Signer) []ssh.Signer {
	cert, ok := readPublic(path + "-cert.pub").(*ssh.Certificate)
	if !ok {
		return []ssh.Signer{signer}
	}
	certified, err := ssh.NewCertSigner(cert, signer)
	if err != nil {
		return []ssh.Signer{signer}
	}
	return []ssh.Signer{certified, signer}
}

func sameKey(a, b ssh.PublicKey) bool { return string(a.Marshal()) == string(b.Marshal()) }

func (k *keyring) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, slot := range k.agents {
		if a := slot.keys.Load(); a != nil && a.conn != nil {
			_ = a.conn.Close()
		}
	}
}

// offer is the keys for one login, in order, with the names under which errors tell them.
type offer struct {
	rules rules
	certs []*ssh.Certificate // of CertificateFile
	keys  []ssh.Signer
	names []string
	had   map[string]bool
}

func (o *offer) signers() ([]ssh.Signer, error) { return o.keys, nil }

func (o *offer) tried() []string {
	if len(o.names) == 0 {
		return []string{"no key"}
	}
	return o.names
}

func (o *offer) add(name string, signers ...ssh.Signer) {
	fresh := false
	for _, s := range o.certified(signers) {
		if s = o.rules.limit(s); s == nil {
			o.skip(name, "of a kind or size that the ssh configuration leaves out")
			continue
		}
		if id := string(s.PublicKey().Marshal()); !o.had[id] {
			o.had[id], fresh = true, true
			o.keys = append(o.keys, s)
		}
	}
	if fresh {
		o.names = append(o.names, name)
	}
}

// certified puts before each key its certificates.
func (o *offer) certified(signers []ssh.Signer) []ssh.Signer {
	var out []ssh.Signer
	for _, s := range signers {
		for _, c := range o.certs {
			if with, err := ssh.NewCertSigner(c, s); err == nil {
				out = append(out, with)
			}
		}
		out = append(out, s)
	}
	return out
}

func (o *offer) skip(name, why string) {
	o.names = append(o.names, name+": "+why)
}

// offer orders the keys as OpenSSH does: what the options name, what the configuration names and
// the agent holds, the agent's others, and the configuration's others.
func (k *keyring) offer(l login, r rules) *offer {
	o := &offer{rules: r, had: map[string]bool{}}
	for _, path := range l.conf["certificatefile"] {
		if cert, ok := readPublic(k.path(l, path)).(*ssh.Certificate); ok {
			o.certs = append(o.certs, cert)
		}
	}
	k.given(o)
	agent := k.agent(k.socket(l))
	k.named(o, agent, k.opts.Files, true)
	if k.opts.Only {
		return o
	}
	configured := k.configured(l)
	for _, path := range configured {
		if s := agent.find(k.file(path).public); s != nil {
			o.add(k.short(path)+" by the agent", s)
		}
	}
	k.others(o, agent, l)
	k.named(o, agent, configured, len(l.conf["identityfile"]) > 0 && !isDefault(l.conf["identityfile"]))
	return o
}

// given adds the keys that the options hold as text.
func (k *keyring) given(o *offer) {
	for i, data := range k.opts.Data {
		name := fmt.Sprintf("ssh.key_data/%d", i)
		signer, err := ssh.ParsePrivateKey([]byte(data.Reveal()))
		if err != nil {
			o.skip(name, strings.TrimPrefix(err.Error(), "ssh: "))
			continue
		}
		o.add(name, signer)
	}
}

// named adds keys by file, with the agent's copy in place of a file that cannot be used. Those
// that are there by default are left out in silence when they are not there.
func (k *keyring) named(o *offer, agent *agentKeys, paths []string, chosen bool) {
	for _, path := range paths {
		path = expandHome(path, k.local.Home)
		known := k.file(path)
		held := agent.find(known.public)
		switch {
		case len(known.signers) > 0:
			o.add(k.short(path), known.signers...)
		case held != nil:
			o.add(k.short(path)+" by the agent", held)
		case chosen || known.trouble == encrypted:
			o.skip(k.short(path), known.trouble)
		}
	}
}

// others adds what the agent holds besides.
func (k *keyring) others(o *offer, agent *agentKeys, l login) {
	switch {
	case l.conf.yes("identitiesonly"):
	case agent.trouble != "":
		o.names = append(o.names, agent.trouble)
	case len(agent.signers) == 0:
		o.names = append(o.names, "the agent holds no key")
	default:
		o.add(fmt.Sprintf("%d keys of the agent", len(agent.signers)), agent.signers...)
	}
}

var defaultKeys = []string{"id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"}

// isDefault reports whether ssh -G has listed the files that it looks for when none is named.
func isDefault(files []string) bool {
	return !slices.ContainsFunc(files, func(f string) bool {
		return !slices.Contains(append([]string{"id_xmss", "id_dsa"}, defaultKeys...), strings.TrimPrefix(f, "~/.ssh/"))
	})
}

// configured are the key files that the ssh configuration names, else the usual ones.
func (k *keyring) configured(l login) []string {
	var out []string
	for _, f := range l.conf["identityfile"] {
		if !strings.EqualFold(f, "none") {
			out = append(out, k.path(l, f))
		}
	}
	if len(l.conf["identityfile"]) > 0 || k.local.Home == "" {
		return out
	}
	for _, name := range defaultKeys {
		out = append(out, filepath.Join(k.local.Home, ".ssh", name))
	}
	return out
}

// path is a path of the ssh configuration. One that cannot be filled in stays as it is, and is told
// as missing.
func (k *keyring) path(l login, written string) string {
	path, err := l.tokens(k.local).path(written)
	if err != nil {
		return written
	}
	return path
}

// short writes a path as people do.
func (k *keyring) short(path string) string {
	if rest, ok := strings.CutPrefix(path, k.local.Home+"/"); ok && k.local.Home != "" {
		return "~/" + rest
	}
	return path
}
