package output

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/otlp"
	"mrsk/internal/redact"
)

// Collector is where traces are sent.
type Collector struct {
	url     string
	headers []header
	gzip    bool
	limit   time.Duration // for all requests together
}

// header is a header of the requests. Its value may be a key of an account.
type header struct {
	name  string
	value redact.String
}

// TracesCollector returns the collector that the standard variables name, nil if they name none or turn traces off. Its
// secrets are also returned if there is an error, which says what is wrong with a variable.
func TracesCollector(getenv func(string) string) (c *Collector, secrets []redact.String, err error) {
	get := func(name string) variable { return variableOf(getenv, name) }
	endpoint := get("ENDPOINT")
	if endpoint.value == "" || tracesAreOff(getenv) {
		return nil, nil, nil
	}
	c = &Collector{gzip: get("COMPRESSION").value == "gzip", limit: limitOf(get("TIMEOUT").value)}
	u, addressErr := addressOf(endpoint)
	c.url = u.String()
	var headersErr error
	c.headers, headersErr = headersOf(get("HEADERS"))
	return c, c.secrets(u), cmp.Or(addressErr, headersErr, protocolErr(get("PROTOCOL").value))
}

// variable is a variable of the environment.
type variable struct {
	name, value string
	forTraces   bool // it is for traces alone
}

// variableOf returns a variable for traces, or else the one for all signals.
func variableOf(getenv func(string) string, name string) variable {
	if value := strings.TrimSpace(getenv("OTEL_EXPORTER_OTLP_TRACES_" + name)); value != "" {
		return variable{"OTEL_EXPORTER_OTLP_TRACES_" + name, value, true}
	}
	return variable{"OTEL_EXPORTER_OTLP_" + name, strings.TrimSpace(getenv("OTEL_EXPORTER_OTLP_" + name)), false}
}

// tracesAreOff reports whether a variable turns traces off, or names other exporters only.
func tracesAreOff(getenv func(string) string) bool {
	exporters := strings.ReplaceAll(cmp.Or(getenv("OTEL_TRACES_EXPORTER"), "otlp"), " ", "")
	return strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || !slices.Contains(strings.Split(exporters, ","), "otlp")
}

// addressOf returns where traces go. The error does not quote the variable, because it may hold a password.
func addressOf(v variable) (*url.URL, error) {
	u, err := url.Parse(v.value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return &url.URL{}, fmt.Errorf("%s is not an address such as http://localhost:4318", v.name)
	}
	if v.forTraces {
		return u, nil
	}
	return u.JoinPath("v1", "traces"), nil
}

func protocolErr(protocol string) error {
	if protocol == "grpc" {
		return errors.New("the protocol grpc is not supported: set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL to http/json, and the endpoint to the port for HTTP, such as 4318")
	}
	return nil
}

// limitOf returns the time for all requests, of a number of milliseconds.
func limitOf(millis string) time.Duration {
	n, err := strconv.Atoi(millis)
	if err != nil || n <= 0 || n > int(endTime.Milliseconds()) {
		return endTime
	}
	return time.Duration(n) * time.Millisecond
}

var (
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	headerValue = regexp.MustCompile(`^[\t\x20-\x7e\x80-\xff]*$`)
)

func headersOf(v variable) ([]header, error) {
	pairs, err := otlp.Pairs(v.value)
	if err != nil {
		return unreadable(v.value), fmt.Errorf("%s: %w", v.name, err)
	}
	var all []header
	for i, p := range pairs {
		if !headerName.MatchString(p.Name) || !headerValue.MatchString(p.Value) {
			err = fmt.Errorf("%s: entry %d is not a header", v.name, i+1)
		}
		all = append(all, header{p.Name, redact.New(p.Value)})
	}
	return all, err
}

// unreadable returns headers that are never sent, with all that may be a secret in a list that is wrong.
func unreadable(list string) []header {
	var all []header
	for entry := range strings.SplitSeq(list, ",") {
		_, value, _ := strings.Cut(entry, "=")
		all = append(all, header{value: redact.New(value)}, header{value: redact.New(entry)})
	}
	return all
}

// credential matches names of headers and parameters whose values are secrets, however short.
var credential = regexp.MustCompile(`(?i)auth|key|token|secret|pass|cookie|credential|team`)

// alwaysSecret is how many bytes a value has that is a secret whatever its name is. Shorter ones, such as a
// tenant or the name of an app, stand in much that is shown.
const alwaysSecret = 20

// isSecret reports whether a value is to be hidden. One without a name may be anything.
func isSecret(name, value string) bool {
	return name == "" || credential.MatchString(name) || len(value) >= alwaysSecret
}

// secrets are the values of headers, their words such as a token after "Bearer", and what may be one in the address: its
// password, a user without one, and values of its query.
func (c *Collector) secrets(u *url.URL) []redact.String {
	var all []redact.String
	for _, h := range c.headers {
		if !isSecret(h.name, h.value.Reveal()) {
			continue
		}
		all = append(all, h.value)
		if words := strings.Fields(h.value.Reveal()); len(words) > 1 {
			all = append(all, redact.New(words[len(words)-1]))
		}
	}
	password, found := u.User.Password()
	all = append(all, redact.New(password))
	if !found {
		all = append(all, redact.New(u.User.Username()))
	}
	for name, values := range u.Query() {
		for _, v := range values {
			if isSecret(name, v) {
				all = append(all, redact.New(v))
			}
		}
	}
	return slices.DeleteFunc(all, func(s redact.String) bool { return s.Reveal() == "" })
}

// String returns the address without its user, password and query.
func (c *Collector) String() string {
	u, err := url.Parse(c.url)
	if err != nil {
		return "the collector"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// Send sends the bodies of requests one after the other. It takes five seconds at most.
func (c *Collector) Send(ctx context.Context, bodies [][]byte) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.limit, fmt.Errorf("it did not take everything within %s", c.limit))
	defer cancel()
	client := newClient()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // headers are secrets
	defer client.CloseIdleConnections()
	for _, body := range bodies {
		answer, err := c.post(ctx, client, body)
		if err == nil {
			err = rejected(answer)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Collector) post(ctx context.Context, client *http.Client, body []byte) ([]byte, error) {
	h := http.Header{}
	for _, one := range c.headers {
		h.Add(one.name, one.value.Reveal())
	}
	if c.gzip {
		h.Set("Content-Encoding", "gzip")
		body = zipped(body)
	}
	return post(ctx, client, c.url, h, body)
}

func zipped(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// rejected returns an error if an answer says that spans were not taken.
func rejected(answer []byte) error {
	var said struct {
		Partial struct {
			Spans   json.RawMessage `json:"rejectedSpans"` // a number, as a string or not
			Message string          `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	n := 0
	if json.Unmarshal(answer, &said) == nil {
		n, _ = strconv.Atoi(strings.Trim(string(said.Partial.Spans), `"`))
	}
	if n <= 0 {
		return nil
	}
	return fmt.Errorf("it rejects %d spans: %.200q", n, said.Partial.Message)
}
