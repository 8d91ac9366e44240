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

// encrypted is the reason in ConnectError.Tried for a key file that needs a passphrase.
const encrypted = "encrypted"

// keyring holds the keys of a run. It reads each file once and asks each agent once.
type keyring struct {
	opts  Keys
	local Local
	limit time.Duration // for an agent to list its keys

	mu     sync.Mutex
	files  map[string]keyFile
	agents map[string]*agentSlot
}

// keyFile is a private key file. The public key of some files is known although they cannot be used.
type keyFile struct {
	signer  ssh.Signer // nil if it cannot be used
	public  ssh.PublicKey
	cert    *ssh.Certificate // from the file beside it, nil if there is none
	problem string           // why it cannot be used, "" if it can
}

// signers returns what to log in with: the key, and before it the key with its certificate.
func (f keyFile) signers() []ssh.Signer { return f.certified(f.signer) }

// heldBy returns the same if only the agent holds the private key. It is empty if the agent does not either.
func (f keyFile) heldBy(agent *agentKeys) []ssh.Signer { return f.certified(agent.find(f.public)) }

func (f keyFile) certified(signer ssh.Signer) []ssh.Signer {
	if signer == nil {
		return nil
	}
	if f.cert != nil {
		if with, err := ssh.NewCertSigner(f.cert, signer); err == nil {
			return []ssh.Signer{with, signer}
		}
	}
	return []ssh.Signer{signer}
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
	read := readKey(path)
	read.cert, _ = readPublic(path + "-cert.pub").(*ssh.Certificate)
	k.files[path] = read
	return read
}

func readKey(path string) keyFile {
	pem, err := textfile.Read(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return keyFile{public: publicPart(path, nil), problem: err.Error()}
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if err == nil {
		return keyFile{signer: signer, public: signer.PublicKey()}
	}
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return keyFile{public: publicPart(path, locked.PublicKey), problem: encrypted}
	}
	if public := parsePublic(pem); public != nil {
		return keyFile{public: public, problem: "holds a public key, and no agent has the private one"}
	}
	return keyFile{public: publicPart(path, nil), problem: strings.TrimPrefix(err.Error(), "ssh: ")}
}

// publicPart returns the public key of a key file, nil if it is not known. It identifies the key in an agent.
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

// offer is the keys for one login in the order in which they are tried, and their names for errors.
type offer struct {
	rules rules
	certs []*ssh.Certificate // from CertificateFile
	keys  []ssh.Signer
	names []string
	added map[string]bool // keys, in wire format
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
		if id := string(s.PublicKey().Marshal()); !o.added[id] {
			o.added[id], fresh = true, true
			o.keys = append(o.keys, s)
		}
	}
	if fresh {
		o.names = append(o.names, name)
	}
}

// certified inserts before each key the same key with each certificate that fits.
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

// offer collects the keys in the order of OpenSSH: keys from the options, keys that the SSH
// configuration names and the agent holds, other keys of the agent, other keys that the configuration
// names.
func (k *keyring) offer(l login, r rules) *offer {
	o := &offer{rules: r, added: map[string]bool{}}
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
		if held := k.file(path).heldBy(agent); len(held) > 0 {
			o.add(k.short(path)+" by the agent", held...)
		}
	}
	k.others(o, agent, l)
	k.named(o, agent, configured, len(l.conf["identityfile"]) > 0 && !isDefault(l.conf["identityfile"]))
	return o
}

// given adds the keys of Keys.Data.
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

// named adds keys by file. If a file cannot be used, it adds the same key from the agent. A file that
// the user did not choose, because it is a default, may be missing.
func (k *keyring) named(o *offer, agent *agentKeys, paths []string, chosen bool) {
	for _, path := range paths {
		path = expandHome(path, k.local.Home)
		known := k.file(path)
		held := known.heldBy(agent)
		switch {
		case known.signer != nil:
			o.add(k.short(path), known.signers()...)
		case len(held) > 0:
			o.add(k.short(path)+" by the agent", held...)
		case chosen || known.problem == encrypted:
			o.skip(k.short(path), known.problem)
		}
	}
}

// others adds all keys of the agent.
func (k *keyring) others(o *offer, agent *agentKeys, l login) {
	switch {
	case l.conf.yes("identitiesonly"):
	case agent.problem != "":
		o.names = append(o.names, agent.problem)
	case len(agent.signers) == 0:
		o.names = append(o.names, "the agent holds no key")
	default:
		o.add(fmt.Sprintf("%d keys of the agent", len(agent.signers)), agent.signers...)
	}
}

var defaultKeys = []string{"id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"}

// isDefault reports whether all files are defaults of ssh: ssh -G prints them when none is configured.
func isDefault(files []string) bool {
	return !slices.ContainsFunc(files, func(f string) bool {
		return !slices.Contains(append([]string{"id_xmss", "id_dsa"}, defaultKeys...), strings.TrimPrefix(f, "~/.ssh/"))
	})
}

// configured returns the key files of the SSH configuration, or the default ones.
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

// path expands a path of the SSH configuration. It returns one that cannot be expanded unchanged; that
// is then reported as a missing file.
func (k *keyring) path(l login, written string) string {
	path, err := l.tokens(k.local).path(written)
	if err != nil {
		return written
	}
	return path
}

// short abbreviates the home folder to ~.
func (k *keyring) short(path string) string {
	if rest, ok := strings.CutPrefix(path, k.local.Home+"/"); ok && k.local.Home != "" {
		return "~/" + rest
	}
	return path
}
