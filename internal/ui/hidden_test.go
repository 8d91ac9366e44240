package ui_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/testterminal"
	"mrsk/internal/ui"
)

// Secrets are hidden in every picture on the way, also where a text is cut in the middle of one.
func TestSecrets_are_in_no_picture(t *testing.T) {
	t.Parallel()
	const secret = "hunter2secret"
	hide := func(text string) string { return strings.ReplaceAll(text, secret, "[REDACTED]") }
	long := "connecting to postgres://app:" + secret + "@db/app"
	events := []event.Event{
		event.Work{Doing: "Deploying shop", Subject: "Use " + secret, Hosts: []string{"vm1"}},
		event.Build{State: event.Began},
		event.Step{Name: "run " + secret, State: event.Began, Shown: "bin/run --token " + secret},
		event.Line{Step: "run " + secret, Text: long},
		event.Step{Name: "run " + secret, State: event.Done},
		event.Stage{Name: "start", Hosts: []string{"vm1"}},
		event.Step{Host: "vm1", Name: "wait", State: event.Began},
		event.Probe{Host: "vm1", Step: "wait", Answer: "401 " + secret},
		event.Line{Host: "vm1", Step: "wait", Text: long, Loud: true},
		event.Note{Text: long},
		event.Warning{Text: long},
	}
	for width := 20; width <= 100; width += 7 {
		for _, level := range []ui.Level{ui.Normal, ui.Verbose} {
			synctest.Test(t, func(t *testing.T) {
				screen := testterminal.New(width, 24)
				u := ui.New(ui.Options{Err: screen, Terminal: true, Size: screen.Size, Level: level, Hide: hide})
				for _, e := range events {
					u.Sink()(e)
					time.Sleep(time.Second) // until it is drawn
					if at := strings.Index(strings.ReplaceAll(screen.String(), "\n", ""), secret[:6]); at >= 0 {
						t.Fatalf("%d columns: after %T:\n%s", width, e, screen)
					}
				}
				u.Close()
			})
		}
	}
}
