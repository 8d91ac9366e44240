package trace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/otlp"
	"mrsk/internal/timings"
	"mrsk/internal/ui"
)

// Run is the command that is traced.
type Run struct {
	Command      string // as the user types it, such as "deploy"
	App          string // name of the service, "" if the configuration could not be read
	Destination  string // "" without one
	Version      string // of the app, "" if it is not known
	Performer    string
	Tool         string // version of mrsk
	Began, Ended time.Time
	Status       int    // exit status
	Failure      string // what the screen says of a failure, "" if there is none
	Hide         func(string) string
}

// Of returns the spans of a command that has ended: the command, its phases, their hosts, and the steps and waits of each
// host. self is the place of the first one, and parent that of what it is a part of, if anything.
func Of(self, parent Context, run Run, moments []timings.Moment) []otlp.Span {
	t := tree{self: self, run: run, moments: moments, measured: timings.Of(run.Began, run.Ended, moments), phases: phasesOf(run.Began, moments)}
	t.links = t.gates()
	t.fill()
	t.root(parent)
	for i, p := range t.phases.all {
		if len(p.members) > 0 {
			t.phase(i, p)
		}
	}
	return t.spans
}

// tree makes the spans of a command.
type tree struct {
	self     Context
	run      Run
	moments  []timings.Moment
	measured timings.Report
	phases   *phases
	links    map[int][]otlp.Link // by the index of a span
	end      *event.RolloutEnd
	spans    []otlp.Span
}

// fill puts spans and failures into the phases.
func (t *tree) fill() {
	for i, s := range t.measured.Spans {
		m := t.phases.of(s.Host, s.Began).member(s.Host, s.Began)
		m.spans = append(m.spans, i)
		if s.State == event.Failed && m.failed == "" {
			m.failed = t.failure(s)
		}
	}
	for _, moment := range t.moments {
		switch e := moment.Event.(type) {
		case event.HostFailed:
			t.hostFailed(e, moment.At.Sub(t.run.Began))
		case event.RolloutEnd:
			t.end = &e
		}
	}
}

func (t *tree) hostFailed(e event.HostFailed, at time.Duration) {
	m := t.phases.of(e.Host, at).member(e.Host, at)
	if m.failed == "" {
		m.failed = t.line(e.Err)
	}
}

// failure says why a step failed.
func (t *tree) failure(s timings.Span) string {
	last, _ := t.moments[s.Last].Event.(event.Step)
	if last.Err == nil {
		return "failed"
	}
	return t.line(last.Err)
}

const longestMessage = 1000

// line returns the first line of an error that can be shown.
func (t *tree) line(err error) string { return t.first(err.Error()) }

func (t *tree) first(text string) string {
	text, _, _ = strings.Cut(t.clean(text), "\n")
	return strings.ToValidUTF8(text[:min(len(text), longestMessage)], "")
}

func (t *tree) clean(text string) string { return ui.Clean(t.run.Hide(text)) }

// gates returns the links of the first step of each host after a gate: to the step for which the gate stayed closed.
func (t *tree) gates() map[int][]otlp.Link {
	links := map[int][]otlp.Link{}
	for _, g := range t.measured.Gates() {
		if g.For < 0 {
			continue
		}
		link := otlp.Link{
			TraceID: t.self.ID(), SpanID: t.self.child("step", g.For), Flags: t.flags(false),
			Attributes: otlp.Attributes("mrsk.gate", t.clean(g.Name)),
		}
		for _, wait := range g.Waits {
			if next := t.after(t.measured.Spans[wait].Host, g.Opened); next >= 0 {
				links[next] = append(links[next], link)
			}
		}
	}
	return links
}

// after returns the index of the first step of a host from a time on, -1 if there is none.
func (t *tree) after(host string, at time.Duration) int {
	return slices.IndexFunc(t.measured.Spans, func(s timings.Span) bool { return s.Host == host && s.Kind == timings.Ran && s.Began >= at })
}

func (t *tree) flags(far bool) uint32 {
	flags := uint32(t.self.Flags) | otlp.KnowsIfFar
	if far {
		flags |= otlp.IsFar
	}
	return flags
}

// add adds a span.
func (t *tree) add(s otlp.Span, began, ended time.Duration) {
	s.TraceID, s.State, s.Kind = t.self.ID(), t.self.State, otlp.Internal
	s.Start, s.End = otlp.Nanos(t.run.Began.Add(began)), otlp.Nanos(t.run.Began.Add(ended))
	s.Flags = cmp.Or(s.Flags, t.flags(false))
	t.spans = append(t.spans, s)
}

func (t *tree) root(parent Context) {
	s := otlp.Span{SpanID: t.self.Span(), Name: strings.TrimSpace(t.run.Command + " " + t.clean(t.run.App)), Attributes: t.about()}
	if parent.IsSet() {
		s.Parent, s.Flags = parent.Span(), t.flags(true)
	}
	if t.run.Status != 0 {
		s.Status = otlp.Failed(t.first(t.run.Failure))
	}
	t.add(s, 0, t.measured.Took)
}

// about are the attributes of the command.
func (t *tree) about() []otlp.Attribute {
	status := "succeeded"
	if t.run.Status != 0 {
		status = "failed"
	}
	outcome, version := "", t.run.Version
	if t.end != nil {
		outcome, version = string(t.end.Outcome), cmp.Or(t.end.Version, version)
	}
	all := otlp.Attributes(
		"mrsk.command", t.run.Command, "mrsk.deploy_version", t.clean(version), "mrsk.outcome", outcome, "mrsk.performer", t.clean(t.run.Performer),
		"deployment.id", t.self.Span(), "deployment.name", strings.TrimSpace(t.run.Command+" "+t.clean(t.run.App)), "deployment.status", status,
	)
	return append(all, otlp.Integer("mrsk.exit_status", t.run.Status))
}

// phase adds the spans of a phase. A phase and its hosts last from the first to the last of their steps.
func (t *tree) phase(number int, p *phase) {
	id := t.self.child("phase", number)
	began, ended := forever, time.Duration(0)
	var failed []string
	for _, m := range p.members {
		first, last := t.extent(m)
		began, ended = min(began, first), max(ended, last)
		if m.failed != "" {
			failed = append(failed, t.machine(m.host))
		}
	}
	s := otlp.Span{SpanID: id, Parent: t.self.Span(), Name: t.clean(p.name), Attributes: otlp.Attributes("mrsk.phase", t.clean(p.name))}
	if p.undo {
		s.Attributes = append(s.Attributes, otlp.True("mrsk.undo"))
	}
	if len(failed) > 0 {
		s.Status = otlp.Failed("failed on " + strings.Join(failed, ", "))
	}
	t.add(s, began, ended)
	for k, m := range p.members {
		t.host(m, id, t.self.child(fmt.Sprint("host of phase ", number), k), p)
	}
}

// machine is the name of a host, as on the screen.
func (t *tree) machine(host string) string { return cmp.Or(t.clean(host), "local") }

// extent returns when the work of a host in a phase began and ended.
func (t *tree) extent(m *member) (began, ended time.Duration) {
	began, ended = m.at, m.at
	for _, i := range m.spans {
		began, ended = min(began, t.measured.Spans[i].Began), max(ended, t.measured.Spans[i].Ended())
	}
	return began, ended
}

func (t *tree) host(m *member, parent, id string, p *phase) {
	s := otlp.Span{SpanID: id, Parent: parent, Name: t.machine(m.host), Attributes: otlp.Attributes("server.address", t.clean(m.host), "mrsk.phase", t.clean(p.name))}
	if m.failed != "" {
		s.Status = otlp.Failed(m.failed)
	}
	began, ended := t.extent(m)
	t.add(s, began, ended)
	for _, i := range m.spans {
		t.step(i, t.measured.Spans[i], id)
	}
}

// step adds the span of a step or a wait. A wait that was none has none.
func (t *tree) step(i int, s timings.Span, parent string) {
	if s.Kind != timings.Ran && s.Took < time.Millisecond {
		return
	}
	out := otlp.Span{SpanID: t.self.child("step", i), Parent: parent, Name: t.name(s), Links: t.links[i]}
	out.Attributes = otlp.Attributes("server.address", t.clean(s.Host))
	if s.Kind == timings.Ran {
		out.Attributes = append(out.Attributes, otlp.Attributes("mrsk.state", string(s.State))...)
	} else {
		out.Attributes = append(out.Attributes, otlp.Attributes("mrsk.wait", string(s.Kind), "mrsk.gate", t.clean(s.Name))...)
	}
	if s.Critical {
		out.Attributes = append(out.Attributes, otlp.True("mrsk.critical"))
	}
	if s.State == event.Failed {
		out.Status = otlp.Failed(t.failure(s))
	}
	t.add(out, s.Began, s.Ended())
}

// name is the name of the span of a step or a wait.
func (t *tree) name(s timings.Span) string {
	switch {
	case s.Kind != timings.Ran:
		return "wait: " + string(s.Kind)
	case s.State == event.Undone:
		return "undo: " + t.clean(s.Name)
	}
	return t.clean(s.Name)
}
