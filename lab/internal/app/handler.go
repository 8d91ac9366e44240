package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// beat is the pause between two lines of /stream and /ws.
const beat = 100 * time.Millisecond

// Handler answers the app's requests; every answer carries X-Version.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/version", a.version)
	mux.HandleFunc("/up", a.up)
	mux.HandleFunc("/slow", slow)
	mux.HandleFunc("/upload", upload)
	mux.HandleFunc("/env", environment)
	mux.HandleFunc("/headers", headers)
	mux.HandleFunc("/stream", stream)
	mux.HandleFunc("/ws", upgraded)
	mux.HandleFunc("/status", status)
	mux.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	mux.HandleFunc("/{$}", a.version)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Version", a.settings.Version)
		if r.Header.Get("Lab-Echo") != "" {
			echo(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (a *App) version(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, a.settings.Version)
}

func (a *App) up(w http.ResponseWriter, _ *http.Request) {
	if time.Now().Before(a.healthy) || exists(a.settings.UnhealthyFile) {
		http.Error(w, "not healthy: the database does not answer", http.StatusServiceUnavailable)
		return
	}
	if exists(a.settings.FlapFile) && rand.IntN(2) == 0 {
		http.Error(w, "the database went away", http.StatusInternalServerError)
		return
	}
	a.dying.Do(a.die)
	fmt.Fprintln(w, "OK")
}

// die ends the app in a while, if a file says so.
func (a *App) die() {
	text, err := os.ReadFile(a.settings.DieFile)
	if err != nil {
		return
	}
	if d, err := time.ParseDuration(strings.TrimSpace(string(text))); err == nil {
		time.AfterFunc(d, func() {
			a.out.Print("panic: lost the database")
			os.Exit(2)
		})
	}
}

func slow(w http.ResponseWriter, r *http.Request) {
	pause(r, milliseconds(r, 3000))
	fmt.Fprintln(w, "slow, but there")
}

// upload takes the whole body and tells what arrived; ms slows each read down.
func upload(w http.ResponseWriter, r *http.Request) {
	sum, total := sha256.New(), int64(0)
	for {
		n, err := io.CopyN(sum, r.Body, 32<<10)
		total += n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		pause(r, milliseconds(r, 0))
	}
	fmt.Fprintf(w, "%d %x\n", total, sum.Sum(nil))
}

// environment answers with the exact bytes that the process was given:
// os.Environ may drop entries that it cannot parse.
func environment(w http.ResponseWriter, _ *http.Request) {
	content, err := os.ReadFile("/proc/self/environ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	values := map[string]string{}
	for entry := range bytes.SplitSeq(content, []byte{0}) {
		if name, value, found := strings.Cut(string(entry), "="); found {
			values[name] = base64.StdEncoding.EncodeToString([]byte(value))
		}
	}
	answer(w, values)
}

func headers(w http.ResponseWriter, r *http.Request) {
	all := r.Header.Clone()
	all.Set("Host", r.Host)
	answer(w, all)
}

// Echo is what the app received of a request, whatever its path.
type Echo struct {
	Line    string // of the request
	Host    string
	Headers http.Header
	Remote  string // address of who connected
	TLS     bool
}

func echo(w http.ResponseWriter, r *http.Request) {
	answer(w, Echo{r.Method + " " + r.RequestURI + " " + r.Proto, r.Host, r.Header, r.RemoteAddr, r.TLS != nil})
}

func status(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.URL.Query().Get("code"))
	if err != nil || code < 200 || code > 599 {
		code = http.StatusBadRequest
	}
	w.WriteHeader(code)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// stream writes a line per beat for as long as the client listens, or for ms.
func stream(w http.ResponseWriter, r *http.Request) {
	end := time.Now().Add(milliseconds(r, 24*3600*1000))
	for n := 0; time.Now().Before(end) && r.Context().Err() == nil; n++ {
		fmt.Fprintf(w, "line %d\n", n)
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		pause(r, beat)
	}
}

// upgraded switches protocols as a websocket does, then sends a line per beat:
// what a proxy sees of a websocket is the switch, not the frames.
func upgraded(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	for n := 0; err == nil; n++ {
		time.Sleep(beat)
		_, err = fmt.Fprintf(conn, "line %d\n", n)
	}
}

func milliseconds(r *http.Request, fallback int) time.Duration {
	ms, err := strconv.Atoi(r.URL.Query().Get("ms"))
	if err != nil || ms < 0 {
		ms = fallback
	}
	return time.Duration(ms) * time.Millisecond
}

func pause(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}
