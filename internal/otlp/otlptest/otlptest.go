// Package otlptest reads requests with traces as a collector does, by the official definition of the protocol. Only tests
// import it.
package otlptest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// Decode reads a request with traces. It refuses fields that the protocol does not have.
func Decode(body []byte) (*tracepb.TracesData, error) {
	var data any
	if err := json.Unmarshal(body, &data); err != nil {
		return nil, err
	}
	if err := toBase64(data); err != nil {
		return nil, err
	}
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	var traces tracepb.TracesData
	return &traces, protojson.Unmarshal(text, &traces)
}

// toBase64 turns identifiers into the form of protobuf's JSON. In that of OTLP they are hexadecimal.
func toBase64(v any) error {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := toBase64(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if text, ok := v[key].(string); ok && slices.Contains([]string{"traceId", "spanId", "parentSpanId"}, key) {
				id, err := hex.DecodeString(text)
				if err != nil || text != strings.ToLower(text) {
					return fmt.Errorf("%s is %q", key, text)
				}
				v[key] = base64.StdEncoding.EncodeToString(id)
			} else if err := toBase64(v[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Spans returns the spans of requests. It fails for what the protocol forbids, and for a span whose parent is not among them
// or that lasts longer than its parent. outer is the hexadecimal ID of a parent elsewhere, "" if there is none.
func Spans(all []*tracepb.TracesData, outer string) ([]*tracepb.Span, error) {
	var spans []*tracepb.Span
	for _, data := range all {
		for _, r := range data.GetResourceSpans() {
			for _, s := range r.GetScopeSpans() {
				spans = append(spans, s.GetSpans()...)
			}
		}
	}
	byID := map[string]*tracepb.Span{}
	for _, s := range spans {
		if len(s.GetTraceId()) != 16 || len(s.GetSpanId()) != 8 || s.GetName() == "" || byID[string(s.GetSpanId())] != nil {
			return nil, fmt.Errorf("not a span, or there twice: %v", s)
		}
		byID[string(s.GetSpanId())] = s
	}
	for _, s := range spans {
		if err := check(s, byID, outer); err != nil {
			return nil, err
		}
	}
	return spans, nil
}

func check(s *tracepb.Span, byID map[string]*tracepb.Span, outer string) error {
	parent := byID[string(s.GetParentSpanId())]
	switch {
	case parent == nil && hex.EncodeToString(s.GetParentSpanId()) != outer:
		return fmt.Errorf("%s has an unknown parent", s.GetName())
	case s.GetEndTimeUnixNano() < s.GetStartTimeUnixNano():
		return fmt.Errorf("%s ends before it begins", s.GetName())
	case parent != nil && (s.GetStartTimeUnixNano() < parent.GetStartTimeUnixNano() || s.GetEndTimeUnixNano() > parent.GetEndTimeUnixNano()):
		return fmt.Errorf("%s is not within %s", s.GetName(), parent.GetName())
	}
	for _, l := range s.GetLinks() {
		if byID[string(l.GetSpanId())] == nil {
			return fmt.Errorf("a link of %s leads nowhere", s.GetName())
		}
	}
	return nil
}

// Tree returns spans as text, one a line and indented below their parent: name, failure, attributes without those that are
// left out, and names of the spans that it links to.
func Tree(spans []*tracepb.Span, leftOut ...string) string {
	byID := map[string]*tracepb.Span{}
	for _, s := range spans {
		byID[string(s.GetSpanId())] = s
	}
	var out strings.Builder
	for _, s := range spans {
		depth := 0
		for p := byID[string(s.GetParentSpanId())]; p != nil; p = byID[string(p.GetParentSpanId())] {
			depth++
		}
		out.WriteString(strings.Repeat("  ", depth) + s.GetName())
		if s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR {
			fmt.Fprintf(&out, " ERROR(%s)", s.GetStatus().GetMessage())
		}
		out.WriteString(Flat(s.GetAttributes(), leftOut...))
		for _, l := range s.GetLinks() {
			fmt.Fprintf(&out, " -> %s%s", byID[string(l.GetSpanId())].GetName(), Flat(l.GetAttributes()))
		}
		out.WriteString("\n")
	}
	return out.String()
}

// Flat returns attributes as text.
func Flat(all []*commonpb.KeyValue, leftOut ...string) string {
	var out strings.Builder
	for _, a := range all {
		if !slices.Contains(leftOut, a.GetKey()) {
			fmt.Fprintf(&out, " %s=%s", a.GetKey(), value(a.GetValue()))
		}
	}
	return out.String()
}

func value(v *commonpb.AnyValue) string {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return fmt.Sprint(v.BoolValue)
	case *commonpb.AnyValue_IntValue:
		return fmt.Sprint(v.IntValue)
	case *commonpb.AnyValue_DoubleValue:
		return fmt.Sprint(v.DoubleValue)
	}
	return "?"
}
