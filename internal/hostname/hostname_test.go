package hostname

import "testing"

func TestMachine_is_equal_for_all_spellings_of_a_host(t *testing.T) {
	t.Parallel()
	seen := map[Machine]bool{}
	for _, spellings := range [][]string{
		{"vm1", "VM1", "vm1.", "root@vm1", "vm1:22", "me@corp@Vm1.:22"},
		{"::1", "[::1]", "[::1]:22", "0:0::1", "root@[0::1]", "[0:0:0:0:0:0:0:1]:22"},
		{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1:22"},
		{"vm1:2222", "VM1:2222"},
		{"fe80::1%eth0", "[FE80::1%eth0]"},
		{"fe80::1%eth1"},
		{"vm2"},
	} {
		want := machine(t, spellings[0])
		for _, s := range spellings {
			if got := machine(t, s); got != want {
				t.Errorf("%s: got %v, want %v", s, got, want)
			}
		}
		if seen[want] {
			t.Errorf("%s is another host", spellings[0])
		}
		seen[want] = true
	}
}

func machine(t *testing.T, name string) Machine {
	t.Helper()
	n, err := Split(name)
	if err != nil {
		t.Fatal(err)
	}
	return n.Machine(0)
}

func TestMachine_takes_the_usual_port_for_names_without_one(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"vm1": 2222, "vm1:22": 22, "vm1:2223": 2223} {
		n, err := Split(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Machine(2222).Port; got != want {
			t.Errorf("%s: got port %d, want %d", name, got, want)
		}
	}
}

func TestIsExample_knows_addresses_for_documentation(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"192.0.2.1": true, "deploy@198.51.100.7": true, "203.0.113.255:2222": true, "2001:db8::1": true, "[3fff::1]:22": true,
		"192.0.3.1": false, "example.com": false, "10.0.0.1": false, "": false, "192.0.2.1:x": false,
	} {
		if got := IsExample(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
