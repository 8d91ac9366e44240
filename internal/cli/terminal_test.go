package cli

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"mrsk/internal/testterminal"
)

// tty is the terminal of a script, with the program that runs on it.
type tty struct {
	file   *os.File
	screen *testterminal.Terminal
	cmd    *exec.Cmd
	ended  chan struct{} // closed when all output is on the screen
}

// terminal runs mrsk on a terminal:
//
//	terminal start COLUMNS LINES WORD…  starts it
//	terminal shows REGEXP               waits until a line of the screen matches
//	terminal resize COLUMNS LINES
//	terminal interrupt                  types Ctrl-C
//	terminal ends STATUS                waits for the end, and writes the screen to the file screen
func (s *site) terminal(ts *testscript.TestScript, _ bool, args []string) {
	switch {
	case len(args) > 3 && args[0] == "start":
		s.tty = startOnTerminal(ts, s.vars, number(ts, args[1]), number(ts, args[2]), args[3:])
		ts.Defer(s.tty.kill)
	case len(args) == 2 && args[0] == "shows":
		s.tty.shows(ts, regexp.MustCompile(args[1]))
	case len(args) == 3 && args[0] == "resize":
		s.tty.resize(ts, number(ts, args[1]), number(ts, args[2]))
	case len(args) == 1 && args[0] == "interrupt":
		_, err := io.WriteString(s.tty.file, "\x03")
		ts.Check(err)
	case len(args) == 2 && args[0] == "ends":
		s.tty.ends(ts, number(ts, args[1]))
	default:
		ts.Fatalf("terminal does not know %q", args)
	}
}

func number(ts *testscript.TestScript, word string) int {
	n, err := strconv.Atoi(word)
	ts.Check(err)
	return n
}

func startOnTerminal(ts *testscript.TestScript, vars []string, columns, lines int, args []string) *tty {
	self, err := os.Executable()
	ts.Check(err)
	t := &tty{screen: testterminal.New(columns, lines), ended: make(chan struct{})}
	t.cmd = &exec.Cmd{Path: self, Args: append([]string{"mrsk"}, args...), Dir: ts.MkAbs("."), Env: append(vars, "TERM=xterm")}
	t.file, err = pty.StartWithSize(t.cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(lines)})
	ts.Check(err)
	go func() {
		_, _ = io.Copy(t.screen, t.file) // Linux ends it with EIO
		close(t.ended)
	}()
	return t
}

func (t *tty) kill() {
	_ = t.cmd.Process.Kill()
	_ = t.file.Close()
}

// shows waits until a line matches.
func (t *tty) shows(ts *testscript.TestScript, line *regexp.Regexp) {
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		for l := range strings.Lines(t.screen.String()) {
			if line.MatchString(strings.TrimRight(l, "\n")) {
				return
			}
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no line matches %q:\n%s", line, t.screen)
		}
	}
}

func (t *tty) resize(ts *testscript.TestScript, columns, lines int) {
	t.screen.Resize(columns, lines)
	ts.Check(pty.Setsize(t.file, &pty.Winsize{Cols: uint16(columns), Rows: uint16(lines)}))
}

func (t *tty) ends(ts *testscript.TestScript, status int) {
	<-t.ended
	var exit *exec.ExitError
	if err := t.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	ts.Logf("the screen:\n%s", t.screen)
	if code := t.cmd.ProcessState.ExitCode(); code != status {
		ts.Fatalf("exit %d, want %d", code, status)
	}
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(t.screen.String()), 0o600))
}
