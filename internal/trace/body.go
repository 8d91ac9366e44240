package trace

import (
	"encoding/json"
	"fmt"
	"slices"

	"mrsk/internal/otlp"
)

// Resource returns the attributes of what sends the spans: of mrsk and the app, and those of OTEL_RESOURCE_ATTRIBUTES and
// OTEL_SERVICE_NAME, which have precedence. The error says what is wrong with the variable.
func (r Run) Resource(getenv func(string) string) ([]otlp.Attribute, error) {
	all := otlp.Attributes(
		"service.name", "mrsk", "service.version", r.Tool, "service.namespace", r.App, "deployment.environment.name", r.Destination,
	)
	pairs, err := otlp.Pairs(getenv("OTEL_RESOURCE_ATTRIBUTES"))
	if err != nil {
		err = fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	if name := getenv("OTEL_SERVICE_NAME"); name != "" {
		pairs = append(pairs, otlp.Pair{Name: "service.name", Value: name})
	}
	for _, pair := range pairs {
		all = slices.DeleteFunc(all, func(a otlp.Attribute) bool { return a.Key == pair.Name })
		all = append(all, otlp.Attributes(pair.Name, r.Hide(pair.Value))...)
	}
	return all, err
}

// atOnce is how many spans a request has at most. Collectors limit the size of requests.
const atOnce = 500

// Bodies returns the requests with spans, as JSON. tool is the version of mrsk.
func Bodies(resource []otlp.Attribute, tool string, spans []otlp.Span) [][]byte {
	var all [][]byte
	for part := range slices.Chunk(spans, atOnce) {
		body, err := json.Marshal(otlp.Traces{ResourceSpans: []otlp.ResourceSpans{{
			Resource:   otlp.Resource{Attributes: resource},
			ScopeSpans: []otlp.ScopeSpans{{Scope: otlp.Scope{Name: "mrsk", Version: tool}, Spans: part}},
		}}})
		if err != nil {
			panic("trace: " + err.Error()) // of strings and numbers
		}
		all = append(all, body)
	}
	return all
}
