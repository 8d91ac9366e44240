package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"mrsk/lab/internal/agent"
)

// Host is one container of a lab: a host, the deployer, the registry or the balancer.
type Host struct {
	Name string // as it resolves in the lab
	lab  *Lab

	mu     sync.Mutex
	client *agent.Client // nil before the first program
}

func (h *Host) container() string { return "mrsk-lab-" + h.lab.Name + "-" + h.Name }

// Container is the name of the part's container on this machine.
func (h *Host) Container() string { return h.container() }

// FullName returns a name of the host that containers on the hosts of the lab can also resolve.
func (h *Host) FullName() string { return h.Name + "." + h.lab.network() }

// Exec runs a program as root, not over SSH, and returns its standard output,
// trimmed. The error of a program that fails tells what it wrote.
func (h *Host) Exec(ctx context.Context, args ...string) (string, error) {
	out, err := h.run(ctx, nil, args...)
	return strings.TrimSpace(string(out)), err
}

// run is Run for programs that must succeed, and returns what one has written.
func (h *Host) run(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	result, err := h.Run(ctx, stdin, args...)
	if err == nil && result.Failure != "" {
		err = fmt.Errorf("%s: %s: %s%s", h.Name, brief(args), result.Failure, tail(string(result.Stdout)+string(result.Stderr)))
	}
	return result.Stdout, err
}

// Result has the output and the exit status of a program.
type Result = agent.Result

// Run runs a program as root, not over SSH. A program that fails is not an error; see Result.
func (h *Host) Run(ctx context.Context, stdin []byte, args ...string) (Result, error) {
	result, err := h.ask(ctx, stdin, args...)
	if errors.Is(err, agent.ErrGone) { // as after the host was killed
		result, err = h.ask(ctx, stdin, args...)
	}
	if err != nil {
		err = fmt.Errorf("%s: %s: %w", h.Name, brief(args), err)
	}
	return result, err
}

func (h *Host) ask(ctx context.Context, stdin []byte, args ...string) (agent.Result, error) {
	client, err := h.agent()
	if err != nil {
		return agent.Result{}, err
	}
	result, err := client.Run(ctx, stdin, args...)
	if errors.Is(err, agent.ErrGone) {
		h.forget(client)
	}
	return result, err
}

// agent is the one that runs on the host, started if there is none. It ends with this process.
func (h *Host) agent() (*agent.Client, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.client != nil {
		return h.client, nil
	}
	cmd := h.Command(context.Background(), "lab", "agent")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	h.client = agent.NewClient(struct {
		io.Reader
		io.WriteCloser
	}{reaped{out, cmd}, in})
	return h.client, nil
}

func (h *Host) forget(client *agent.Client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.client == client {
		h.client = nil
	}
}

// reaped is the output of a command, which is waited for when that has ended.
type reaped struct {
	io.Reader
	cmd *exec.Cmd
}

// Read reads.
func (r reaped) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		_ = r.cmd.Wait()
	}
	return n, err
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
	_, err := h.run(ctx, content, "sh", "-c", script, "sh", path.Dir(name), name, fmt.Sprintf("%o", mode.Perm()))
	return err
}

// ReadFile returns a file's exact content.
func (h *Host) ReadFile(ctx context.Context, name string) ([]byte, error) {
	return h.run(ctx, nil, "cat", name)
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
