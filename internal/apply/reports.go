package apply

import (
	"fmt"
	"strconv"

	"mrsk/internal/event"
	"mrsk/internal/script"
)

// warnOfReports warns of what steps reported.
func (w *Walker) warnOfReports(host string, results script.Results) {
	warn := func(text string) { w.Sink(event.Warning{Host: host, Text: text}) }
	for _, r := range results {
		// Streams and the like do not end by themselves.
		if count, err := strconv.Atoi(r.Reports[script.Cut]); err == nil {
			warn(fmt.Sprintf("drain_timeout is over; connections cut: %d", count))
		}
		if _, killed := r.Reported(script.Killed); killed {
			warn(r.Step.Name + ": docker could not stop it, so it was killed")
		}
		if _, ended := r.Reported(script.Recovered); ended {
			warn("the proxy had ended during the rollout and was started again; requests were lost meanwhile")
		}
	}
}
