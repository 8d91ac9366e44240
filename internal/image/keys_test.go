package image

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/golden"
	"mrsk/internal/redact"
)

// Every key that has to do with the image, and what it changes in the commands that are run.
func TestKeys_change_the_commands(t *testing.T) {
	t.Parallel()
	golden.Effects(t, "testdata/keys/*.txt", func(t *testing.T, text string) string {
		t.Helper()
		if !strings.HasPrefix(text, "registry:") {
			text += "\nregistry: {server: registry.example.com, username: user, password: [PASSWORD]}"
		}
		text += "\nservice: shop\nimage: acme/shop\nservers: [vm1]\n"
		c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		if err != nil {
			return golden.Refused + err.Error()
		}
		secrets, err := c.All().Secrets(func(key string) (redact.String, error) { return redact.New("the " + key), nil }, config.Needs{App: true})
		if err != nil {
			return golden.Refused + err.Error()
		}
		return transcript(t, c, secrets, "amd64") + "\nin full: " + LoginLine(c.Registry, secrets).Wire().Reveal()
	})
}
