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
func (in *invocation) recorder(cmd *cobra.Command, c *config.Project, version string) *output.Recorder {
	o := output.Options{
		Run: output.Run{
			Command: in.commandName(cmd), Service: c.Service, Destination: c.Destination,
			Version: version, Tool: toolVersion(),
		},
		Dir: c.Output.File, Endpoint: c.Output.OTel, Text: ui.Text, Hide: in.hidden.hide, Now: in.sys.Now, Screen: in.ui().Sink(),
	}
	if o.Dir != "" && !filepath.IsAbs(o.Dir) {
		o.Dir = filepath.Join(in.sys.Dir, o.Dir)
	}
	if in.joined() != "" {
		o.Dir, o.Endpoint = "", ""
	}
	if o.Dir != "" || o.Endpoint != "" { // git is asked only where it is told
		o.Run.Performer = in.performer(cmd.Context())
	}
	return output.New(cmd.Context(), o)
}

// sink is the screen and, once a command has begun, its record.
func (in *invocation) sink() event.Sink {
	screen := in.ui().Sink()
	return func(e event.Event) {
		screen(e)
		if in.record != nil {
			in.record.Event(e)
		}
	}
}
