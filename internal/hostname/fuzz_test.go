package hostname

import "testing"

// Names come from files and from labels on hosts. A name without its port is the same host.
func FuzzSplit(f *testing.F) {
	for _, name := range []string{"vm1", "root@VM1.:22", "me@corp@[::1]:2222", "0:0::1", "fe80::1%eth0", "[::1", "a:b:c", "@", "-x", "::ffff:192.0.2.1", "vm1:", ".."} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		n, err := Split(name)
		if err != nil {
			return
		}
		m := n.Machine(0)
		if again := (Name{Host: m.Host, Port: m.Port}).Machine(0); again != m {
			t.Errorf("%q: %v in its normal form is %v", name, m, again)
		}
		if m.Port < 1 || m.Port > 65535 || n.Host == "" {
			t.Errorf("%q became %+v", name, n)
		}
	})
}
