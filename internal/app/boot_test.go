package app

import (
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/facts"
)

func TestStopFirst_says_what_cannot_exist_twice(t *testing.T) {
	t.Parallel()
	old := []facts.Container{{ID: "old", Role: "web", State: "running"}}
	option := func(name string, values ...string) []config.Option {
		return []config.Option{{Name: name, Values: values}}
	}
	const port = "it publishes port 8080 of the host"
	tests := map[string]struct {
		options []config.Option
		order   config.Order
		first   bool // no container runs yet
		want    string
	}{
		"nothing special":            {},
		"a fixed port":               {options: option("publish", "8080:80"), want: port},
		"in short":                   {options: option("p", "8080:80"), want: port},
		"of one address":             {options: option("publish", "127.0.0.1:8080:80/udp"), want: port},
		"of an IPv6 address":         {options: option("publish", "[::1]:8080:80"), want: port},
		"a free port":                {options: option("publish", "80")},
		"a free port of one address": {options: option("publish", "127.0.0.1::80")},
		"a free port, then a fixed":  {options: option("publish", "127.0.0.1::80", "8080:81"), want: port},
		"the host's network":         {options: option("network", "host"), want: "it uses the host's network"},
		"another network":            {options: option("network", "backend")},
		"by order":                   {order: config.StopFirst, want: "boot.order is stop_first"},
		"against better knowledge":   {options: option("publish", "8080:80"), order: config.StartFirst},
		"nothing to stop":            {options: option("publish", "8080:80"), order: config.StopFirst, first: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := Boot{Role: config.Role{Name: "web", Options: tt.options, Order: tt.order}, Host: facts.Host{Containers: old}}
			if tt.first {
				b.Host.Containers = nil
			}
			if got := b.StopFirst(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
