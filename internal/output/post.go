package output

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
)

// newClient returns a client for a collector.
func newClient() *http.Client {
	return &http.Client{
		Timeout: requestTime,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: dialTime}).DialContext,
		},
	}
}

// most is how many bytes of an answer are read.
const most = 1 << 16

// post sends a request of OTLP and returns the answer. An answer that is no success is an error.
func post(ctx context.Context, client *http.Client, endpoint string, header http.Header, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, why(ctx, err)
	}
	req.Header = header.Clone()
	req.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(req)
	if err != nil {
		return nil, why(ctx, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, most)) // all of it, so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return nil, errors.New(answer.Status)
	}
	return text, why(ctx, err)
}

// why returns err without the request, whose URL may hold a password, or why the request was ended.
func why(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
