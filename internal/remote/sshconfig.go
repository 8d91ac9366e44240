package remote

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kevinburke/ssh_config"
)

// directives are the values of an ssh configuration for one host, by lower-case keyword.
type directives map[string][]string

func (d directives) first(key string) string { return d.or(key, "") }

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

// duration reads seconds; an absent value, 0 and anything else is the default.
func (d directives) duration(key string, otherwise time.Duration) time.Duration {
	if n, err := strconv.Atoi(d.first(key)); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return otherwise
}

// words splits the values of key, which may each hold several.
func (d directives) words(key string) []string {
	var out []string
	for _, v := range d[key] {
		out = append(out, fields(v)...)
	}
	return out
}

// fields splits at blanks; double quotes keep a word together.
func fields(text string) []string {
	var out []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		word, rest, quoted := "", "", text[0] == '"'
		if quoted {
			word, rest, _ = strings.Cut(text[1:], `"`)
		} else if at := strings.IndexAny(text, " \t"); at >= 0 {
			word, rest = text[:at], text[at:]
		} else {
			word = text
		}
		out, text = append(out, word), rest
	}
	return out
}

// sshConfig answers for hosts what the ssh configuration says. It asks the ssh program, the only
// one that knows all the rules, but not once per host where the answer is the same for all, and
// not at all where no file says anything of interest.
type sshConfig struct {
	files Files
	local Local
	lends Forwarding

	read func() (flattened, error)

	mu      sync.Mutex
	answers map[string]func() (directives, error)
}

func newSSHConfig(opts Options) *sshConfig {
	c := &sshConfig{files: opts.Files, local: opts.Local, lends: opts.Keys.ForwardAgent, answers: map[string]func() (directives, error){}}
	c.read = sync.OnceValues(func() (flattened, error) {
		if err := c.missing(); err != nil {
			return flattened{}, err
		}
		return flatten(c.paths(), c.local.Home), nil
	})
	return c
}

const systemConfig = "/etc/ssh/ssh_config"

func (c *sshConfig) paths() []string {
	if len(c.files.Paths) == 0 {
		return []string{filepath.Join(c.local.Home, ".ssh", "config"), systemConfig}
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

// missing finds a file that the user named and that is not there.
func (c *sshConfig) missing() error {
	if len(c.files.Paths) == 0 {
		return nil
	}
	for _, p := range c.paths() {
		if _, err := os.Stat(p); err != nil {
			return err
		}
	}
	return nil
}

// lookup returns what the configuration says of host when who logs in.
func (c *sshConfig) lookup(ctx context.Context, host string, who Login) (directives, error) {
	if c.files.None || c.local.Home == "" && len(c.files.Paths) == 0 {
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

// forget lets the next one ask again: what failed may have been the end of a context.
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
	if c.local.Run != nil {
		out, err := c.askSSH(ctx, host, who)
		if err == nil {
			return parseDirectives(string(out)), nil
		}
		if !isMissing(err) {
			return nil, fmt.Errorf("ssh -G: %w", err)
		}
	}
	return readDirectives(text, host)
}

// isMissing reports whether err says that a program is not installed. It asks by method, as the
// package that starts programs is none of ours.
func isMissing(err error) bool {
	m, ok := err.(interface{ Missing() bool })
	return ok && m.Missing()
}

// askSSH runs ssh -G. A file of our own includes the user's and ends with defaults: it is the
// only way to tell what the configuration says from ssh's own defaults.
func (c *sshConfig) askSSH(ctx context.Context, host string, who Login) ([]byte, error) {
	path, err := c.wrapper(who.DefaultUser)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(path) }()
	argv := []string{"ssh", "-G", "-F", path}
	if who.User != "" {
		argv = append(argv, "-l", who.User)
	}
	if who.Port != 0 {
		argv = append(argv, "-p", strconv.Itoa(who.Port))
	}
	return c.local.Run(ctx, append(argv, "--", host)...)
}

func (c *sshConfig) wrapper(defaultUser string) (string, error) {
	var b strings.Builder
	for _, p := range c.paths() {
		fmt.Fprintf(&b, "Include %q\n", p)
	}
	b.WriteString("Host *\n")
	if defaultUser != "" {
		fmt.Fprintf(&b, "User %q\n", defaultUser)
	}
	if c.lends == ForwardUnlessForbidden {
		b.WriteString("ForwardAgent yes\n")
	}
	if c.local.Home != "" {
		known := filepath.Join(c.local.Home, ".ssh", "known_hosts")
		fmt.Fprintf(&b, "UserKnownHostsFile %q %q\n", known, known+"2")
	}
	f, err := os.CreateTemp("", "mrsk-ssh-config-")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(b.String())
	if closed := f.Close(); err == nil {
		err = closed
	}
	return f.Name(), err
}

func parseDirectives(out string) directives {
	d := directives{}
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if key != "" {
			d[key] = append(d[key], value)
		}
	}
	return d
}

// readDirectives answers without a program ssh. Match blocks were left out of text.
func readDirectives(text flattened, host string) (directives, error) {
	conf, err := ssh_config.Decode(strings.NewReader(text.plain))
	if err != nil {
		return nil, fmt.Errorf("ssh configuration: %w", err)
	}
	d := directives{}
	for _, key := range append(slices.Collect(maps.Keys(honoured)), "hashknownhosts") {
		values, err := conf.GetAll(host, key)
		if err != nil {
			return nil, fmt.Errorf("ssh configuration: %w", err)
		}
		for _, v := range values {
			if key != "proxycommand" {
				v = strings.Trim(v, `"`)
			}
			d[key] = append(d[key], v)
		}
	}
	if name := d.first("hostname"); name != "" {
		d["hostname"] = []string{strings.NewReplacer("%h", host, "%%", "%").Replace(name)}
	}
	return d, nil
}

func expandHome(path, home string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(home, rest)
	}
	return path
}
