// Package page answers requests in the place of an app that is in maintenance. It is a plugin of
// Traefik, which interprets this file inside the proxy: it stands on the standard library alone.
package page

import (
	"bytes"
	"context"
	"html/template"
	"io"
	"net/http"
	"os"
	"strconv"
)

// Config is what the middleware is told by a route file.
type Config struct {
	Status  int      // of every answer
	File    string   // with the app's own page; "" without one
	Message string   // for {{ .Message }}, escaped
	Health  []string // paths that answer 200: a load balancer in front must not give the host up
}

// CreateConfig returns what holds unless a route file says otherwise.
func CreateConfig() *Config { return &Config{Status: http.StatusServiceUnavailable} }

// New makes a handler that answers every request with the page, but those for a health path, and
// never calls next. The page is the plain one where the app's own is not there or is no template.
func New(_ context.Context, _ http.Handler, config *Config, _ string) (http.Handler, error) {
	text, err := os.ReadFile(config.File)
	body, renderErr := Render(string(text), config.Message)
	if err != nil || renderErr != nil {
		body, _ = Render(plain, config.Message)
	}
	status, length := config.Status, strconv.Itoa(len(body))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if healthy(config, r) {
			w.WriteHeader(http.StatusOK)
			return
		}
		if r.Header.Get("Expect") == "" {
			_, _ = io.Copy(io.Discard, r.Body) // whose upload is cut off sees no page
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", length)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}), nil
}

// healthy reports whether somebody asks for the state of the app, not for the app.
func healthy(config *Config, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	//nolint:modernize // Traefik's interpreter does not have package slices
	for _, path := range config.Health {
		if r.URL.Path == path {
			return true
		}
	}
	return false
}

// Render fills a page in. The error is that of a page which is no template.
func Render(text, message string) ([]byte, error) {
	page, err := template.New("page").Parse(text)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	err = page.Execute(&body, map[string]string{"Message": message})
	return body.Bytes(), err
}

const plain = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Down for maintenance</title>
<style>body { font: 1.1em/1.5 system-ui, sans-serif; margin: 20vh auto; max-width: 30em; padding: 0 1em; text-align: center }</style>
<h1>Down for maintenance</h1>
<p>{{ or .Message "We will be back soon." }}</p>
`
