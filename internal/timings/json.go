package timings

import (
	"math"
	"time"

	"mrsk/internal/event"
)

// Version is the version of the JSON form. It changes when a field is removed or gets another meaning.
const Version = 1

// Document is a Report in its JSON form, which docs/timings.md describes.
type Document struct {
	Version int        `json:"version"` // the constant Version
	Command string     `json:"command"`
	Seconds float64    `json:"seconds"` // that the command took
	Path    []jsonLeg  `json:"critical_path"`
	Steps   []jsonStep `json:"steps"`
}

type jsonLeg struct {
	Host    string  `json:"host"`
	Kind    string  `json:"kind"`
	Step    string  `json:"step,omitempty"`
	State   string  `json:"state,omitempty"`
	Seconds float64 `json:"seconds"`
}

type jsonStep struct {
	Host       string  `json:"host"`
	Step       string  `json:"step"`
	State      string  `json:"state"`
	Began      float64 `json:"began_seconds"`
	Queued     float64 `json:"queued_seconds"`
	Connecting float64 `json:"connecting_seconds"`
	Sent       float64 `json:"sent_seconds"`
	AtGate     float64 `json:"gate_seconds"`
	Gate       string  `json:"gate,omitempty"`
	Ran        float64 `json:"ran_seconds"`
}

// Document returns the JSON form of the report on a command, such as "app boot".
func (r Report) Document(command string) Document {
	d := Document{Version: Version, Command: command, Seconds: number(r.Took), Path: []jsonLeg{}, Steps: []jsonStep{}}
	for _, l := range r.Path {
		kind := l.Kind
		if kind == "" {
			kind = "other"
		}
		d.Path = append(d.Path, jsonLeg{Host: l.Host, Kind: string(kind), Step: l.Name, State: string(l.State), Seconds: number(l.Took)})
	}
	for _, s := range r.Steps {
		d.Steps = append(d.Steps, s.json())
	}
	return d
}

func (s Step) json() jsonStep {
	waited := func(w event.Wait) float64 { return number(s.Waited[Kind(w)]) }
	return jsonStep{
		Host: s.Host, Step: s.Name, State: string(s.State), Began: number(s.Began),
		Queued: waited(event.Queued), Connecting: waited(event.Connecting), Sent: waited(event.Sent), AtGate: waited(event.AtGate),
		Gate: s.Gate, Ran: number(s.Ran),
	}
}

// number returns seconds with three decimals.
func number(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
