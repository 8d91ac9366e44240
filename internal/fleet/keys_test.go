package fleet

import (
	"fmt"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/golden"
	"mrsk/internal/redact"
	"mrsk/internal/remote"
)

// Every key that has to do with connections, and what it changes in how they are made.
func TestKeys_change_the_connections(t *testing.T) {
	t.Parallel()
	golden.Effects(t, "testdata/keys/*.txt", func(t *testing.T, text string) string {
		t.Helper()
		text += "\nservice: shop\nservers: [vm1]\n"
		c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		if err != nil {
			return golden.Refused + err.Error()
		}
		secrets, err := c.All().Secrets(func(key string) (redact.String, error) { return redact.New("the " + key), nil }, config.Needs{})
		if err != nil {
			return golden.Refused + err.Error()
		}
		o := Options{Remote: RemoteOptions(c.SSH, secrets, remote.Local{})}.Limited(c.SSHKit)
		keys := o.Remote.Keys
		out := fmt.Sprintf("login %+v\nvia %+v\nconfiguration files %+v\n", o.Remote.Login, o.Remote.Via, o.Remote.Files)
		out += fmt.Sprintf("key files %q, only these: %t\nagent forwarded: %d\n", keys.Files, keys.Only, keys.ForwardAgent)
		for _, key := range keys.Data {
			out += "key " + key.Reveal() + "\n"
		}
		return out + fmt.Sprintf("connections that start at once: %d\nretries of names: %d", o.Starts, o.Remote.Timing.DNSRetries)
	})
}
