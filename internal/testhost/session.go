package testhost

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
)

// session runs one program.
type session struct {
	s    *Server
	ch   ssh.Channel
	gone chan struct{} // the client has closed the channel, or the connection
	env  []string

	mu  sync.Mutex
	cmd *exec.Cmd
}

func (x *session) serve(reqs <-chan *ssh.Request) {
	var running sync.WaitGroup
	for req := range reqs {
		if req.Type == x.s.opts.mute {
			continue
		}
		ok := x.request(req, &running)
		if req.WantReply {
			_ = req.Reply(ok, nil)
		}
	}
	close(x.gone)
	running.Wait()
}

func (x *session) request(req *ssh.Request, running *sync.WaitGroup) bool {
	switch req.Type {
	case "exec":
		var m struct{ Line string }
		if x.s.opts.noExec || x.cmd != nil || ssh.Unmarshal(req.Payload, &m) != nil {
			return false
		}
		return x.exec(m.Line, running)
	case "pty-req":
		return x.terminal(req)
	case "window-change":
		return x.resize(req)
	case "signal":
		var m struct{ Name string }
		return ssh.Unmarshal(req.Payload, &m) == nil && x.signal(signals[m.Name])
	case "auth-agent-req@openssh.com":
		x.s.count(func(n *Counts) { n.Agents++ })
		return true
	}
	return false
}

var signals = map[string]syscall.Signal{
	"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "TERM": syscall.SIGTERM,
}

func (x *session) signal(sig syscall.Signal) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cmd == nil || x.cmd.Process == nil || sig == 0 {
		return false
	}
	return syscall.Kill(-x.cmd.Process.Pid, sig) == nil
}

func (x *session) terminal(req *ssh.Request) bool {
	var m struct {
		Term                       string
		Columns, Rows, Width, High uint32
		Modes                      string
	}
	if ssh.Unmarshal(req.Payload, &m) != nil {
		return false
	}
	x.env = append(x.env, "TERM="+m.Term)
	x.s.count(func(n *Counts) { n.Terminals++ })
	x.s.sized(int(m.Columns), int(m.Rows))
	return true
}

func (x *session) resize(req *ssh.Request) bool {
	var m struct{ Columns, Rows, Width, High uint32 }
	if ssh.Unmarshal(req.Payload, &m) != nil {
		return false
	}
	x.s.sized(int(m.Columns), int(m.Rows))
	return true
}

func (x *session) exec(line string, running *sync.WaitGroup) bool {
	x.s.mu.Lock()
	x.s.execs = append(x.s.execs, line)
	x.s.counts.Execs++
	x.s.mu.Unlock()

	shell := x.s.opts.shell
	cmd := exec.Command(shell[0], append(shell[1:len(shell):len(shell)], line)...)
	cmd.Dir = x.s.home
	cmd.Env = append(x.s.env(), x.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stdout, cmd.Stderr = x.ch, x.ch.Stderr()
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return false
	}
	x.mu.Lock()
	x.cmd = cmd
	x.mu.Unlock()
	x.s.started(cmd.Process.Pid)
	go func() {
		x.s.feed(line, stdin, x.ch)
		_ = stdin.Close()
	}()
	running.Go(func() { x.finish(cmd) })
	return true
}

// finish tells how the program ended. What it has left running is not waited for when the client
// is gone, as sshd does.
func (x *session) finish(cmd *exec.Cmd) {
	err := cmd.Wait()
	x.s.ended(cmd.Process.Pid)
	var exit *exec.ExitError
	switch status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus); {
	case errors.As(err, &exit) && status.Signaled():
		_, _ = x.ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Name       string
			CoreDumped bool
			Message    string
			Language   string
		}{Name: signalName(status.Signal())}))
	default:
		code := struct{ Status uint32 }{uint32(cmd.ProcessState.ExitCode())}
		_, _ = x.ch.SendRequest("exit-status", false, ssh.Marshal(code))
	}
	_ = x.ch.Close()
}

func signalName(sig syscall.Signal) string {
	for name, s := range signals {
		if s == sig {
			return name
		}
	}
	return strings.TrimPrefix(sig.String(), "SIG")
}

func (s *Server) env() []string {
	path := s.Bin() + string(os.PathListSeparator) + os.Getenv("PATH")
	if s.opts.programs != "" {
		path = s.Bin() + string(os.PathListSeparator) + s.opts.programs + string(os.PathListSeparator) + os.Getenv("PATH")
	}
	return []string{
		"HOME=" + s.home, "USER=deploy", "SHELL=/bin/sh", "PATH=" + path,
		"GORACE=atexit_sleep_ms=0",
	}
}

func (s *Server) started(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[pid] = true
}

func (s *Server) ended(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, pid)
}

// killAll ends what still runs, with all that it has started.
func (s *Server) killAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for pid := range s.running {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}
