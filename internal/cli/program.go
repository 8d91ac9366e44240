package cli

import (
	"context"
	"errors"
	"os"

	"mrsk/internal/ui"
)

// program is one run of mrsk: what its commands share. Each of them takes what it needs from here and
// keeps its own options to itself.
type program struct {
	sys     *System
	globals globals     // set when cobra has read the command line
	line    commandLine // set before
	console *console
	loader  *loader
	secrets *secretFiles
	opener  *opener
	misled  error // why there is no help; cobra's function for help returns nothing
}

func newProgram(ctx context.Context, sys System) *program {
	p := &program{sys: &sys}
	p.console = &console{sys: p.sys, globals: &p.globals}
	p.secrets = &secretFiles{sys: p.sys, console: p.console}
	p.loader = &loader{sys: p.sys, globals: &p.globals, console: p.console}
	p.loader.world = p.loader.templates(ctx, &secretFiles{sys: p.sys})
	p.opener = &opener{sys: p.sys, globals: &p.globals, line: &p.line, console: p.console, loader: p.loader, secrets: p.secrets}
	return p
}

func (p *program) close() {
	p.opener.close()
	p.console.close()
}

func (o *opener) close() {
	if o.kamal != "" {
		_ = os.RemoveAll(o.kamal)
	}
	if o.fleet != nil {
		_ = o.fleet.Close()
	}
	if o.images != nil {
		_ = o.images.Close() // what it could not remove now, the next command does
	}
}

func (c *console) close() {
	if c.screen != nil {
		c.screen.Close()
	}
}

// finish runs what comes after a command that has begun and ended with err, and records its end.
func (o *opener) finish(err error) error {
	if o.end != nil {
		err = errors.Join(err, o.end())
	}
	if o.record != nil {
		o.record.End(err, ui.Error(err))
	}
	return err
}
