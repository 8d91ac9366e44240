package cli

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"mrsk/internal/testhost"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mrsk": func() { os.Exit(Main(OS(), os.Args[1:])) },
	})
}

// TestScripts runs testdata/script. In the files of a script @HOST@ stands for a host, a, that can be
// logged in on with the key @KEY@; files below host/ are in its home. Commands such as docker change its
// Docker engine, see site.
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "a")
			host := s.hosts["a"]
			if answersFromFiles[filepath.Base(file)] {
				host = testhost.New(t)
				host.Put("docker", testhost.Docker)
			}
			testscript.Run(t, testscript.Params{
				Files:               []string{file},
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Setup:               func(env *testscript.Env) error { return prepare(env, host) },
				Cmds:                s.commands(),
			})
			s.check()
		})
	}
}

// answersFromFiles are the scripts whose docker answers out of files.
var answersFromFiles = map[string]bool{
	"accessory.txtar": true, "certificates.txtar": true, "changes.txtar": true, "exec.txtar": true,
	"output.txtar": true, "rollback.txtar": true, "upgrade.txtar": true,
}

func prepare(env *testscript.Env, host *testhost.Server) error {
	key := filepath.Join(env.WorkDir, ".key")
	if err := os.WriteFile(key, host.KeyPEM(), 0o600); err != nil {
		return err
	}
	env.Setenv("HOST", host.Addr())
	env.Setenv("AT", host.Home())
	for name, value := range surroundings(env) {
		env.Setenv(name, value)
	}
	if err := os.WriteFile(filepath.Join(env.WorkDir, ".gitconfig"), []byte("[user]\n\temail = test@example.com\n"), 0o600); err != nil {
		return err
	}
	known := strings.NewReplacer("@HOST@", host.Addr(), "@KEY@", key, "@COLLECTOR@", collector(env))
	return errors.Join(os.MkdirAll(filepath.Join(env.WorkDir, ".home"), 0o700), fill(env.WorkDir, host, known))
}

// surroundings are the variables that keep a script apart from the machine.
func surroundings(env *testscript.Env) map[string]string {
	return map[string]string{
		"HOME": filepath.Join(env.WorkDir, ".home"), "VERSION": "", "SSH_AUTH_SOCK": "", "GORACE": "atexit_sleep_ms=0",
		"GIT_CONFIG_GLOBAL": filepath.Join(env.WorkDir, ".gitconfig"), "GIT_CEILING_DIRECTORIES": filepath.Dir(env.WorkDir),
		"GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com", "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@example.com",
	}
}

// collector takes OpenTelemetry logs and keeps the requests in the file .otlp.
func collector(env *testscript.Env) string {
	file := filepath.Join(env.WorkDir, ".otlp")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		f, openErr := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil || openErr != nil || r.URL.Path != "/v1/logs" {
			http.Error(w, fmt.Sprint(r.URL, err, openErr), http.StatusBadRequest)
			return
		}
		defer f.Close()
		fmt.Fprintf(f, "%s\n", body)
	}))
	env.Defer(server.Close)
	return server.URL
}

// fill puts the host and the key into the files of the script, and the host's files on the
// host.
func fill(dir string, host *testhost.Server, known *strings.Replacer) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		full := known.Replace(string(text))
		if rest, ok := strings.CutPrefix(path, filepath.Join(dir, "host")+"/"); ok {
			path = filepath.Join(host.Home(), rest)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
		}
		return os.WriteFile(path, []byte(full), 0o644)
	})
}

// exits runs a program that must end with a status: exits 2 mrsk nonsense.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var exit *exec.ExitError
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit %d, want %d", code, want)
	}
}

// waitFor waits until a text is in a file.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if content, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(content), args[1]) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%q does not come into %s", args[1], args[0])
		}
	}
}
