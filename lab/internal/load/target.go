package load

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The kinds of request that the book counts apart.
const (
	kindKept   = "kept"
	kindNew    = "new"
	kindSlow   = "slow"
	kindUpload = "upload"
)

// bodyLimit bounds what is read of an answer.
const bodyLimit = 1 << 20

// A result is one request's end.
type result struct {
	url, kind, version string
	status             int
	err                error
	reconnected        bool
}

// target is one URL with its kept connections.
type target struct {
	name    string
	url     *url.URL
	host    string
	timeout time.Duration

	mu   sync.Mutex
	idle []*line
}

func (t *target) get(kept bool) result {
	request := t.request(http.MethodGet, t.url, nil)
	if kept {
		return t.getKept(request)
	}
	return t.once(kindNew, request, t.timeout, nil)
}

// getKept takes a kept connection, the one used last first, or opens one more.
func (t *target) getKept(request *http.Request) result {
	l, reconnected, err := t.take()
	r := result{url: t.name, kind: kindKept, reconnected: reconnected, err: err}
	if err != nil {
		return r
	}
	response, body, err := l.exchange(request, t.timeout)
	r.settle(response, body, err)
	if err != nil || response.Close {
		l.Close()
		return r
	}
	t.put(l)
	return r
}

func (t *target) take() (l *line, reconnected bool, err error) {
	for {
		l := t.pop()
		if l == nil {
			l, err = dial(t.url, t.serverName(), t.timeout)
			return l, reconnected, err
		}
		if l.alive() {
			return l, reconnected, nil
		}
		l.Close()
		reconnected = true
	}
}

func (t *target) pop() *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.idle) == 0 {
		return nil
	}
	l := t.idle[len(t.idle)-1]
	t.idle = t.idle[:len(t.idle)-1]
	return l
}

func (t *target) put(l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle = append(t.idle, l)
}

func (t *target) close() {
	for l := t.pop(); l != nil; l = t.pop() {
		l.Close()
	}
}

func (t *target) slow(d time.Duration) result {
	u := t.url.ResolveReference(&url.URL{Path: "/slow", RawQuery: fmt.Sprintf("ms=%d", d.Milliseconds())})
	return t.once(kindSlow, t.request(http.MethodGet, u, nil), t.timeout+d, nil)
}

// upload trickles a body and checks that the app saw each byte of it.
func (t *target) upload(d time.Duration) result {
	u := t.url.ResolveReference(&url.URL{Path: "/upload"})
	body := &trickle{left: 20, pause: d / 20}
	request := t.request(http.MethodPost, u, body)
	request.ContentLength = int64(body.left * len(block))
	sum := sha256.Sum256([]byte(strings.Repeat(block, body.left)))
	want := fmt.Sprintf("%d %x", request.ContentLength, sum)
	return t.once(kindUpload, request, t.timeout+d, func(answer string) error {
		if answer != want {
			return fmt.Errorf("upload arrived changed: %q, want %q", answer, want)
		}
		return nil
	})
}

// once sends a request over a connection of its own.
func (t *target) once(kind string, request *http.Request, timeout time.Duration, check func(string) error) result {
	r := result{url: t.name, kind: kind}
	l, err := dial(t.url, t.serverName(), t.timeout)
	if err != nil {
		r.err = err
		return r
	}
	defer l.Close()
	request.Close = true
	response, body, err := l.exchange(request, timeout)
	r.settle(response, body, err)
	if r.err == nil && check != nil {
		r.err = check(body)
	}
	return r
}

func (r *result) settle(response *http.Response, body string, err error) {
	r.err = err
	if response == nil {
		return
	}
	r.status = response.StatusCode
	if err == nil && r.status != http.StatusOK {
		r.err = fmt.Errorf("status %d: %.200s", r.status, body)
	}
	if r.err == nil {
		r.version = response.Header.Get("X-Version")
	}
}

func (t *target) request(method string, u *url.URL, body io.Reader) *http.Request {
	request, err := http.NewRequest(method, u.String(), body)
	if err != nil {
		panic(err) // the URL was parsed before
	}
	request.Host = t.host
	return request
}

func (t *target) serverName() string {
	if t.host != "" {
		return t.host
	}
	return t.url.Hostname()
}

// block is what an upload repeats.
var block = strings.Repeat("mrsk", 1024)

// trickle is a body of blocks with a pause before each.
type trickle struct {
	left  int
	pause time.Duration
	rest  string
}

// Read gives at most what is left of one block.
func (b *trickle) Read(p []byte) (int, error) {
	if b.rest == "" {
		if b.left == 0 {
			return 0, io.EOF
		}
		b.left--
		time.Sleep(b.pause)
		b.rest = block
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
