package remote_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/skeema/knownhosts"

	"mrsk/internal/remote"
	"mrsk/internal/testhost"
)

// withAgent are options with an agent of two keys, and the host's key known.
func withAgent(t *testing.T, srv *testhost.Server) remote.Options {
	t.Helper()
	_, one := testhost.NewKey(t)
	_, two := testhost.NewKey(t)
	opts := srv.Options()
	opts.Local.AgentSocket = testhost.Agent(t, one, two)
	inHome(t, opts, "known_hosts", knownhosts.Line([]string{srv.Addr()}, srv.HostKey())+"\n")
	return opts
}

// taken is how many keys a host can use while a session runs on it that asks for the agent.
func taken(t *testing.T, srv *testhost.Server, host remote.Host) int {
	t.Helper()
	s := start(t, host, "echo ready; cat")
	if got := firstLine(t, s); got != "ready" {
		t.Fatalf("got %q", got)
	}
	keys := srv.TakeAgent()
	_ = s.Stdin().Close()
	return keys
}

func TestAgent_is_lent_only_where_it_is_allowed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		wish remote.Forwarding
		conf string
		want int
	}{
		{remote.ForwardAsConfigured, "Port PORT", 0},
		{remote.ForwardAsConfigured, "ForwardAgent no", 0},
		{remote.ForwardAsConfigured, "ForwardAgent yes", 2},
		{remote.ForwardAsConfigured, "ForwardAgent ~/agent", 2},
		{remote.ForwardUnlessForbidden, "Port PORT", 2},
		{remote.ForwardUnlessForbidden, "ForwardAgent yes", 2},
		{remote.ForwardUnlessForbidden, "ForwardAgent no", 0},
		{remote.ForwardUnlessForbidden, "IdentityAgent none", 0},
		{remote.ForwardNever, "ForwardAgent yes", 0},
	} {
		t.Run(fmt.Sprint(test.wish, " ", test.conf), func(t *testing.T) {
			t.Parallel()
			withReaders(t, func(t *testing.T, run func(context.Context, ...string) ([]byte, error)) {
				srv := testhost.New(t)
				opts := withAgent(t, srv)
				inHome(t, opts, "config", strings.NewReplacer("PORT", port(srv), "~/agent", opts.Local.AgentSocket).Replace(test.conf)+"\n")
				opts.Files, opts.Local.Run, opts.Keys.ForwardAgent = remote.Files{}, run, test.wish
				if got := taken(t, srv, dial(t, srv.Addr(), opts).WithAgent()); got != test.want {
					t.Errorf("the host can use %d keys, want %d", got, test.want)
				}
			})
		})
	}
}

func TestAgent_is_lent_only_to_sessions_that_ask(t *testing.T) {
	t.Parallel()
	srv := testhost.New(t)
	opts := withAgent(t, srv)
	opts.Keys.ForwardAgent = remote.ForwardUnlessForbidden
	client := dial(t, srv.Addr(), opts)
	if got := taken(t, srv, client); got != 0 || srv.Counts().Agents != 0 {
		t.Errorf("before: the host can use %d keys", got)
	}
	if got := taken(t, srv, client.WithAgent()); got != 2 || srv.Counts().Agents != 1 {
		t.Errorf("meanwhile: the host can use %d keys", got)
	}
	eventually(t, "the agent is taken back", func() bool { return srv.TakeAgent() == 0 })
}

func TestAgent_is_not_lent_to_a_host_whose_key_was_just_accepted(t *testing.T) {
	t.Parallel()
	for name, checking := range map[string]string{"new": "accept-new", "changed": "no"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := testhost.New(t)
			opts := withAgent(t, srv)
			if name == "new" {
				inHome(t, opts, "known_hosts", "")
			}
			strict(t, &opts, checking)
			srv.RotateHostKey()
			var n notes
			opts.Hooks.Note = n.add
			opts.Keys.ForwardAgent = remote.ForwardUnlessForbidden
			target, _ := remote.ParseTarget(srv.Addr())
			d := remote.NewDialer(opts)
			t.Cleanup(func() { _ = d.Close() })
			// The second connection finds the key among those that are known.
			for range 2 {
				client, err := d.Dial(t.Context(), target)
				if err != nil {
					t.Fatal(err)
				}
				if got := taken(t, srv, client.WithAgent()); got != 0 {
					t.Errorf("the host can use %d keys", got)
				}
				_ = client.Close()
			}
			if !strings.Contains(strings.Join(n.told, "\n"), "the agent is not forwarded") {
				t.Errorf("notes: %q", n.told)
			}
		})
	}
}

func TestAgent_is_not_lent_to_jump_hosts(t *testing.T) {
	t.Parallel()
	bastion := testhost.New(t)
	srv := testhost.New(t)
	srv.Trust(bastion.Key())
	opts := withAgent(t, bastion)
	inHome(t, opts, "known_hosts", knownhosts.Line([]string{srv.Addr()}, srv.HostKey())+"\n"+
		knownhosts.Line([]string{bastion.Addr()}, bastion.HostKey())+"\n")
	opts.Keys.Data, opts.Via.Jump = bastion.Options().Keys.Data, bastion.Addr()
	opts.Keys.ForwardAgent = remote.ForwardUnlessForbidden
	client := dial(t, srv.Addr(), opts).WithAgent()
	if got := taken(t, srv, client); got != 2 {
		t.Errorf("the host can use %d keys", got)
	}
	s := start(t, client, "echo ready; cat")
	firstLine(t, s)
	if got := bastion.TakeAgent(); got != 0 {
		t.Errorf("the jump host can use %d keys", got)
	}
}
