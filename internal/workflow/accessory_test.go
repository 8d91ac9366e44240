package workflow

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/redact"
)

// The login is that of the accessory's own registry where it has one, and its password is in no
// argument and in nothing that is shown.
func TestFetchAccessory_logs_in_where_its_image_comes_from(t *testing.T) {
	t.Parallel()
	login := func(server, key string) config.Registry {
		return config.Registry{
			Server: server, Username: config.SecretRef{Text: redact.New("user")}, Password: config.SecretRef{Key: key},
		}
	}
	r := Env{
		Scope:   (&config.Project{Registry: login("root.example.com", "ROOT")}).All(),
		Secrets: config.NewSecrets(map[string]redact.String{"ROOT": redact.New("roots"), "OWN": redact.New("owns")}),
	}
	own := config.Accessory{Image: "own.example.com/db:1", Registry: login("own.example.com", "OWN")}
	shared := config.Accessory{Image: "mysql:8.0", Registry: config.Registry{None: true}}
	r.Scope.Accessories = []config.Accessory{own, shared}
	for want, a := range map[string]config.Accessory{
		"_secret1=owns\n{ docker image inspect | printf %s \"$_secret1\" | docker login own.example.com -u user --password-stdin && docker pull --quiet own.example.com/db:1": own,
		"_secret1=roots\n{ docker image inspect | printf %s \"$_secret1\" | docker login root.example.com -u user --password-stdin && docker pull --quiet mysql:8.0":          shared,
	} {
		line := FetchAccessory(r, a)
		first, then, _ := strings.Cut(want, " | ")
		if got := line.Wire().Reveal(); !strings.HasPrefix(got, first) || !strings.Contains(got, then) || !strings.HasSuffix(got, ">&2") {
			t.Errorf("got %s", got)
		}
		if strings.Contains(line.String(), "owns") || strings.Contains(line.String(), "roots") {
			t.Errorf("it shows %s", line)
		}
		if step := pullAccessoryStep(r, a, true); strings.Contains(step.Run.Wire().Reveal(), "image inspect") || step.Name != "pull "+a.Image {
			t.Errorf("%s: %s", step.Name, step.Run.Wire().Reveal())
		}
	}
	if got := logoutLine(r).Wire().Reveal(); got != "docker logout root.example.com\ndocker logout own.example.com" {
		t.Errorf("logout is %s", got)
	}
}
