package plan

import (
	"fmt"
	"slices"
	"strings"
)

// String is the plan in words: what is done where, why, and how it is taken back.
func (p *Plan) String() string { return p.text(false) }

// Commands is String with the command of each step, secrets hidden.
func (p *Plan) Commands() string { return p.text(true) }

func (p *Plan) text(commands bool) string {
	w := &writer{commands: commands}
	w.line(0, "%s", p.Title)
	w.changes(p)
	for _, n := range p.Notes {
		w.line(0, "note: %s", n)
	}
	for _, q := range p.Questions {
		w.line(0, "asks first: %s", q)
	}
	for _, phase := range p.Phases {
		w.phase(phase)
	}
	return w.String()
}

// Summary is the title of the plan and what it changes, without the way there.
func (p *Plan) Summary() string {
	w := &writer{}
	w.line(0, "%s", p.Title)
	w.changes(p)
	return w.String()
}

func (w *writer) changes(p *Plan) {
	for _, c := range p.Changes {
		w.line(1, "%s", c)
	}
	for _, commit := range p.Commits {
		w.line(2, "%s", commit)
	}
	if p.Replaces && len(p.Changes) == 0 {
		w.line(1, "nothing changes: new containers replace equal ones")
	}
}

type writer struct {
	strings.Builder
	commands bool
}

func (w *writer) line(depth int, format string, args ...any) {
	w.WriteString(strings.Repeat("  ", depth) + fmt.Sprintf(format, args...) + "\n")
}

func (w *writer) phase(p Phase) {
	name := p.Name
	if p.Batch > 0 {
		name = fmt.Sprintf("%s, batch %d", name, p.Batch)
	}
	w.line(0, "\n%s: %s", name, strings.Join(names(p.Hosts), ", "))
	for i, stage := range stages(p) {
		if stage.Gate != "" {
			w.line(1, "-- %s --", stage.Gate)
		}
		w.stage(p, i, stage)
	}
}

func stages(p Phase) []Stage {
	if len(p.Hosts) == 0 {
		return nil
	}
	return p.Hosts[0].Stages
}

// stage writes the steps of all hosts, those that do the same together.
func (w *writer) stage(p Phase, i int, stage Stage) {
	groups := map[string][]string{}
	var order []string
	for _, h := range p.Hosts {
		text := w.steps(h.Stages[i].Steps)
		if _, seen := groups[text]; !seen {
			order = append(order, text)
		}
		groups[text] = append(groups[text], h.Name)
	}
	for _, text := range order {
		if text == "" {
			continue
		}
		w.line(1, "%s on %s", stage.Name, strings.Join(groups[text], ", "))
		w.WriteString(text)
	}
}

func (w *writer) steps(steps []Step) string {
	inner := &writer{commands: w.commands}
	for _, s := range steps {
		inner.step(s)
	}
	return inner.String()
}

func (w *writer) step(s Step) {
	text := s.Name
	if s.Cause != "" {
		text += ", because " + s.Cause
	}
	if s.UndoName != "" {
		text += " (undo: " + s.UndoName + ")"
	}
	w.line(2, "%s", text)
	if w.commands {
		w.command("$", s.Run.String())
		w.command("undo $", s.Undo.String())
	}
}

func (w *writer) command(prompt, text string) {
	if text == "" {
		return
	}
	w.line(3, "%s %s", prompt, strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n        "))
}

func names(hosts []Host) []string {
	out := make([]string, len(hosts))
	for i, h := range hosts {
		out[i] = h.Name
	}
	slices.Sort(out)
	return slices.Compact(out)
}
