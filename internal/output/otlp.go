package output

import (
	"encoding/json"
	"fmt"
	"slices"

	"mrsk/internal/otlp"
)

type logsData struct {
	ResourceLogs []resourceLogs `json:"resourceLogs"`
}

type resourceLogs struct {
	Resource  otlp.Resource `json:"resource"`
	ScopeLogs []scopeLogs   `json:"scopeLogs"`
}

type scopeLogs struct {
	Scope      otlp.Scope  `json:"scope"`
	LogRecords []logRecord `json:"logRecords"`
}

type logRecord struct {
	Time           string           `json:"timeUnixNano"`
	Observed       string           `json:"observedTimeUnixNano"`
	SeverityNumber severity         `json:"severityNumber"`
	SeverityText   string           `json:"severityText"`
	EventName      string           `json:"eventName,omitempty"`
	Body           otlp.Value       `json:"body"`
	Attributes     []otlp.Attribute `json:"attributes,omitempty"`
	TraceID        string           `json:"traceId,omitempty"`
	SpanID         string           `json:"spanId,omitempty"`
}

// encode returns the body of a request with records of a run.
func (r Run) encode(id string, records []record) ([]byte, error) {
	logs := make([]logRecord, len(records))
	for i, rec := range records {
		logs[i] = r.encoded(id, rec)
	}
	return json.Marshal(logsData{[]resourceLogs{{
		Resource: otlp.Resource{Attributes: otlp.Attributes(
			"service.name", "mrsk", "service.version", r.Tool, "service.namespace", r.Service,
			"deployment.environment.name", r.Destination,
			"mrsk.run_id", id, "mrsk.performer", r.Performer, "mrsk.deploy_version", r.Version,
		)},
		ScopeLogs: []scopeLogs{{Scope: otlp.Scope{Name: "mrsk", Version: r.Tool}, LogRecords: logs}},
	}}})
}

func (r Run) encoded(id string, rec record) logRecord {
	at := otlp.Nanos(rec.at)
	out := logRecord{
		Time: at, Observed: at, SeverityNumber: rec.severity, SeverityText: severityNames[rec.severity],
		Body: otlp.Text(rec.text), Attributes: otlp.Attributes("server.address", rec.host, "log.iostream", rec.stream),
		TraceID: r.TraceID, SpanID: r.SpanID,
	}
	if rec.name != "" {
		out.EventName = "mrsk." + rec.name
		out.Attributes = r.ofEvent(id, rec)
	}
	return out
}

// deployments are the commands that collectors show as deployments.
var deployments = []string{"setup", "deploy", "redeploy", "rollback"}

func (r Run) ofEvent(id string, rec record) []otlp.Attribute {
	all := otlp.Attributes("mrsk.command", r.Command)
	status := map[string]string{"complete": "succeeded", "failed": "failed"}[rec.name]
	if status != "" {
		all = append(all, otlp.Number("mrsk.runtime", rec.took.Seconds()))
	}
	if rec.err != nil {
		all = append(all, otlp.Attributes("exception.type", fmt.Sprintf("%T", rec.err), "exception.message", rec.text)...)
	}
	if slices.Contains(deployments, r.Command) {
		all = append(all, otlp.Attributes("deployment.id", id, "deployment.name", r.Command+" "+r.Service, "deployment.status", status)...)
	}
	return all
}
