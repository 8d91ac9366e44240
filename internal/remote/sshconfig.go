package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// directives are the values of the SSH configuration for one host, by lower-case keyword.
type directives map[string][]string

func (d directives) first(key string) string { return d.or(key, "") }

// name returns the first value of key, "" if there is none. It is for options for which "none" is a name like any
// other.
func (d directives) name(key string) string {
	if v := d[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// or returns the first value of key. It returns otherwise if there is no value, or the value is "none".
func (d directives) or(key, otherwise string) string {
	if v := d[key]; len(v) > 0 && v[0] != "" && !strings.EqualFold(v[0], "none") {
		return v[0]
	}
	return otherwise
}

func (d directives) yes(key string) bool {
	switch strings.ToLower(d.first(key)) {
	case "yes", "true":
		return true
	}
	return false
}

// duration reads a number of seconds. It returns otherwise for 0, for no value and for other text.
func (d directives) duration(key string, otherwise time.Duration) time.Duration {
	if n, err := strconv.Atoi(d.first(key)); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return otherwise
}

// sshConfig returns the values of the SSH configuration for hosts. It runs ssh -G, because only ssh knows
// all the rules. It runs it once for all hosts if the values are the same for all, and not at all if
// the files have only keywords without effect here.
type sshConfig struct {
	files      Files
	system     string // path of the system's file
	local      Local
	limit      time.Duration // of ssh -G, which may run a program itself
	forwarding Forwarding    // the default for ForwardAgent

	read func() (flattened, error)

	mu      sync.Mutex
	answers map[string]func() (directives, error)
}

func newSSHConfig(opts Options) *sshConfig {
	c := &sshConfig{files: opts.Files, system: systemConfig, local: opts.Local, limit: opts.Timing.answer(), forwarding: opts.Keys.ForwardAgent, answers: map[string]func() (directives, error){}}
	c.read = sync.OnceValues(func() (flattened, error) {
		if err := c.usable(); err != nil {
			return flattened{}, err
		}
		return flatten(c.paths(), c.local.Home)
	})
	return c
}

const systemConfig = "/etc/ssh/ssh_config"

func (c *sshConfig) paths() []string {
	if len(c.files.Paths) == 0 {
		if c.local.Home == "" {
			return []string{c.system}
		}
		return []string{filepath.Join(c.local.Home, ".ssh", "config"), c.system}
	}
	var out []string
	for _, p := range c.files.Paths {
		if p = expandHome(p, c.local.Home); !filepath.IsAbs(p) {
			p, _ = filepath.Abs(p)
		}
		out = append(out, p)
	}
	return out
}

// usable returns an error if a file that the user named does not exist, and if others can write one of the files.
// ssh refuses such a file in ~/.ssh and wherever it is included, as askSSH does with all files.
func (c *sshConfig) usable() error {
	named := len(c.files.Paths) > 0
	var errs []error
	for _, p := range c.paths() {
		_, err := os.Stat(p)
		if !named && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		errs = append(errs, cmp.Or(err, ownedByUser(p)))
	}
	return errors.Join(errs...)
}

func ownedByUser(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil //nolint:nilerr // reading the file returns the error
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && (st.Uid != 0 && int(st.Uid) != os.Getuid() || info.Mode()&0o022 != 0) {
		return fmt.Errorf("others can write %s, which ssh refuses: make it yours, and run chmod go-w %s", path, path)
	}
	return nil
}

// lookup returns the values for a login on host as who.
func (c *sshConfig) lookup(ctx context.Context, host string, who Login) (directives, error) {
	if c.files.None {
		return directives{}, nil
	}
	text, err := c.read()
	switch {
	case err != nil:
		return nil, err
	case !text.matters && text.hashed:
		return directives{"hashknownhosts": {"yes"}}, nil
	case !text.matters:
		return directives{}, nil
	}
	key := fmt.Sprintf("%s\n%s\n%d\n", who.User, who.DefaultUser, who.Port)
	if !text.uniform {
		key += host
	}
	answer, err := c.once(key, func() (directives, error) { return c.ask(ctx, text, host, who) })()
	if err != nil {
		c.forget(key)
		return nil, err
	}
	if text.uniform {
		return without(answer, "hostname"), nil
	}
	return answer, nil
}

// forget removes an answer that failed, so that the next call asks again: a cancelled context may have
// been the reason.
func (c *sshConfig) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.answers, key)
}

func (c *sshConfig) once(key string, ask func() (directives, error)) func() (directives, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers[key] == nil {
		c.answers[key] = sync.OnceValues(ask)
	}
	return c.answers[key]
}

func without(d directives, key string) directives {
	out := directives{}
	for k, v := range d {
		if k != key {
			out[k] = v
		}
	}
	return out
}

func (c *sshConfig) ask(ctx context.Context, text flattened, host string, who Login) (directives, error) {
	d, exact, err := c.printed(ctx, text, host, who)
	if err != nil {
		return nil, err
	}
	t := login{target: Target{Host: host}, host: cmp.Or(d.name("hostname"), host), user: cmp.Or(d.name("user"), who.DefaultUser), conf: d}.tokens(c.local)
	if t.port, err = strconv.Atoi(d.or("port", "22")); err != nil {
		return nil, fmt.Errorf("port: %w", err)
	}
	d.forget(text)
	if exact {
		return d, expandLists(d, t)
	}
	return d, splitLists(d, text, t)
}

// forget removes the values that ssh -G prints for options that no file sets. They are the defaults of
// that version of ssh.
func (d directives) forget(text flattened) {
	written := map[string]bool{}
	for _, l := range text.lines {
		written[l.key] = true
	}
	written["pubkeyacceptedalgorithms"] = written["pubkeyacceptedalgorithms"] || written["pubkeyacceptedkeytypes"]
	if v, old := d["pubkeyacceptedkeytypes"]; old {
		d["pubkeyacceptedalgorithms"] = v
	}
	for _, key := range defaulted {
		if !written[key] {
			delete(d, key)
		}
	}
}

var defaulted = []string{
	"hostkeyalgorithms", "ciphers", "macs", "kexalgorithms", "casignaturealgorithms",
	"pubkeyacceptedalgorithms", "checkhostip", "verifyhostkeydns",
}

// printed returns what ssh -G prints. Without ssh it evaluates the files itself; then exact is true, which
// means that path lists are already split.
func (c *sshConfig) printed(ctx context.Context, text flattened, host string, who Login) (d directives, exact bool, err error) {
	if c.local.Run == nil {
		d, err = text.evaluate(host)
		return d, true, err
	}
	out, err := c.askSSH(ctx, host, who)
	switch {
	case err == nil:
		return parseDirectives(string(out)), false, nil
	case isMissing(err):
		d, err = text.evaluate(host)
		return d, true, err
	}
	return nil, false, fmt.Errorf("ssh -G: %w", err)
}

// isMissing reports whether err says that a program is not installed. It uses a method, because this
// package may not import the one that starts programs.
func isMissing(err error) bool {
	m, ok := err.(interface{ Missing() bool })
	return ok && m.Missing()
}

// askSSH runs ssh -G with a temporary file that includes the user's files and then sets marker values as
// defaults. Otherwise the values of the files could not be told from the defaults of ssh.
func (c *sshConfig) askSSH(ctx context.Context, host string, who Login) ([]byte, error) {
	dir, err := os.MkdirTemp("", "mrsk-ssh-config-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "config")
	if err := c.wrap(dir, path, who.DefaultUser); err != nil {
		return nil, err
	}
	argv := []string{"ssh", "-G", "-F", path}
	if who.User != "" {
		argv = append(argv, "-l", who.User)
	}
	if who.Port != 0 {
		argv = append(argv, "-p", strconv.Itoa(who.Port))
	}
	ctx, cancel := within(ctx, c.limit, "ssh -G", "does a Match exec of the ssh configuration wait?")
	defer cancel()
	return c.local.Run(ctx, append(argv, "--", host)...)
}

// wrap writes that temporary file to path. It includes the user's files through symbolic links, whose
// names have no characters that are special in an Include.
func (c *sshConfig) wrap(dir, path, defaultUser string) error {
	if strings.ContainsAny(dir, "\"'\\*?[]{}$%~# \t\n") {
		return fmt.Errorf("the folder for temporary files, %q, has a name that ssh does not take: set TMPDIR", dir)
	}
	var b strings.Builder
	for i, p := range c.paths() {
		link := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Symlink(p, link); err != nil {
			return err
		}
		b.WriteString("Include " + link + "\n")
	}
	b.WriteString("Host *\nUserKnownHostsFile " + usualFiles + "\n")
	if defaultUser != "" {
		fmt.Fprintf(&b, "User %q\n", defaultUser)
	}
	if c.forwarding == ForwardUnlessForbidden {
		b.WriteString("ForwardAgent yes\n")
	}
	return os.WriteFile(path, []byte(b.String()), 0o600)
}

func parseDirectives(out string) directives {
	d := directives{}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key != "" {
			key = strings.ToLower(key)
			d[key] = append(d[key], value)
		}
	}
	return d
}

func expandHome(path, home string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(home, rest)
	}
	return path
}
