package remote

import (
	"context"
	"io"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Size is the size of a terminal, in characters.
type Size struct{ Width, Height int }

// TerminalOptions are the streams and the terminal of a program that Client.Terminal runs.
type TerminalOptions struct {
	Stdin          io.Reader   // nil is empty
	Stdout, Stderr io.Writer   // nil discards the output; with PTY all output goes to Stdout
	PTY            bool        // run the program in a terminal
	Term           string      // the terminal's TERM
	Width, Height  int         // the terminal's size, in characters
	Resize         <-chan Size // new sizes; nil if the size does not change
	Agent          bool        // forward the operator's agent, if the settings allow it
}

// Terminal runs line and copies its streams until it ends. The errors are those of Session.Wait, and a
// *RefusedError if the host gives no terminal. A goroutine may still read Stdin when Terminal returns,
// because a read cannot be interrupted; that input is lost.
func (c *Client) Terminal(ctx context.Context, line string, o TerminalOptions) error {
	s, err := c.start(ctx, request{agent: o.Agent})
	if err != nil {
		return err
	}
	defer s.Close()
	if o.PTY {
		if err := s.terminal(o); err != nil {
			return err
		}
	}
	s.exec(line)
	go s.input(o.Stdin)
	if o.Resize != nil {
		go s.follow(o.Resize)
	}
	var streams sync.WaitGroup
	streams.Go(func() { drain(o.Stdout, s.Stdout()) })
	streams.Go(func() { drain(o.Stderr, s.Stderr()) })
	streams.Wait()
	return s.Wait()
}

func (s *session) terminal(o TerminalOptions) error {
	ok, err := s.ask("pty-req", ssh.Marshal(struct {
		Term                       string
		Columns, Rows, Width, High uint32
		Modes                      string
	}{o.Term, uint32(o.Width), uint32(o.Height), 0, 0, "\x00"}))
	switch {
	case s.gaveUp():
		return s.cause
	case err != nil:
		return s.link.lost(err)
	case !ok:
		return &RefusedError{What: "give a terminal"}
	}
	return nil
}

func (s *session) input(from io.Reader) {
	if from != nil {
		_, _ = io.Copy(s.Stdin(), from)
	}
	_ = s.Stdin().Close()
}

// follow sends new sizes to the host while the program runs.
func (s *session) follow(sizes <-chan Size) {
	for {
		select {
		case size, ok := <-sizes:
			if !ok {
				return
			}
			_, _ = s.ch.SendRequest("window-change", false, ssh.Marshal(struct {
				Columns, Rows, Width, High uint32
			}{uint32(size.Width), uint32(size.Height), 0, 0}))
		case <-s.done:
			return
		case <-s.over:
			return
		}
	}
}

func drain(to io.Writer, from io.Reader) {
	if to == nil {
		to = io.Discard
	}
	_, _ = io.Copy(to, from)
	_, _ = io.Copy(io.Discard, from)
}
