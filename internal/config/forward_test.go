package config

import (
	"slices"
	"strings"
	"testing"
)

// Whom an app believes is what the file says, in the words of today or of an older Traefik section:
// never more than that.
func TestForwardHeaders(t *testing.T) {
	t.Parallel()
	const entry = "traefik: {args: {entryPoints.http.forwardedHeaders."
	for text, want := range map[string]string{
		"proxy: {}":                                                           "unset",
		"proxy: {forward_headers: true}":                                      "true",
		"proxy: {forward_headers: false}":                                     "false",
		"proxy: {forward_headers: []}":                                        "false",
		"proxy: {forward_headers: [192.0.2.7]}":                               "true 192.0.2.7/32",
		entry + "insecure: false}}":                                           "false",
		entry + "insecure: true}}":                                            "true",
		entry + "trustedIPs: 192.0.2.0/24}}":                                  "true 192.0.2.0/24",
		entry + "trustedIPs: 192.0.2.0/24}}\nproxy: {forward_headers: false}": "false",
		entry + "trustedIPs: 192.0.2.0/24, entryPoints.https.forwardedHeaders.trustedIPs: 198.51.100.1}}": "true 192.0.2.0/24 198.51.100.1/32",
		entry + "trustedIPs: 192.0.2.0/24, entryPoints.http.forwardedHeaders.insecure: false}}":           "true 192.0.2.0/24",
		entry + "insecure: false, entryPoints.https.forwardedHeaders.insecure: true}}":                    "true",
		entry + "insecure: true, entryPoints.https.forwardedHeaders.insecure: false}}":                    "true",
	} {
		p := load(t, minimal+text+"\n").Roles[0].Proxy
		got := "unset"
		if p.ForwardHeaders != nil {
			got = map[bool]string{true: "true", false: "false"}[*p.ForwardHeaders]
		}
		if got = strings.Join(slices.Concat([]string{got}, p.TrustedIPs), " "); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
