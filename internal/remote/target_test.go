package remote

import (
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTarget(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Target{
		"web":                    {Host: "web"},
		"10.0.0.1":               {Host: "10.0.0.1"},
		"10.0.0.1:2222":          {Host: "10.0.0.1", Port: 2222},
		"deploy@web":             {User: "deploy", Host: "web"},
		"me@corp@web:22":         {User: "me@corp", Host: "web", Port: 22},
		"::1":                    {Host: "::1"},
		"fe80::1%eth0":           {Host: "fe80::1%eth0"},
		"[::1]":                  {Host: "::1"},
		"deploy@[2001:db8::1]:2": {User: "deploy", Host: "2001:db8::1", Port: 2},
	} {
		want.Name = name
		got, err := ParseTarget(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseTarget_refuses_what_is_no_host(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "user@", "web:", "web:ssh", "web:70000", "[::1", "[::1]22", "-oProxyCommand=x",
		"x|sh", "x;y", "a b", "a`b`", "a$(b)", "a\\b", "a\nb", "a\x1bb", "x&y@web", "-l@web", "me -x@web", `me\@web`, "a>b", "{a}", "(a)", "'a'@web",
	} {
		if got, err := ParseTarget(name); err == nil {
			t.Errorf("%q is taken as %+v", name, got)
		}
	}
}

// A host that refuses a connection is up: the port is wrong, or sshd is down.
func TestConnectError_names_the_port_that_is_closed(t *testing.T) {
	t.Parallel()
	e := &ConnectError{Target: Target{Host: "vm1"}, Address: "vm1:2222", Stage: StageConnect, Err: syscall.ECONNREFUSED}
	if want := "nothing listens on port 2222: check ssh/port, and that sshd runs"; e.Hint() != want {
		t.Errorf("%q, want %q", e.Hint(), want)
	}
}

// Nothing can be at an address for documentation: it was left from a sample.
func TestConnectError_names_addresses_for_examples(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"192.0.2.10": true, "198.51.100.1": true, "203.0.113.255": true, "2001:db8::1": true,
		"192.0.3.1": false, "10.0.0.1": false, "example.com": false, "2001:db9::1": false,
	} {
		e := &ConnectError{Target: Target{Host: host}, Stage: StageConnect}
		if got := strings.Contains(e.Hint(), "is an address for examples"); got != want {
			t.Errorf("%s: %q", host, e.Hint())
		}
	}
}
