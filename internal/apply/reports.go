package apply

import (
	"fmt"
	"strconv"
	"sync"

	"mrsk/internal/event"
	"mrsk/internal/script"
	"mrsk/internal/server"
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
	if text := server.Unaudited(results); text != "" && w.unaudited.first(host) {
		warn(text)
	}
}

// hostSet is a set of hosts. The zero value is empty.
type hostSet struct{ hosts sync.Map }

// first adds a host, and reports whether it was not there.
func (s *hostSet) first(host string) bool {
	_, known := s.hosts.LoadOrStore(host, true)
	return !known
}
