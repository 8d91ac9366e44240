package otlp

// Traces is the body of a request with spans.
type Traces struct {
	ResourceSpans []ResourceSpans `json:"resourceSpans"`
}

// ResourceSpans are the spans of a resource.
type ResourceSpans struct {
	Resource   Resource     `json:"resource"`
	ScopeSpans []ScopeSpans `json:"scopeSpans"`
}

// ScopeSpans are the spans of a scope.
type ScopeSpans struct {
	Scope Scope  `json:"scope"`
	Spans []Span `json:"spans"`
}

// Span is a work that took some time.
type Span struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	State      string      `json:"traceState,omitempty"`
	Parent     string      `json:"parentSpanId,omitempty"`
	Flags      uint32      `json:"flags"`
	Name       string      `json:"name"`
	Kind       int         `json:"kind"` // Internal
	Start      string      `json:"startTimeUnixNano"`
	End        string      `json:"endTimeUnixNano"`
	Attributes []Attribute `json:"attributes,omitempty"`
	Links      []Link      `json:"links,omitempty"`
	Status     *Status     `json:"status,omitempty"`
}

// Internal is the kind of a span that neither serves nor asks another program.
const Internal = 1

// Flags of spans and links: the lower byte has those of the W3C trace context.
const (
	Sampled    = 0x001
	KnowsIfFar = 0x100 // IsFar says something
	IsFar      = 0x200 // the parent is in another program
)

// Link refers to another span.
type Link struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	Attributes []Attribute `json:"attributes,omitempty"`
	Flags      uint32      `json:"flags"`
}

// Status tells that a span failed.
type Status struct {
	Code    int    `json:"code"` // 2 is an error
	Message string `json:"message,omitempty"`
}

// Failed returns the status of a span that failed.
func Failed(message string) *Status { return &Status{Code: 2, Message: message} }
