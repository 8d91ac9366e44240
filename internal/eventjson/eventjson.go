// Package eventjson is the JSON form of events, for programs that follow a command: one object per event, its
// JSON Schema, and its description.
package eventjson

import (
	"encoding/json"
	"math"
	"reflect"
	"time"

	"mrsk/internal/event"
)

// Version is the version of the JSON form. It changes when a type or a field is removed or gets another meaning.
const Version = 1

// head begins each object.
type head struct {
	Version int    `json:"version" doc:"of this form, 1; new fields and types do not change it"`
	Type    string `json:"type" doc:"of the event"`
	Time    string `json:"time" doc:"when it happened, as in RFC 3339, in UTC"`
}

// Encode returns an event as a line of JSON with its line end. hide returns text without secrets. Events without a
// JSON form return nil.
func Encode(e event.Event, at time.Time, hide func(string) string) []byte {
	name, body := form(e)
	if body == nil {
		return nil
	}
	hidden := reflect.New(reflect.TypeOf(body)).Elem()
	hidden.Set(reflect.ValueOf(body))
	hideIn(hidden, hide)
	return line(name, at, hidden.Interface())
}

// line joins the head and the fields of an event.
func line(name string, at time.Time, body any) []byte {
	first, err := json.Marshal(head{Version, name, at.UTC().Format("2006-01-02T15:04:05.000Z")})
	if err != nil {
		panic("eventjson: " + err.Error()) // of strings and numbers
	}
	rest, err := json.Marshal(body)
	if err != nil {
		panic("eventjson: " + err.Error())
	}
	if len(rest) > len("{}") {
		first = append(append(first[:len(first)-1], ','), rest[1:]...)
	}
	return append(first, '\n')
}

// hideIn hides secrets in the strings of a struct, those in lists included.
func hideIn(v reflect.Value, hide func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hide(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			hideIn(v.Field(i), hide)
		}
	case reflect.Slice:
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len()) // the event keeps its own
		reflect.Copy(copied, v)
		for i := range copied.Len() {
			hideIn(copied.Index(i), hide)
		}
		v.Set(copied)
	}
}

// form returns the type and the fields of an event; nil if it has no JSON form.
func form(e event.Event) (name string, body any) {
	switch e := e.(type) {
	case event.Work:
		return "work", work{e.Doing, e.Version, e.Subject, list(e.Was), list(e.Hosts)}
	case event.Build:
		return "build", build{string(e.State), seconds(e.Took), e.Size, e.Added}
	case event.Stage:
		return "stage", stage{e.Name, list(e.Hosts), e.Together, e.Undo}
	case event.Reached:
		return "reached", reached{e.Host, e.Stage, e.Done, seconds(e.Took), e.Sent}
	case event.HostFailed:
		return "host_failed", hostFailed{e.Host, text(e.Err)}
	case event.Step:
		return "step", step{e.Host, e.Name, string(e.State), seconds(e.Took), text(e.Err), e.VerboseOnly}
	case event.Probe:
		return "probe", probe{e.Host, e.Step, e.Answer, seconds(e.Limit)}
	case event.RolloutEnd:
		return "rollout_end", end(e)
	}
	return detail(e)
}

// detail is form for events that say less about the whole.
func detail(e event.Event) (name string, body any) {
	switch e := e.(type) {
	case event.Waiting:
		return "waiting", waiting{e.Host, string(e.For)}
	case event.Waited:
		return "waited", waited{e.Host, string(e.For), e.Gate, seconds(e.Took)}
	case event.Progress:
		return "progress", progress{e.Host, e.Step, e.Sent, e.Of, e.Rate}
	case event.Line:
		return "line", outputLine{e.Host, e.Step, e.Stream, e.Text}
	case event.Section:
		return "section", section{e.Text}
	case event.Note:
		return "note", note{e.Host, e.Text}
	case event.Warning:
		return "warning", note{e.Host, e.Text}
	case Log:
		return "log", logLine{e.Host, e.Role, moment(e.At), e.Text}
	case Exit:
		return "exit", exit{e.Status, e.Report}
	}
	return "", nil
}

func end(e event.RolloutEnd) rolloutEnd {
	before := []running{}
	for _, r := range e.Before {
		before = append(before, running{r.Version, list(r.Hosts)})
	}
	return rolloutEnd{
		e.App, e.Version, string(e.Outcome), e.Interrupted, list(e.Hosts), seconds(e.Took), e.URL, e.Back, list(e.Unclear), before,
	}
}

// list returns an empty list in place of none.
func list(texts []string) []string { return append([]string{}, texts...) }

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// moment returns a time with all its digits, "" for the zero time.
func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// seconds returns seconds with three decimals.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
