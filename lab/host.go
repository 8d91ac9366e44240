package lab

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"syscall"
	"unsafe"
)

// Host is one container of a lab: a host, the deployer, the registry or the balancer.
type Host struct {
	Name string // as it resolves in the lab
	lab  *Lab
}

func (h *Host) container() string { return "mrsk-lab-" + h.lab.Name + "-" + h.Name }

// Container is the name of the part's container on this machine.
func (h *Host) Container() string { return h.container() }

// FullName is a name that resolves in containers on the hosts of the lab, too.
func (h *Host) FullName() string { return h.Name + "." + h.lab.network() }

// Exec runs a program as root, not over SSH, and returns its standard output,
// trimmed. The error of a program that fails tells what it wrote.
func (h *Host) Exec(ctx context.Context, args ...string) (string, error) {
	return output(dockerCommand(ctx, append([]string{"exec", h.container()}, args...)...))
}

// Command prepares a program to run as root, for streams and exit codes. The
// program outlives the returned command when that is killed: Docker does not
// pass signals on.
func (h *Host) Command(ctx context.Context, args ...string) *exec.Cmd {
	return dockerCommand(ctx, append([]string{"exec", "-i", h.container()}, args...)...)
}

// Write puts a file in place, as a whole, and makes its directory.
func (h *Host) Write(ctx context.Context, name string, mode fs.FileMode, content []byte) error {
	const script = `mkdir -p "$1" && cat > "$2.lab" && chmod "$3" "$2.lab" && mv "$2.lab" "$2"`
	cmd := h.Command(ctx, "sh", "-c", script, "sh", path.Dir(name), name, fmt.Sprintf("%o", mode.Perm()))
	cmd.Stdin = bytes.NewReader(content)
	_, err := output(cmd)
	return err
}

// ReadFile returns a file's exact content.
func (h *Host) ReadFile(ctx context.Context, name string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := h.Command(ctx, "cat", name)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("read %s on %s: %w%s", name, h.Name, err, tail(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// Install puts a program of this machine in place as /usr/local/bin/mrsk.
func (h *Host) Install(ctx context.Context, binary string) error {
	if _, err := docker(ctx, "cp", "-L", binary, h.container()+":/usr/local/bin/mrsk"); err != nil {
		return err
	}
	_, err := h.Exec(ctx, "chmod", "755", "/usr/local/bin/mrsk")
	return err
}

// Interactive prepares a program like Command, with a terminal when this
// process has one.
func (h *Host) Interactive(ctx context.Context, args ...string) *exec.Cmd {
	flags := []string{"exec", "-i"}
	if isTerminal(os.Stdin.Fd()) {
		flags = append(flags, "-t")
	}
	return dockerCommand(ctx, append(append(flags, h.container()), args...)...)
}

func isTerminal(fd uintptr) bool {
	var settings syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TCGETS, uintptr(unsafe.Pointer(&settings)))
	return errno == 0
}
