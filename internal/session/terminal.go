package session

import (
	"context"
	"errors"
	"io"
	"time"

	"mrsk/internal/redact"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Terminal is the operator's terminal.
type Terminal struct {
	In      io.Reader
	Out     io.Writer
	Kind    string // TERM
	Size    func() (width, height int)
	Resized <-chan struct{} // an item for each change of the size
	// Raw passes every key on as it is pressed, Ctrl-C too, until restore.
	Raw func() (restore func(), err error)
}

// errNoTerminal is a connection that has no terminals, as those of tests.
var errNoTerminal = errors.New("this connection has no terminals")

// connection is what a host must be for a terminal on it.
type connection interface {
	Terminal(ctx context.Context, line string, o remote.TerminalOptions) error
}

// Interact runs a command on host with a terminal of its own. A program cannot come in through
// a terminal, and may hold secrets that no argument list must show: so it is brought before, as
// a file that only the user can read and that removes itself as the first thing it does.
func Interact(ctx context.Context, host remote.Host, c Command, t Terminal) (err error) {
	on, ok := host.(connection)
	if !ok {
		return errNoTerminal
	}
	file := "run-" + script.Nonce()
	defer func() {
		if !began(err) {
			discard(context.WithoutCancel(ctx), host, file)
		}
	}()
	if err := upload(ctx, host, file, c); err != nil {
		return err
	}
	restore, err := t.Raw()
	if err != nil {
		return err
	}
	defer restore()
	width, height := t.Size()
	sizes, stop := t.sizes()
	defer stop()
	return on.Terminal(ctx, `exec sh "$HOME/.mrsk/`+file+`"`, remote.TerminalOptions{
		Stdin: t.In, Stdout: t.Out, PTY: true, Term: t.Kind, Width: width, Height: height, Resize: sizes,
		Agent: c.Agent,
	})
}

// began reports whether a command that ended with err is known to have begun.
func began(err error) bool {
	var exit *remote.ExitError
	return err == nil || errors.As(err, &exit)
}

// file is the program as a file.
func (c Command) file() redact.String {
	text := "set +avx\n_program() {\nrm -f -- \"$0\"\n" + environment + c.definitions()
	return redact.New(text + c.Line.Wire().Reveal() + "\nexit\n}\n_program\n")
}

// sweep removes the files of runs that were killed before they could do so.
const sweep = `{ find "$HOME/.mrsk" -name 'run-mrsk*' -mmin +10 -exec rm -f {} + 2>/dev/null || :; }`

func upload(ctx context.Context, host remote.Host, file string, c Command) error {
	put := shell.Cmd("printf", "%s").Add(shell.Secret(c.file()), shell.Raw(`>"$HOME/.mrsk/`+file+`"`))
	step := script.Step{Name: "bring the command", Run: shell.Text(`mkdir -p "$HOME/.mrsk"`).And(shell.Text(sweep)).And(put), Captured: true}
	_, err := script.Script{Steps: []script.Step{step}}.Run(ctx, host, nowhere)
	return err
}

// discard is for a command that never began. It says nothing: the connection may be the reason.
func discard(ctx context.Context, host remote.Host, file string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	step := script.Step{Name: "clean up", Run: shell.Text(`rm -f "$HOME/.mrsk/` + file + `"`), Captured: true}
	_, _ = script.Script{Steps: []script.Step{step}}.Run(ctx, host, nowhere)
}

// sizes passes the terminal's sizes on until stop.
func (t Terminal) sizes() (sizes <-chan remote.Size, stop func()) {
	out, done := make(chan remote.Size), make(chan struct{})
	go func() {
		for {
			select {
			case <-t.Resized:
			case <-done:
				return
			}
			width, height := t.Size()
			select {
			case out <- remote.Size{Width: width, Height: height}:
			case <-done:
				return
			}
		}
	}()
	return out, func() { close(done) }
}
