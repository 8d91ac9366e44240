package cli

import (
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mrsk/internal/testhost"
)

// sentinel is part of every secret, and of each line of it.
const sentinel = "sntl"

var sentinels = map[string]string{
	"QUOTES":  `sntl'one"two'`,
	"LINES":   "sntl first\nit's \"sntl\" second\n",
	"DOLLAR":  "sntl $HOME `id` $(id) ${x} \\ !",
	"FOREIGN": "sntl-grün-密码",
	"PLAIN":   "sntl-plain",
}

// tellAll is a docker that fails, and writes all that it was given to stderr, where a killed one
// leaves the shell something to say, too.
const tellAll = `#!/bin/sh
printf '%s\n' "$*" >>"$HOME/args"
case $* in
  'run '* | 'create '*)
    env >&2
    ! [ -p /dev/stdin ] || cat >&2
    [ ! -e "$HOME/kill" ] || kill -9 $$
    [ ! -e "$HOME/full" ] || { env >/dev/full; echo "write /var/lib/docker: no space left on device" >&2; }
    exit 1 ;;
esac
exec "$HOME/.bin/quiet-docker" "$@"
`

const telling = `
service: "@SERVICE@"
image: exec
servers: ["@HOST@"]
registry: {server: "localhost:5000"}
builder: {arch: amd64}
ssh: {user: deploy, keys: ["@KEY@"], keys_only: true, config: false}
env: {secret: [QUOTES, LINES, DOLLAR, FOREIGN, PLAIN]}
output: {file: {path: records}, otel: {endpoint: "@COLLECTOR@"}}
accessories:
  db: {image: db, host: "@HOST@", env: {secret: [QUOTES, LINES, DOLLAR, FOREIGN, PLAIN]}, cmd: "db (x"}
  cache: {image: cache, host: "@HOST@", env: {secret: [QUOTES, LINES, DOLLAR, FOREIGN, PLAIN]}}
`

// teller is a project, its host and its collector.
type teller struct {
	t        *testing.T
	host     *testhost.Server
	dir      string
	terminal bool // stderr is one
	mu       sync.Mutex
	received bytes.Buffer
}

func newTeller(t *testing.T, shell string) *teller {
	t.Helper()
	x := &teller{t: t, host: testhost.New(t), dir: t.TempDir()}
	x.host.Put("quiet-docker", testhost.Docker)
	x.host.Put("docker", tellAll)
	sh := filepath.Join(x.host.Bin(), "sh")
	if filepath.Base(shell) == "busybox" {
		x.host.Put("sh", "#!/bin/sh\nexec "+shell+" sh \"$@\"\n")
	} else if err := os.Symlink(shell, sh); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		defer x.mu.Unlock()
		_, _ = io.Copy(&x.received, r.Body)
	}))
	t.Cleanup(server.Close)
	text := strings.NewReplacer("@HOST@", x.host.Addr(), "@KEY@", x.write("key", string(x.host.KeyPEM())), "@COLLECTOR@", server.URL, "@SERVICE@", "tell-"+x.host.Addr()[strings.LastIndex(x.host.Addr(), ":")+1:]).Replace(telling)
	x.write("config/deploy.yml", text)
	var names strings.Builder
	for name := range sentinels {
		names.WriteString(name + "=$" + name + "\n")
	}
	x.write(".mrsk/secrets", names.String())
	return x
}

func (x *teller) write(name, text string) string {
	x.t.Helper()
	path := filepath.Join(x.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		x.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		x.t.Fatal(err)
	}
	return path
}

// run runs mrsk and returns all that it shows.
func (x *teller) run(args ...string) string {
	x.t.Helper()
	environ := append(os.Environ(), "HOME="+x.dir, "VERSION=v1", "SSH_AUTH_SOCK=")
	for name, value := range sentinels {
		environ = append(environ, name+"="+value)
	}
	get := func(name string) (value string) {
		for _, entry := range environ {
			if key, v, _ := strings.Cut(entry, "="); key == name {
				value = v
			}
		}
		return value
	}
	var out, errs bytes.Buffer
	code := Main(System{
		In: strings.NewReader(""), Out: &out, Err: &errs, Environ: environ, Getenv: get,
		Setenv: func(string, string) error { return nil },
		Dir:    x.dir, Home: x.dir, Now: time.Now,
		ErrTerminal: x.terminal, Size: func() (width, height int) { return 100, 30 },
	}, args)
	if code == 0 {
		x.t.Errorf("%q succeeds:\n%s%s", args, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

var inBase64 = regexp.MustCompile(`[A-Za-z0-9+/]{8,}`)

// tells reports whether text has a sentinel in it, also as base64.
func tells(text string) bool {
	if strings.Contains(text, sentinel) {
		return true
	}
	for _, word := range inBase64.FindAllString(text, -1) {
		for skip := range 4 {
			if plain, _ := base64.RawStdEncoding.DecodeString(word[skip:][:(len(word)-skip)/4*4]); bytes.Contains(plain, []byte(sentinel)) {
				return true
			}
		}
	}
	return false
}

// check fails for each file below dir that has a sentinel in it.
func (x *teller) check(dir string) {
	x.t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if tells(string(text)) {
			x.t.Errorf("%s has a secret in it:\n%s", path, text)
		}
		return err
	})
	if err != nil {
		x.t.Error(err)
	}
}

// Secrets come into nothing but what they are meant for, whatever fails on a host: a shell that
// cannot parse a user's words, a docker that tells everything, that is killed, has no room or is not there.
func TestSecrets_are_told_nowhere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dash", "bash", "busybox"} {
		shell, err := exec.LookPath(name)
		if err != nil {
			t.Logf("%s is not installed: the tests on real hosts have it", name)
			continue
		}
		for _, how := range []string{"fails", "fails on a terminal", "is killed", "has no room", "is missing"} {
			t.Run(name+", docker "+how, func(t *testing.T) {
				t.Parallel()
				x := newTeller(t, shell)
				switch how {
				case "fails on a terminal":
					x.terminal = true
				case "is killed":
					x.mark("kill")
				case "has no room":
					x.mark("full")
				case "is missing":
					x.host.Put("docker", "#!/nonexistent/interpreter\n") // no shell can run it
				}
				x.tellNothing(how != "is missing")
			})
		}
	}
}

// mark leaves a file for the host's docker.
func (x *teller) mark(name string) {
	x.t.Helper()
	if err := os.WriteFile(filepath.Join(x.host.Home(), name), nil, 0o600); err != nil {
		x.t.Fatal(err)
	}
}

// tellNothing runs commands that fail. asked says that docker is there, and so was asked to run something.
func (x *teller) tellNothing(asked bool) {
	for _, args := range [][]string{
		{"app", "exec", "echo (hi)"},
		{"app", "exec", "-v", `echo "open`},
		{"app", "exec", "-v", "env"},
		{"app", "exec", "-i", "env"},
		{"app", "exec", "--raw", "env"},
		{"app", "exec", "--detach", "env; )"},
		{"accessory", "exec", "cache", "echo (hi)"},
		{"accessory", "boot", "db", "-v"},
		{"accessory", "boot", "cache", "-v"},
		{"accessory", "boot", "cache"},
		{"accessory", "boot", "cache", "--json"},
		{"deploy", "--skip-push", "--report", "page.html"},
	} {
		if shown := x.run(args...); tells(shown) {
			x.t.Errorf("%q shows a secret:\n%s", args, shown)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(x.host.Home(), "args")); asked != strings.Contains(string(got), "run --detach") {
		x.t.Errorf("docker was given no container to start:\n%s", got)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if text := x.received.String(); tells(text) || asked && !strings.Contains(text, "[REDACTED]") {
		x.t.Errorf("the collector received:\n%s", text)
	}
	x.check(x.dir)
	x.check(x.host.Home())
}
