package testhost

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Each host has locks of its own, as real hosts have: else the tests of two checkouts would keep each
// other waiting in /run/lock.

func (s *Server) makeLocks() {
	s.t.Helper()
	locks := filepath.Join(s.home, "run", "lock")
	if err := os.MkdirAll(locks, 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Chmod(locks, 0o777|os.ModeSticky); err != nil {
		s.t.Fatal(err)
	}
}

// feed passes on what the client sends to the program that runs line. Where that reads a program for sh,
// its length first, the locks of that lie in the home of the host.
func (s *Server) feed(line string, to io.Writer, from io.Reader) {
	if !strings.Contains(line, `read -r n`) {
		_, _ = io.Copy(to, from)
		return
	}
	in := bufio.NewReader(from)
	head, err := in.ReadString('\n')
	size, notNumber := strconv.Atoi(strings.TrimSpace(head))
	if err != nil || notNumber != nil {
		_, _ = io.Copy(to, io.MultiReader(strings.NewReader(head), in))
		return
	}
	program := make([]byte, size)
	if n, err := io.ReadFull(in, program); err != nil {
		_, _ = io.WriteString(to, head+string(program[:n]))
		return
	}
	text := strings.NewReplacer(
		"/run/lock", filepath.Join(s.home, "run", "lock"),
		"/var/run/docker.sock", filepath.Join(s.home, "run", "docker.sock"),
	).Replace(string(program))
	_, _ = io.WriteString(to, strconv.Itoa(len(text))+"\n"+text)
	_, _ = io.Copy(to, in)
}
