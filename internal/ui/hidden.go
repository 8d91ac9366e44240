package ui

import "mrsk/internal/event"

// hidden returns an event without secrets in its texts. It is applied before texts are cut to the width of the terminal,
// because a part of a secret is not found any more.
func (u *UI) hidden(e event.Event) event.Event {
	hide := u.options.Hide
	switch e := e.(type) {
	case event.Note:
		e.Text = hide(e.Text)
		return e
	case event.Warning:
		e.Text = hide(e.Text)
		return e
	case event.Line:
		e.Step, e.Text = hide(e.Step), hide(e.Text)
		return e
	case event.Step:
		e.Name, e.Shown = hide(e.Name), hide(e.Shown)
		return e
	case event.Progress:
		e.Step = hide(e.Step)
		return e
	case event.Probe:
		e.Step, e.Answer = hide(e.Step), hide(e.Answer)
		return e
	case event.Work:
		e.Subject = hide(e.Subject)
		return e
	}
	return e
}
