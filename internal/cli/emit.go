package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/event"
	"mrsk/internal/eventjson"
	"mrsk/internal/ui"
)

// emits adds --json to a command that changes hosts, or shows logs of them.
func emits(p *program, c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&p.opener.asJSON, "json", false, "write what happens to stdout, one JSON object a line")
	return c
}

// emit writes an event to stdout, if --json is given. That stdout is closed does not end the command.
func (o *opener) emit(e event.Event) { _ = o.tryEmit(e) }

// tryEmit is emit for what the user asked for: nothing is left to do if stdout is closed.
func (o *opener) tryEmit(e event.Event) error {
	if !o.asJSON {
		return nil
	}
	o.events.Lock() // in the order of their times
	defer o.events.Unlock()
	if line := eventjson.Encode(e, o.sys.Now(), o.console.hidden.hide); line != nil {
		return o.console.stream(line)
	}
	return nil
}

// emitExit writes the last event of a command that ended with err.
func (o *opener) emitExit(err error) {
	report := ui.Error(err)
	if errors.As(err, new(exitError)) {
		report = ""
	}
	o.emit(eventjson.Exit{Status: codeOf(err), Report: report})
}
