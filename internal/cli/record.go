package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/output"
	"mrsk/internal/ui"
)

// recorder makes the recorder of a command. One that a hook runs is not recorded: what it says
// is among what the hook says.
func (o *opener) recorder(cmd *cobra.Command, c *config.Project, version string) *output.Recorder {
	options := output.Options{
		Run: output.Run{
			Command: o.line.name(cmd), Service: c.Service, Destination: c.Destination,
			Version: version, Tool: toolVersion(),
		},
		Dir: c.Output.File, Endpoint: c.Output.OTel, Text: ui.Text, Hide: o.console.hidden.hide, Now: o.sys.Now, Screen: o.console.ui().Sink(),
	}
	options.Run.TraceID, options.Run.SpanID = o.trace.ids()
	if options.Dir != "" && !filepath.IsAbs(options.Dir) {
		options.Dir = filepath.Join(o.sys.Dir, options.Dir)
	}
	if o.joined() != "" {
		options.Dir, options.Endpoint = "", ""
	}
	if options.Dir != "" || options.Endpoint != "" { // git is asked only where it is told
		options.Run.Performer = o.performer(cmd.Context())
	}
	return output.New(cmd.Context(), options)
}

// sink is the screen and, once a command has begun, its record. Only --timings, --report and traces need the events later.
func (o *opener) sink() event.Sink {
	screen, timed := o.console.ui().Sink(), o.globals.timings != "" || o.trace != nil
	return func(e event.Event) {
		screen(e)
		o.emit(e)
		if timed {
			o.watch.event(e)
		}
		o.page.event(e)
		if o.record != nil {
			o.record.Event(e)
		}
	}
}
