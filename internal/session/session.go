// Package session runs commands on hosts whose input and output belong to a person: logs that
// are followed, commands beside the app, terminals. Bytes pass through unchanged and as they
// come; what the commands are is for the features to say.
package session

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"mrsk/internal/redact"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Command is a command to run on a host.
type Command struct {
	Prelude string // see script.Script
	Line    shell.Line
	// Input is what the command reads; nil gives it nothing to read, and lets it end with the
	// connection.
	Input          io.Reader
	Stdout, Stderr io.Writer
	// Agent lets the command use the operator's ssh agent, where that is allowed.
	Agent bool
}

// environment is what every command is run in: a PATH that finds docker, and a umask of the
// user's own choice.
const environment = `PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
`

// watched runs a line and ends it, and all that it started, when the operator hangs up.
const watched = `exec 3<&0 </dev/null
{ while IFS= read -r _; do :; done <&3; kill -TERM 0; } >/dev/null 2>&1 &
_watcher=$!
( _line ) 3<&-
_status=$?
kill "$_watcher" 2>/dev/null
exit "$_status"
`

const unwatched = `_line
exit
`

// definitions are what the line needs before it.
func (c Command) definitions() string { return shell.Definitions(c.Line) + c.Prelude + "\n" }

// text is the program. It is one function, called on its last line, so that none of it runs
// when only a part arrives. The mark comes before all output, whatever the login shell prints.
func (c Command) text(mark string) redact.String {
	run := unwatched
	if c.Input == nil {
		run = watched
	}
	return redact.New("_program() {\n" + environment + c.definitions() +
		"_line() {\n" + c.Line.Wire().Reveal() + "\n}\nprintf '%s\\n' " + mark + "\n" + run + "}\n_program\n")
}

// Run runs the command on host until it ends. Its errors are those of remote.Session.Wait, and
// script.ErrNotBegun.
func (c Command) Run(ctx context.Context, host remote.Host) error {
	mark := script.Nonce()
	if lends, ok := host.(interface{ WithAgent() remote.Host }); ok && c.Agent {
		host = lends.WithAgent()
	}
	s, err := script.Open(ctx, host, c.text(mark))
	if err != nil {
		return err
	}
	defer s.Close()
	var streams sync.WaitGroup
	var begun bool
	var outErr, errErr error
	streams.Go(func() { begun, outErr = c.out(s, mark) })
	streams.Go(func() { _, errErr = io.Copy(orNowhere(c.Stderr), s.Stderr()) })
	streams.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, err := range []error{outErr, errErr} {
		if err != nil {
			return err
		}
	}
	if err := s.Wait(); err != nil || begun {
		return err
	}
	return script.ErrNotBegun
}

// out skips what comes before the mark, and only then gives the command its input. begun is false
// if the mark did not come; Wait then says why.
func (c Command) out(s *script.Opened, mark string) (begun bool, err error) {
	from := bufio.NewReader(s.Stdout())
	if !skipTo(from, mark+"\n") {
		return false, nil
	}
	s.Begun()
	if c.Input != nil {
		go feed(s.Stdin(), c.Input)
	}
	if _, err := io.Copy(orNowhere(c.Stdout), from); err != nil {
		_ = s.Close()
		return true, fmt.Errorf("pass the output on: %w", err)
	}
	return true, nil
}

// skipTo reads up to the end of mark and reports whether it came. It keeps no more than it needs:
// lines before the mark may be of any length.
func skipTo(from *bufio.Reader, mark string) bool {
	var last []byte
	for {
		part, err := from.ReadSlice('\n')
		last = append(last, part...)
		if bytes.HasSuffix(last, []byte(mark)) {
			return true
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return false
		}
		last = append(last[:0], last[max(0, len(last)-len(mark)):]...)
	}
}

// feed may still be reading when the command has ended; there is no way to stop a read.
func feed(to io.WriteCloser, from io.Reader) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

func orNowhere(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}
