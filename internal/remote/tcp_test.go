package remote

import (
	"net"
	"testing"
	"time"
)

// The connection comes from BindAddress, and to an address of AddressFamily.
func TestDial_binds_as_the_configuration_says(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		conf    directives
		want    string // where the connection comes from
		refused bool
	}{
		"nothing":                 {want: "127.0.0.1"},
		"any":                     {conf: directives{"addressfamily": {"any"}}, want: "127.0.0.1"},
		"inet":                    {conf: directives{"addressfamily": {"inet"}}, want: "127.0.0.1"},
		"no address of that kind": {conf: directives{"addressfamily": {"inet6"}}, refused: true},
		"another word":            {conf: directives{"addressfamily": {"ipx"}}, refused: true},
		"an address":              {conf: directives{"bindaddress": {"127.0.0.2"}}, want: "127.0.0.2"},
		"every address":           {conf: directives{"bindaddress": {"*"}}, want: "127.0.0.1"},
		"a name":                  {conf: directives{"bindaddress": {"localhost"}, "addressfamily": {"inet"}}, want: "127.0.0.1"},
		"not ours":                {conf: directives{"bindaddress": {"192.0.2.1"}}, refused: true},
		"of the other kind":       {conf: directives{"bindaddress": {"127.0.0.2"}, "addressfamily": {"inet6"}}, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = server.Close() }()
			port := server.Addr().(*net.TCPAddr).Port
			d := NewDialer(Options{Timing: Timing{Connect: 5 * time.Second}})
			l := login{target: Target{Name: "vm1", Host: "127.0.0.1"}, host: "127.0.0.1", port: port, conf: test.conf}
			conn, err := d.direct(t.Context(), l)
			if test.refused {
				if err == nil {
					t.Errorf("connected from %s", conn.LocalAddr())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if from := conn.LocalAddr().(*net.TCPAddr).IP.String(); from != test.want {
				t.Errorf("from %s", from)
			}
		})
	}
}
