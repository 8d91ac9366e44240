package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/inspect"
	"mrsk/internal/local"
	"mrsk/internal/session"
	"mrsk/internal/shell"
	"mrsk/internal/ui"
)

// console is what the user sees and answers: the screen, and what was asked for on stdout. Secrets that
// the run has read are hidden from it.
type console struct {
	sys     *System
	globals *globals
	screen  atomic.Pointer[ui.UI] // made when it is first needed, as options decide what it shows
	hidden  hidden
	long    time.Duration // after which the user is told what is waited for; 0 is event.LongWait
}

// ui is the screen.
func (c *console) ui() *ui.UI {
	if c.screen.Load() == nil {
		c.screen.Store(ui.New(ui.Options{
			In: c.sys.In, Out: c.sys.Out, Err: c.sys.Err,
			InTerminal: c.sys.InTerminal, Terminal: c.redraws(), Size: c.sys.Size,
			Color: c.colors(), ASCII: ui.WantsASCII(c.sys.Getenv), Plain: c.globals.plain,
			Level: c.level(),
			Hide:  c.hidden.hide,
		}))
	}
	return c.screen.Load()
}

// redraws reports whether the screen can and may draw its last lines again.
func (c *console) redraws() bool {
	return c.sys.ErrTerminal && !c.globals.plain && c.sys.Getenv("TERM") != "dumb"
}

func (c *console) colors() bool {
	return !c.globals.plain && ui.WantsColor(c.sys.ErrTerminal, c.sys.Getenv)
}

// level is quiet when both are asked for.
func (c *console) level() ui.Level {
	switch {
	case c.globals.quiet:
		return ui.Quiet
	case c.globals.verbose:
		return ui.Verbose
	}
	return ui.Normal
}

// tell shows what is worth a word about a file without problems.
func tell(sink event.Sink, notices []config.Notice) {
	for _, n := range notices {
		text := fmt.Sprintf("%v: %s", n.Problem, n.Hint())
		if n.Lost {
			sink(event.Warning{Text: text})
		} else {
			sink(event.Note{Text: text})
		}
	}
}

func note(text string, args ...any) event.Note { return event.Note{Text: fmt.Sprintf(text, args...)} }

// confirm asks before something that cannot be undone. A "no" is no failure.
func (c *console) confirm(ctx context.Context, question string) (bool, error) {
	sure, err := c.ui().Confirm(ctx, question)
	if err == nil && !sure {
		c.ui().Sink()(note("Nothing was done"))
	}
	return sure, err
}

// waiting tells the user what the run waits for, if it still does after some time.
func (c *console) waiting(what string) (stop func()) {
	return local.Remind(c.ui().Sink(), what, cmp.Or(c.long, event.LongWait))
}

// show writes what was asked for to stdout, without what could steer a terminal: it may come from
// a host.
func (c *console) show(text string) error { return c.write(ui.Clean(text)) }

// write writes to stdout byte for byte: what programs read, and what belongs to the user.
func (c *console) write(text string) error {
	_, err := io.WriteString(c.ui().Out(), text)
	return err
}

// stream writes lines for programs to stdout while the screen shows progress. Only a terminal that has both needs
// the rows to make way for each line.
func (c *console) stream(lines []byte) error {
	to := c.sys.Out
	if c.sys.OutTerminal {
		to = c.ui().Out()
	}
	_, err := to.Write(lines)
	return err
}

// section writes what was asked for of one host, under a header that -q leaves out.
func (c *console) section(kind, host, text string) error {
	return c.rawSection(kind, host, ui.Clean(text))
}

// rawSection is section for the output of programs, which is passed on byte for byte.
func (c *console) rawSection(kind, host, text string) error {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if c.globals.quiet {
		return c.write(text)
	}
	return c.write(fmt.Sprintf("%s Host: %s\n%s\n", kind, ui.Clean(host), text))
}

// json writes v to stdout.
func (c *console) json(v any) error {
	text, err := inspect.JSON(v)
	if err != nil {
		return err
	}
	return c.write(string(text))
}

// shown tells those who want to see commands what is run on a target, secrets hidden.
func (c *console) shown(t session.Target, line shell.Line) {
	if c.globals.verbose {
		c.ui().Sink()(event.Note{Host: t.Host, Text: "$ " + line.String()})
	}
}

func (c *console) fail(err error) {
	if c.screen.Load() == nil {
		c.screen.Store(ui.New(ui.Options{Err: c.sys.Err, Color: c.colors(), ASCII: ui.WantsASCII(c.sys.Getenv), Plain: c.globals.plain, Hide: c.hidden.hide}))
	}
	c.screen.Load().Fail(err)
}

func (c *console) close() {
	if screen := c.screen.Load(); screen != nil {
		screen.Close()
	}
}

// abandon is close for a program that ends in the middle of its work. It does not wait for a terminal that is
// stopped for longer than a second.
func (c *console) abandon() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.close()
	}()
	select {
	case <-closed:
	case <-time.After(time.Second):
	}
}

// sections writes what was asked for of each host.
func sections[T any](c *console, kind string, of func(T) (host, text string)) func([]T) error {
	return func(hosts []T) error {
		for _, h := range hosts {
			host, text := of(h)
			if err := c.section(kind, host, text); err != nil {
				return err
			}
		}
		return nil
	}
}
