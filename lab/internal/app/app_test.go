package app

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func get(t *testing.T, s Settings, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	New(s, io.Discard).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestApp_answers(t *testing.T) {
	t.Parallel()
	there := filepath.Join(t.TempDir(), "there")
	os.WriteFile(there, nil, 0o600)
	for _, c := range []struct {
		path     string
		settings Settings
		code     int
		body     string
	}{
		{"/version", Settings{Version: "v1"}, 200, "v1\n"},
		{"/", Settings{Version: "v1"}, 200, "v1\n"},
		{"/up", Settings{}, 200, "OK"},
		{"/up", Settings{UnhealthyFor: Forever}, 503, "not healthy"},
		{"/up", Settings{UnhealthyFor: time.Hour}, 503, "not healthy"},
		{"/up", Settings{UnhealthyFile: there}, 503, "not healthy"},
		{"/up", Settings{UnhealthyFile: there + "not"}, 200, "OK"},
		{"/slow?ms=1", Settings{}, 200, "slow"},
		{"/status?code=418", Settings{}, 418, ""},
		{"/stream?ms=150", Settings{}, 200, "line 1\n"},
		{"/headers", Settings{}, 200, "example.com"},
		{"/env", Settings{}, 200, `"PATH":"`},
		{"/nothing", Settings{}, 404, ""},
	} {
		code, body := get(t, c.settings, c.path)
		if code != c.code || !strings.Contains(body, c.body) {
			t.Errorf("%s with %+v: got %d %q", c.path, c.settings, code, body)
		}
	}
}

func TestApp_tells_what_was_uploaded(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	body := strings.NewReader(strings.Repeat("a", 100_000))
	New(Settings{}, io.Discard).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/upload", body))
	const want = "100000 6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee\n"
	if w.Body.String() != want {
		t.Errorf("got %q, want %q", w.Body, want)
	}
}

func TestFromEnv_reads_all_settings(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"PORT": "81", "VERSION": "v2", "UNHEALTHY_FOR": "5s", "BOOT_DELAY": "1s",
		"TERM_MODE": "rude", "CRASH": "1", "CRASH_FILE": "/c", "UNHEALTHY_FILE": "/u", "FLAP_FILE": "/f", "DIE_FILE": "/d",
	}
	got, err := FromEnv(func(name string) string { return env[name] })
	want := Settings{
		Addr: ":81", Version: "v2", UnhealthyFor: 5 * time.Second, BootDelay: time.Second,
		TermMode: Rude, Crash: true, CrashFile: "/c", UnhealthyFile: "/u", FlapFile: "/f", DieFile: "/d",
	}
	if got != want || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFromEnv_reads_the_version_baked_into_an_image(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "version")
	os.WriteFile(file, []byte("v3\n"), 0o600)
	got, _ := FromEnv(func(name string) string { return map[string]string{"VERSION_FILE": file}[name] })
	if got.Version != "v3" {
		t.Errorf("version %q", got.Version)
	}
	if _, err := FromEnv(func(string) string { return "soon" }); err == nil {
		t.Error("no error for a period that is none")
	}
}

// running starts an app and asks for a slow answer, which ends up on the channel.
func running(t *testing.T, mode string) (term chan os.Signal, answer, ended chan error) {
	t.Helper()
	term, answer, ended = make(chan os.Signal), make(chan error, 1), make(chan error, 1)
	ready := make(chan net.Addr, 1)
	a := New(Settings{Addr: "127.0.0.1:0", TermMode: mode}, io.Discard)
	go func() { ended <- a.Run(term, func(addr net.Addr) { ready <- addr }) }()
	url := "http://" + (<-ready).String() + "/slow?ms=300"
	sent := make(chan struct{})
	go func() {
		conn, err := net.Dial("tcp", strings.Split(url, "/")[2])
		if err != nil {
			answer <- err
			return
		}
		defer conn.Close()
		io.WriteString(conn, "GET /slow?ms=300 HTTP/1.0\r\n\r\n")
		close(sent)
		content, err := io.ReadAll(conn)
		if err == nil && !bytes.Contains(content, []byte("slow, but there")) {
			err = errors.New("cut off")
		}
		answer <- err
	}()
	<-sent
	time.Sleep(50 * time.Millisecond) // the request is in the handler, which nothing tells
	return term, answer, ended
}

func TestApp_polite_finishes_what_is_in_flight(t *testing.T) {
	t.Parallel()
	term, answer, ended := running(t, Polite)
	term <- syscall.SIGTERM
	if err := <-answer; err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestApp_rude_is_gone_at_once(t *testing.T) {
	t.Parallel()
	term, answer, ended := running(t, Rude)
	term <- syscall.SIGTERM
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := <-answer; err == nil {
		t.Error("the request in flight was answered")
	}
}

func TestApp_crashes_when_told_to(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := New(Settings{Crash: true, Version: "v9"}, &out).Run(nil, nil)
	if !errors.Is(err, ErrCrashed) || !strings.Contains(out.String(), "panic: relation") {
		t.Errorf("got %v, %q", err, out.String())
	}
}

func TestWork_stays_until_it_is_told_to_end(t *testing.T) {
	t.Parallel()
	term := make(chan os.Signal, 1)
	term <- syscall.SIGTERM
	var out bytes.Buffer
	Work(&out, Polite, term)
	if out.String() != "working\nstopped working\n" {
		t.Errorf("got %q", out.String())
	}
}
