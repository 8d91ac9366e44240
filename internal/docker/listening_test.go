package docker

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The process of the test stands for a container: it listens on what the test opens.
func TestMisdirected_says_where_a_container_listens(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/net/tcp"); err != nil {
		t.Skip("no /proc here")
	}
	dir := t.TempDir()
	docker := fmt.Sprintf("#!/bin/sh\necho %d\n", os.Getpid())
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(docker), 0o755); err != nil {
		t.Fatal(err)
	}
	run := func(line string) string {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", Functions.Text()+"\n"+line)
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	listen := func(address string) string {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		_, port, _ := net.SplitHostPort(l.Addr().String())
		return port
	}
	open, local := listen("0.0.0.0:0"), listen("127.0.0.1:0")
	if got := run("misdirected app " + open); got != "" {
		t.Errorf("the right port: %q", got)
	}
	if got, want := run("misdirected app "+local), "it listens on port "+local+" of its loopback alone: let it listen on 0.0.0.0"; got != want {
		t.Errorf("loopback: %q", got)
	}
	got := run("misdirected app 1")
	if !strings.HasPrefix(got, "it listens on port ") || !strings.Contains(got, open) || !strings.HasSuffix(got, ", not on 1: set proxy.app_port") {
		t.Errorf("another port: %q", got)
	}
}
