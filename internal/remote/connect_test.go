package remote

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func TestDirect_retries_the_resolver_and_nothing_else(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		set   int
		tries int
		want  string
	}{
		"resolver":             {&net.DNSError{Err: "server misbehaving", Name: "web", IsTemporary: true}, 0, 4, "look up: lookup web: server misbehaving"},
		"resolver, no retries": {&net.DNSError{Err: "no such host", Name: "web", IsNotFound: true}, -1, 1, "look up: no such host"},
		"refused":              {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, 0, 1, "connect: connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries, notes := 0, 0
				d := NewDialer(Options{
					Timing: Timing{DNSRetries: test.set},
					Hooks:  Hooks{Note: func(string, string) { notes++ }},
				})
				d.tcp = func(context.Context, tcpPath, string) (net.Conn, error) {
					tries++
					return nil, test.err
				}
				_, err := d.Dial(t.Context(), Target{Name: "web", Host: "web"})
				if err == nil || err.Error() != test.want || tries != test.tries || notes != test.tries-1 {
					t.Errorf("%d tries, %d notes, %v", tries, notes, err)
				}
			})
		})
	}
}

func TestBackoff_grows_to_its_limit(t *testing.T) {
	t.Parallel()
	for try := range 60 {
		want := min(100*time.Millisecond<<min(try, 10), 2*time.Second)
		if got := backoff(try, 100*time.Millisecond, 2*time.Second); got < want/2 || got > want {
			t.Errorf("try %d: %s", try, got)
		}
	}
}
