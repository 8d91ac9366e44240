package engine

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Serve answers programs that are called docker: it returns a folder with one, which is to come first
// in the PATH of whoever is to use this engine. It ends with the test.
func Serve(t testing.TB, e *Engine) (bin string) {
	t.Helper()
	// The folder of a test may have a name too long for a socket.
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		serving.Wait()
		_ = os.RemoveAll(dir)
	})
	for _, name := range []string{"docker", "timeout"} {
		if err := os.Symlink(clientProgram(t), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { e.serve(ctx, conn) })
		}
	})
	return dir
}

var client struct {
	once sync.Once
	path string
	err  error
}

// clientProgram returns the program that stands for docker's. It is one of its own because that of a
// test takes long to start, and it is kept in the user's cache because building it takes longer.
func clientProgram(t testing.TB) string {
	t.Helper()
	client.once.Do(func() { client.path, client.err = buildClient(t) })
	if client.err != nil {
		t.Fatalf("build the docker stand-in's client: %v", client.err)
	}
	return client.path
}

//go:embed client/main.go
var clientSource string

func buildClient(t testing.TB) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "mrsk-tools")
	path := filepath.Join(folder, "engine-client-"+digest(clientSource)[:12])
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	fresh := fmt.Sprintf("%s.%d", path, os.Getpid()) // several tests may build it at once
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", fresh, "mrsk/internal/testhost/engine/client")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, os.Rename(fresh, path)
}

// peer is a client that is connected. The protocol stands in client/main.go.
type peer struct {
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex
}

func (e *Engine) serve(ctx context.Context, conn net.Conn) {
	p := &peer{conn: conn, in: bufio.NewReader(conn)}
	defer conn.Close()
	words, err := p.words()
	if err != nil || len(words) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	status := e.Run(ctx, Call{
		Dir: words[0], Args: words[1:],
		Stdout: stream{p, 'O'}, Stderr: stream{p, 'E'},
		Read: func(path string) ([]byte, error) { return p.ask('R', path) },
		Env: func(name string) string {
			value, _ := p.ask('V', name) // one that is not set is empty
			return string(value)
		},
	})
	p.send('X', []byte{byte(status)})
}

func (p *peer) words() ([]string, error) {
	count, err := p.number()
	words := make([]string, 0, count)
	for range count {
		var text []byte
		if text, err = p.text(); err != nil {
			return nil, err
		}
		words = append(words, string(text))
	}
	return words, err
}

func (p *peer) number() (uint32, error) {
	var n uint32
	err := binary.Read(p.in, binary.BigEndian, &n)
	return n, err
}

func (p *peer) text() ([]byte, error) {
	n, err := p.number()
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(p.in, text)
	return text, err
}

func (p *peer) send(kind byte, text []byte) {
	frame := append([]byte{kind}, binary.BigEndian.AppendUint32(nil, uint32(len(text)))...)
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.conn.Write(append(frame, text...)) // a client that is gone has nobody to tell
}

// ask asks the client for something of its own.
func (p *peer) ask(kind byte, what string) ([]byte, error) {
	p.send(kind, []byte(what))
	ok, err := p.number()
	if err != nil {
		return nil, err
	}
	text, err := p.text()
	if err == nil && ok == 0 {
		err = errors.New(string(text))
	}
	return text, err
}

// stream is an output of the client's.
type stream struct {
	p    *peer
	kind byte
}

func (s stream) Write(text []byte) (int, error) {
	s.p.send(s.kind, text)
	return len(text), nil
}
