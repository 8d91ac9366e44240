package config

import (
	"slices"
	"strings"
	"testing"
)

func TestBuffering(t *testing.T) {
	t.Parallel()
	usual := Buffering{Memory: 1 << 20, MaxRequest: 1 << 30, requests: true, responses: true}
	small := usual
	small.Memory, small.MaxRequest, small.MaxResponse = 4096, 1000, 2000
	for text, want := range map[string]*Buffering{
		"{}":                              nil,
		"{buffering: {}}":                 &usual,
		"{buffering: {requests: true}}":   &usual,
		"{buffering: {requests: false}}":  nil,
		"{buffering: {responses: false}}": nil,
		"{buffering: {requests: false, responses: false, max_request_body: 9}}":        nil,
		"{buffering: {memory: 4096, max_request_body: 1000, max_response_body: 2000}}": &small,
	} {
		c := load(t, minimal+"proxy: "+text+"\n")
		got := c.Roles[0].Proxy.Buffering
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}

func TestProxyRunOn_keeps_the_headers_of_all_roles_of_a_host(t *testing.T) {
	t.Parallel()
	c := load(t, `service: app
image: org/app
registry: {username: u, password: [P]}
servers:
  web: {hosts: [h1, h2], proxy: {host: a, logging: {request_headers: [X-Id], response_headers: [X-Runtime]}}}
  admin: {hosts: [h1], proxy: {host: b, logging: {}}}
  plain: {hosts: [h3], proxy: {host: c}}
`)
	for host, want := range map[string]string{
		"h1": "Cache-Control Last-Modified User-Agent X-Id X-Runtime", "h2": "X-Id X-Runtime", "h3": "",
	} {
		if got := c.ProxyRunOn(host).LogHeaders; strings.Join(got, " ") != want || (got == nil) != (want == "") {
			t.Errorf("%s logs %q", host, got)
		}
	}
	narrow, err := c.Select(Selection{Roles: []string{"admin"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := narrow.Project.ProxyRunOn("h1").LogHeaders; !slices.Contains(got, "X-Id") {
		t.Errorf("a run for one role forgets what another asks for: %q", got)
	}
}
