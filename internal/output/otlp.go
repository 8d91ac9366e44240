package output

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// The types below are OTLP's JSON form of logs, as far as it is used here. Numbers of 64 bits are
// strings in it.

type logsData struct {
	ResourceLogs []resourceLogs `json:"resourceLogs"`
}

type resourceLogs struct {
	Resource  resource    `json:"resource"`
	ScopeLogs []scopeLogs `json:"scopeLogs"`
}

type resource struct {
	Attributes []attribute `json:"attributes"`
}

type scopeLogs struct {
	Scope      scope       `json:"scope"`
	LogRecords []logRecord `json:"logRecords"`
}

type scope struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type logRecord struct {
	Time           string      `json:"timeUnixNano"`
	Observed       string      `json:"observedTimeUnixNano"`
	SeverityNumber severity    `json:"severityNumber"`
	SeverityText   string      `json:"severityText"`
	EventName      string      `json:"eventName,omitempty"`
	Body           anyValue    `json:"body"`
	Attributes     []attribute `json:"attributes,omitempty"`
}

type attribute struct {
	Key   string   `json:"key"`
	Value anyValue `json:"value"`
}

type anyValue struct {
	String *string  `json:"stringValue,omitempty"`
	Double *float64 `json:"doubleValue,omitempty"`
}

func text(s string) anyValue { return anyValue{String: &s} }

// attributes returns attributes from pairs of names and texts. It leaves out empty texts.
func attributes(pairs ...string) []attribute {
	var out []attribute
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			out = append(out, attribute{pair[0], text(pair[1])})
		}
	}
	return out
}

// encode returns the body of a request with records of a run.
func (r Run) encode(id string, records []record) ([]byte, error) {
	logs := make([]logRecord, len(records))
	for i, rec := range records {
		logs[i] = r.encoded(id, rec)
	}
	return json.Marshal(logsData{[]resourceLogs{{
		Resource: resource{attributes(
			"service.name", "mrsk", "service.version", r.Tool, "service.namespace", r.Service,
			"deployment.environment.name", r.Destination,
			"mrsk.run_id", id, "mrsk.performer", r.Performer, "mrsk.deploy_version", r.Version,
		)},
		ScopeLogs: []scopeLogs{{Scope: scope{Name: "mrsk", Version: r.Tool}, LogRecords: logs}},
	}}})
}

func (r Run) encoded(id string, rec record) logRecord {
	at := strconv.FormatInt(rec.at.UnixNano(), 10)
	out := logRecord{
		Time: at, Observed: at, SeverityNumber: rec.severity, SeverityText: severityNames[rec.severity],
		Body: text(rec.text), Attributes: attributes("server.address", rec.host, "log.iostream", rec.stream),
	}
	if rec.name != "" {
		out.EventName = "mrsk." + rec.name
		out.Attributes = r.ofEvent(id, rec)
	}
	return out
}

// deployments are the commands that collectors show as deployments.
var deployments = []string{"setup", "deploy", "redeploy", "rollback"}

func (r Run) ofEvent(id string, rec record) []attribute {
	all := attributes("mrsk.command", r.Command)
	status := map[string]string{"complete": "succeeded", "failed": "failed"}[rec.name]
	if status != "" {
		took := rec.took.Seconds()
		all = append(all, attribute{"mrsk.runtime", anyValue{Double: &took}})
	}
	if rec.err != nil {
		all = append(all, attributes("exception.type", fmt.Sprintf("%T", rec.err), "exception.message", rec.text)...)
	}
	if slices.Contains(deployments, r.Command) {
		all = append(all, attributes("deployment.id", id, "deployment.name", r.Command+" "+r.Service, "deployment.status", status)...)
	}
	return all
}
