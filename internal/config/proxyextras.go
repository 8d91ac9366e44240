package config

import (
	"regexp"
	"slices"
	"strings"
)

var bufferingSection = section[Buffering]{
	name: "proxy/buffering",
	doc: `Buffering: the proxy reads a whole request or response before it passes it on. Without the section nothing is
buffered or limited. The proxy buffers both or neither: if only one of requests and responses is on, neither is buffered.`,
	fields: []field[Buffering]{
		{"requests", "boolean", "", "Buffer requests.", boolean(func(b *Buffering) *bool { return &b.requests })},
		{"responses", "boolean", "", "Buffer responses.", boolean(func(b *Buffering) *bool { return &b.responses })},
		{"memory", "integer", "", "Bytes of a body to keep in memory; the rest is written to a file.", intAtLeast(0, func(b *Buffering) *int { return &b.Memory })},
		{"max_request_body", "integer", "", "Maximum size of a request body in bytes; a larger one gets 413. 0 means no limit.", intAtLeast(0, func(b *Buffering) *int { return &b.MaxRequest })},
		{"max_response_body", "integer", "", "Maximum size of a response body in bytes; a larger one gets 500. 0 means no limit.", intAtLeast(0, func(b *Buffering) *int { return &b.MaxResponse })},
	},
}

func readBuffering(v value, p *proxyFile) {
	b := Buffering{requests: true, responses: true, Memory: 1 << 20, MaxRequest: 1 << 30}
	bufferingSection.read(v, &b)
	switch {
	case b.requests && b.responses:
		p.Buffering = &b
	case b.requests != b.responses:
		v.lost("the proxy can only buffer both requests and responses; as one of them is off, neither is buffered%s", unlimited(v))
	}
}

// unlimited names the limits of a section that buffers nothing.
func unlimited(v value) string {
	var limits []string
	for _, key := range []string{"max_request_body", "max_response_body"} {
		if n, ok := v.at(key).number(); ok && n > 0 {
			limits = append(limits, key)
		}
	}
	if len(limits) == 0 {
		return ""
	}
	return ", and " + strings.Join(limits, " and ") + " limits nothing; turn both on to limit bodies"
}

var proxyLoggingSection = section[proxyFile]{
	name: "proxy/logging",
	doc: `The access log of the proxy, in JSON; see mrsk proxy logs. If one app of a host has this section, the requests of all
apps there are logged, with the headers that any of them names.`,
	fields: []field[proxyFile]{
		{"request_headers", "array of strings", strings.Join(defaultLogHeaders, ", "), "Request headers to log.", readLogHeaders},
		{"response_headers", "array of strings", "", "Response headers to log.", readLogHeaders},
	},
}

// defaultLogHeaders is the default of proxy/logging/request_headers.
var defaultLogHeaders = []string{"Cache-Control", "Last-Modified", "User-Agent"}

var headerName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func readLogHeaders(v value, p *proxyFile) {
	items, _ := v.array()
	for _, item := range items {
		name, ok := item.word()
		if ok && !headerName.MatchString(name) {
			item.problem("%q is not a header name", name)
		}
		p.LogHeaders = append(p.LogHeaders, name)
	}
}

func readProxyLogging(v value, p *proxyFile) {
	p.LogHeaders = []string{}
	proxyLoggingSection.read(v, p)
	if v.Get("request_headers") == nil {
		p.LogHeaders = append(p.LogHeaders, defaultLogHeaders...)
	}
}

// Logging returns the settings with an access log that has these headers, too. With nil headers it
// returns them unchanged.
func (r ProxyRun) Logging(headers []string) ProxyRun {
	if headers == nil {
		return r
	}
	r.LogHeaders = slices.Concat([]string{}, r.LogHeaders, headers)
	slices.Sort(r.LogHeaders)
	r.LogHeaders = slices.Compact(r.LogHeaders)
	return r
}
