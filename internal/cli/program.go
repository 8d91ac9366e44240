package cli

import "context"

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
	p.opener = &opener{
		sys: p.sys, globals: &p.globals, line: &p.line, console: p.console, loader: p.loader, secrets: p.secrets, watch: newStopwatch(),
		page: newReporter(p.console.hidden.hide),
	}
	return p
}

func (p *program) close() {
	p.opener.close()
	p.console.close()
}
