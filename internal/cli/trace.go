package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/output"
	"mrsk/internal/trace"
	"mrsk/internal/ui"
)

// tracer keeps what the trace of a command needs besides its events. It is nil for a command that has none.
type tracer struct {
	collector    *output.Collector
	self, parent trace.Context
	run          trace.Run
	wrong        error // a variable of the environment is wrong, so that nothing can be sent
}

// traced is the annotation of commands that send a trace.
const traced = "traced"

// traces makes a command send a trace if the standard variables name a collector.
func traces(c *cobra.Command) *cobra.Command {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[traced] = ""
	return c
}

// beginTrace begins the trace of a command, if there is to be one. A parent that is not recorded has no recorded parts.
func (o *opener) beginTrace(cmd *cobra.Command) {
	if _, marked := cmd.Annotations[traced]; !marked || cmd.Flags().Changed("list") {
		return
	}
	collector, secrets, err := output.TracesCollector(o.sys.Getenv)
	o.console.hidden.add(secrets...)
	parent, found := trace.ParseContext(o.sys.Getenv("TRACEPARENT"), o.sys.Getenv("TRACESTATE"))
	if collector == nil || found && !parent.Sampled() {
		return
	}
	var random [24]byte
	_, _ = rand.Read(random[:]) // never fails, see crypto/rand
	o.trace = &tracer{
		collector: collector, parent: parent, self: trace.Root(parent, random), wrong: err,
		run: trace.Run{Command: o.line.name(cmd), Tool: toolVersion(), Began: o.watch.began, Hide: o.console.hidden.hide},
	}
}

// about says what the command is about, once that is known.
func (t *tracer) about(c *config.Project, version, performer string) {
	t.run.App, t.run.Destination, t.run.Version, t.run.Performer = c.Service, c.Destination, version, performer
}

// environ returns the variables that make what programs do a part of the trace.
func (t *tracer) environ() []string {
	if t == nil {
		return nil
	}
	return t.self.Environ()
}

// ids are the IDs of the trace and of the span of the command, "" if it has none.
func (t *tracer) ids() (traceID, spanID string) {
	if t == nil {
		return "", ""
	}
	return t.self.ID(), t.self.Span()
}

// sendTrace sends the trace of a command that ended with err. It takes five seconds at most and fails no command. A wrong
// command line has no trace.
func (o *opener) sendTrace(ctx context.Context, err error) {
	if o.trace == nil || codeOf(err) == exitUsage {
		return
	}
	if failed := o.trace.send(ctx, o.sys.Getenv, o.watch, err); failed != nil {
		o.tell(event.Warning{Text: fmt.Sprintf("send the trace to %v: %v", o.trace.collector, failed)})
		return
	}
	o.tell(event.Note{Text: fmt.Sprintf("Trace %s sent to %v", o.trace.self.ID(), o.trace.collector)})
}

func (t *tracer) send(ctx context.Context, getenv func(string) string, w *stopwatch, err error) error {
	t.run.Ended, t.run.Status, t.run.Failure = time.Now(), codeOf(err), ui.Error(err)
	resource, wrong := t.run.Resource(getenv)
	if wrong = errors.Join(t.wrong, wrong); wrong != nil {
		return wrong
	}
	spans := trace.Of(t.self, t.parent, t.run, w.moments())
	return t.collector.Send(context.WithoutCancel(ctx), trace.Bodies(resource, t.run.Tool, spans))
}
