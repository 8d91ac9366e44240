package report

import (
	"errors"
	"strings"
	"time"

	"mrsk/internal/event"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func at(seconds float64) time.Time {
	return start.Add(time.Duration(seconds * float64(time.Second)).Round(time.Millisecond))
}

// told is a record that is told events at times.
type told struct{ *Record }

func newTold() told {
	return told{New(func(text string) string { return strings.ReplaceAll(text, "s3cret", "[REDACTED]") })}
}

func (r told) at(seconds float64, all ...event.Event) {
	for _, e := range all {
		r.Add(at(seconds), e)
	}
}

// ran tells of a step that ran from one time to another.
func (r told) ran(host, name string, from, to float64, lines ...string) {
	r.at(from, event.Step{Host: host, Name: name, State: event.Began, Shown: "docker " + strings.ReplaceAll(name, " ", "-")})
	for _, text := range lines {
		r.at(from, event.Line{Host: host, Step: name, Stream: "stdout", Text: text})
	}
	r.at(to, event.Step{Host: host, Name: name, State: event.Done, Took: at(to).Sub(at(from))})
}

func (r told) waited(host string, what event.Wait, gate string, from, to float64) {
	r.at(to, event.Waited{Host: host, For: what, Gate: gate, Since: at(from), Took: at(to).Sub(at(from))})
}

var hosts = []string{"vm1", "vm2", "vm3"}

// begins tells of a deploy up to where containers have started: hosts log in, the image is built and pulled.
func begins() told {
	r := newTold()
	r.at(0, event.Work{Doing: "Deploying shop", Version: "v2", Subject: "Sell hats", Hosts: hosts})
	r.ran("", "hook pre-connect", 0.1, 0.3, "hello from the hook")
	for i, h := range hosts {
		late := float64(i) / 10
		r.waited(h, event.Queued, "", 0.3, 0.3+late)
		r.waited(h, event.Connecting, "", 0.3+late, 0.7+late)
		r.waited(h, event.Sent, "", 0.7+late, 0.8+late)
		r.ran(h, "look at the containers", 0.8+late, 1.1+late)
	}
	r.at(0.3, event.Build{State: event.Began})
	r.at(0.3, event.Step{Name: "build image", State: event.Began, Shown: "docker buildx build ."})
	r.at(0.5, event.Line{Step: "build image", Stream: "stderr", Text: "\x1b[1m#1\x1b[0m [internal] load build definition"})
	r.at(4, event.Line{Step: "build image", Stream: "stderr", Text: "#2 the token is s3cret"})
	r.at(5, event.Step{Name: "build image", State: event.Done, Took: 4700 * time.Millisecond})
	r.at(5, event.Build{State: event.Done, Size: 81_000_000, Added: 1_200_000})
	r.at(5.1, event.Stage{Name: "pull", Hosts: hosts})
	for i, h := range hosts {
		r.waited(h, event.Sent, "", 5.1, 5.2)
		r.ran(h, "pull shop:v2", 5.2, 5.8+float64(i)/2)
		r.at(5.8+float64(i)/2, event.Reached{Host: h, Stage: "pull", Done: "image"})
	}
	r.at(7, event.Stage{Name: "start", Hosts: hosts, Together: true})
	return r
}

const healthy = "gate: every new container is healthy"

// deployed tells of a deploy that went well.
func deployed() told {
	r := begins()
	for i, h := range hosts {
		r.ran(h, "start container shop-web-v2", 7.1, 7.6, "6f4d9e1")
		r.at(7.6, event.Step{Host: h, Name: "wait until shop-web-v2 is healthy", State: event.Began})
		r.at(7.7, event.Probe{Host: h, Step: "wait until shop-web-v2 is healthy", Answer: "GET /up on 80: 503"})
		r.at(8+float64(i), event.Step{Host: h, Name: "wait until shop-web-v2 is healthy", State: event.Done})
		r.at(8+float64(i), event.Reached{Host: h, Stage: "start", Done: "healthy"})
	}
	r.at(10, event.Stage{Name: "switch", Hosts: hosts, Together: true})
	for i, h := range hosts {
		r.waited(h, event.AtGate, healthy, 8+float64(i), 10)
		r.ran(h, "switch requests to shop-web-v2", 10.1, 10.5)
		r.at(10.5, event.Reached{Host: h, Stage: "switch", Done: "switched"})
	}
	r.at(10.5, event.Stage{Name: "finish", Hosts: hosts})
	for _, h := range hosts {
		r.waited(h, event.AtGate, "", 10.5, 10.5)
		r.at(10.6, event.Step{Host: h, Name: "remove old images", State: event.Began, VerboseOnly: true})
		r.at(11.4, event.Step{Host: h, Name: "remove old images", State: event.Ignored, VerboseOnly: true})
		r.at(11.4, event.Reached{Host: h, Stage: "finish", Done: "cleaned up"})
	}
	r.at(11.5, event.Note{Host: "vm2", Text: "new host key SHA256:abc"}, event.Warning{Text: "the disk of vm2 is nearly full"})
	r.at(11.6, event.RolloutEnd{
		App: "shop", Again: "mrsk deploy -d staging", Options: "-d staging", Version: "v2", Outcome: event.Live, Routed: true,
		Hosts: hosts, URL: "https://shop.example.com", Back: "v1", Before: []event.Running{{Version: "v1", Hosts: hosts}},
	})
	return r
}

var deployedRun = Run{
	Command: "deploy", App: "shop", Performer: "test@example.com", Tool: "1.2.3", RunURL: "https://ci.example.com/7",
	Began: start, Ended: at(11.6), Headline: "✓ shop v2 serves on vm1, vm2, vm3 · 12 s",
}

// failed tells of a deploy that is rolled back. The step of one host never ended.
func failed() told {
	r := begins()
	for _, h := range hosts {
		r.ran(h, "start container shop-web-v2", 7.1, 7.6)
	}
	for _, h := range hosts {
		r.at(7.6, event.Step{Host: h, Name: "wait until shop-web-v2 is healthy", State: event.Began})
	}
	r.at(7.9, event.Step{Host: "vm1", Name: "wait until shop-web-v2 is healthy", State: event.Done})
	r.at(7.9, event.Reached{Host: "vm1", Stage: "start", Done: "healthy"})
	r.at(9, event.Line{Host: "vm2", Step: "wait until shop-web-v2 is healthy", Stream: "stdout", Text: "no database s3cret"})
	err := errors.New("wait until shop-web-v2 is healthy: GET /up answers 503\nno database s3cret")
	r.at(10, event.Step{Host: "vm2", Name: "wait until shop-web-v2 is healthy", State: event.Failed, Err: err}, event.HostFailed{Host: "vm2", Err: err})
	r.at(10.1, event.Stage{Name: "undo", Hosts: hosts[:2], Undo: true})
	for _, h := range hosts[:2] {
		r.at(10.8, event.Step{Host: h, Name: "start container shop-web-v2", State: event.Undone, Took: 600 * time.Millisecond, Shown: "docker rm shop-web-v2"})
		r.at(10.8, event.Reached{Host: h, Stage: "undo", Done: "rolled back"})
	}
	r.at(11, event.RolloutEnd{
		App: "shop", Again: "mrsk deploy", Version: "v2", Outcome: event.Unclear, Routed: true, Hosts: hosts,
		Unclear: []string{"vm3"}, Before: []event.Running{{Version: "v1", Hosts: hosts}},
	})
	return r
}

var failedRun = Run{
	Command: "deploy", App: "shop", Tool: "1.2.3", Began: start, Ended: at(11), Status: 1,
	Headline: "✗ shop v2 failed; vm3 may run either version; vm1, vm2 serve v1",
	Failure:  "error: vm2: wait until shop-web-v2 is healthy: GET /up answers 503\n  | no database s3cret\nhint: look at vm3\n",
}

// interrupted tells of a rollback that the user ended while hosts logged in.
func interrupted() told {
	r := newTold()
	r.at(0.1, event.Work{Doing: "Rolling back shop", Version: "v1", Hosts: hosts})
	r.waited("vm1", event.Connecting, "", 0.1, 0.4)
	r.at(0.2, event.Step{Name: "hook pre-deploy", State: event.Began})
	r.at(0.9, event.Step{Name: "hook pre-deploy", State: event.Cancelled})
	r.at(1, event.RolloutEnd{App: "shop", Again: "mrsk rollback v1", Version: "v1", Outcome: event.Unchanged, Interrupted: true, Hosts: hosts})
	return r
}

var interruptedRun = Run{Command: "rollback", App: "shop", Began: start, Ended: at(1), Status: 130, Headline: "✗ shop v1 was interrupted", Failure: "error: interrupted\n"}
