package docker

import (
	"strings"
	"testing"

	"mrsk/internal/config"
)

func TestContainer_start_says_who_has_its_ports(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"8080:80": "8080", "127.0.0.1:5432:5432": "5432", "[::1]:53:5353/udp": "53", "80": "", "8000-8002:80-82": "", "127.0.0.1::80": "",
	} {
		c := Container{Name: "web", Image: "app", Options: []config.Option{{Name: "publish", Values: []string{value}}}}
		_, port, _ := strings.Cut(c.Start().String(), "|| ports_taken ")
		if port = strings.TrimSuffix(port, "; }"); port != want {
			t.Errorf("%s: %q", value, port)
		}
	}
}
