package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/redact"
	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// crowd does 100 logins of a second each with l and returns the highest number of concurrent ones.
func crowd(t *testing.T, l *limiter, address func(i int) string, outcome error) int {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	active, most := 0, 0
	change := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		active += by
		most = max(most, active)
	}
	for i := range 100 {
		all.Go(func() {
			done, err := l.acquire(t.Context(), address(i))
			if err != nil {
				t.Error(err)
				return
			}
			change(1)
			time.Sleep(time.Second)
			change(-1)
			done(outcome)
		})
	}
	all.Wait()
	return most
}

func TestLimiter_bounds_logins(t *testing.T) {
	apart := func(i int) string { return fmt.Sprintf("10.0.0.%d:22", i) }
	together := func(int) string { return "10.0.0.1:22" }
	busy := &remote.ConnectError{Stage: remote.StageBanner, Err: io.EOF}
	for name, test := range map[string]struct {
		address       func(int) string
		outcome       error
		first, second int
	}{
		"on many machines":               {apart, nil, 30, 30},
		"on one machine":                 {together, nil, perAddress, perAddress},
		"on one machine with many names": {apart, busy, 30, perAddress},
		"failing otherwise":              {apart, errors.New("refused"), 30, 30},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(30)
				first := crowd(t, l, test.address, test.outcome)
				second := crowd(t, l, test.address, nil)
				if first != test.first || second != test.second {
					t.Errorf("at most %d, then %d; want %d, %d", first, second, test.first, test.second)
				}
			})
		})
	}
}

func TestLimiter_wait_ends_with_the_context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		if _, err := l.acquire(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.acquire(ctx, "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
	})
}

// The server drops the eleventh login that is under way at once, as sshd's MaxStartups does.
func TestEach_reaches_many_users_of_one_busy_server(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t, testhost.MaxStartups(10))
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprintf("user%d@%s", i, srv.Addr()))
	}
	f := New(Options{Hosts: names, Remote: srv.Options()})
	defer f.Close()
	if err := f.Each(t.Context(), names, func(context.Context, remote.Host) error { return nil }); err != nil {
		t.Error(err)
	}
	if n := srv.Counts(); n.Logins != 40 || n.Connections != 40 {
		t.Errorf("%+v", n)
	}
}

func TestHost_is_tried_again_after_a_failure(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	f := New(Options{Hosts: []string{srv.Addr()}, Remote: srv.Options()})
	defer f.Close()
	srv.RefuseLogins(true)
	var failed *remote.ConnectError
	if _, err := f.Host(t.Context(), srv.Addr()); !errors.As(err, &failed) {
		t.Fatalf("err = %v", err)
	}
	srv.RefuseLogins(false)
	if _, err := f.Host(t.Context(), srv.Addr()); err != nil {
		t.Error(err)
	}
}

func TestRemoteOptions(t *testing.T) {
	t.Parallel()
	secrets := config.NewSecrets(map[string]redact.String{"SSH_KEY": redact.New("pem")})
	for name, test := range map[string]struct {
		ssh  config.SSH
		want remote.Options
	}{
		"nothing set": {config.SSH{User: "root"}, remote.Options{Login: remote.Login{DefaultUser: "root"}}},
		"all set": {
			config.SSH{
				User: "app", UserSet: true, Port: 2222, Proxy: "bastion", Keys: []string{"~/.ssh/k"},
				KeysOnly: true, KeyData: []config.SecretRef{{Key: "SSH_KEY"}, {Text: redact.New("text")}}, Config: []string{"c"}, ForwardAgent: true, ForwardAgentSet: true,
			},
			remote.Options{
				Login: remote.Login{User: "app", DefaultUser: "root", Port: 2222},
				Keys:  remote.Keys{Files: []string{"~/.ssh/k"}, Data: []redact.String{redact.New("pem"), redact.New("text")}, Only: true, ForwardAgent: remote.ForwardUnlessForbidden},
				Via:   remote.Via{Jump: "bastion"},
				Files: remote.Files{Paths: []string{"c"}},
			},
		},
		"agent forbidden": {
			config.SSH{User: "root", ForwardAgentSet: true},
			remote.Options{Login: remote.Login{DefaultUser: "root"}, Keys: remote.Keys{ForwardAgent: remote.ForwardNever}},
		},
		"no configuration": {
			config.SSH{User: "root", NoConfig: true, ProxyCommand: "nc %h %p"},
			remote.Options{
				Login: remote.Login{DefaultUser: "root"}, Via: remote.Via{Command: "nc %h %p"},
				Files: remote.Files{None: true},
			},
		},
	} {
		got := RemoteOptions(test.ssh, secrets, remote.Local{})
		if diff := cmp.Diff(test.want, got, cmpopts.EquateComparable(redact.String{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	got := Options{}.Limited(config.SSHKit{MaxConcurrentStarts: 5})
	if got.Starts != 5 || got.Remote.Timing.DNSRetries != -1 {
		t.Errorf("%+v", got)
	}
}

func TestAdmit_tells_how_long_a_login_was_queued_and_how_long_it_took(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []event.Waited
		var begun []event.Waiting
		hook := admit(newLimiter(1), func(e event.Event) {
			switch e := e.(type) {
			case event.Waited:
				told = append(told, e)
			case event.Waiting:
				begun = append(begun, e)
			}
		})
		first, err := hook(t.Context(), "vm1", "a")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(2*time.Second, func() { first(nil) })
		second, err := hook(t.Context(), "vm2", "b")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		second(errors.New("refused"))
		want := []event.Waited{
			{Host: "vm1", For: event.Queued, Since: began},
			{Host: "vm1", For: event.Connecting, Since: began, Took: 2 * time.Second},
			{Host: "vm2", For: event.Queued, Since: began, Took: 2 * time.Second},
			{Host: "vm2", For: event.Connecting, Since: began.Add(2 * time.Second), Took: 3 * time.Second},
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
		wantBegun := []event.Waiting{
			{Host: "vm1", For: event.Queued},
			{Host: "vm1", For: event.Connecting},
			{Host: "vm2", For: event.Queued},
			{Host: "vm2", For: event.Connecting},
		}
		if diff := cmp.Diff(wantBegun, begun); diff != "" {
			t.Error(diff)
		}
	})
}
