package ui_test

import (
	"testing"
	"testing/synctest"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/testterminal"
	"mrsk/internal/ui"
)

// Every host that gets data has a line of its own in a log.
func TestSink_shows_the_progress_of_each_host(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen lockedBuffer
		u := ui.New(ui.Options{Err: &screen})
		for _, host := range []string{"vm1", "vm2"} {
			u.Sink()(event.Step{Host: host, Name: "pull image", State: event.Began})
		}
		u.Sink()(event.Progress{Host: "vm1", Step: "pull image", Sent: 42e6, Of: 120e6, Rate: 3_100_000})
		u.Sink()(event.Progress{Host: "vm2", Step: "pull image", Sent: 1e6, Of: 120e6})
		u.Sink()(event.Progress{Host: "vm3", Step: "pull image", Sent: 1e6, Of: 120e6})
		time.Sleep(20 * time.Second)
		synctest.Wait()
		u.Close()
		want := "vm1: still waiting for: pull image, 42.0 of 120.0 MB, 3.1 MB/s, 25s left (15s)\n" +
			"vm2: still waiting for: pull image, 1.0 of 120.0 MB (15s)\n"
		if got := screen.String(); got != want {
			t.Errorf("got %s", got)
		}
	})
}

func TestSink_shows_progress_on_the_last_line_of_a_terminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := testterminal.New(80, 24)
		u := ui.New(ui.Options{Err: screen, Terminal: true})
		u.Sink()(event.Step{Host: "vm1", Name: "pull image", State: event.Began})
		u.Sink()(event.Progress{Host: "vm1", Step: "pull image", Sent: 120e6, Of: 120e6, Rate: 3_100_000})
		time.Sleep(time.Second)
		if want := "… vm1: 120.0 of 120.0 MB, 3.1 MB/s | pull image\n"; screen.String() != want {
			t.Errorf("got %q", screen)
		}
		u.Close()
	})
}
