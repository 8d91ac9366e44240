package deploy

import (
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/redact"
)

// A rollout asks for no secret that its run has not looked up: config.Secrets would panic.
func TestRollout_uses_the_secrets_of_its_run_alone(t *testing.T) {
	t.Parallel()
	const acme = "run: {acme: {dns: route53, env: {secret: [AWS_KEY]}}}"
	for name, tt := range map[string]struct {
		text  string
		roles []string
	}{
		"a role without the proxy": {"service: shop\nimage: shop\nservers: {web: [h1], jobs: [h2]}\nproxy: {host: a.com, ssl: true, " + acme + "}", []string{"jobs"}},
		"another role on the host": {"service: shop\nimage: shop\nservers: {web: [h1], jobs: [h1]}\nproxy: {host: a.com, ssl: true, " + acme + "}", []string{"jobs"}},
		"no role has the proxy":    {"service: shop\nimage: shop\nservers: {web: {hosts: [h1], proxy: false}}\nproxy: {" + acme + "}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scope, err := load(t, tt.text).Project.Select(config.Selection{Roles: tt.roles})
			if err != nil {
				t.Fatal(err)
			}
			secrets, err := scope.Secrets(func(key string) (redact.String, error) { return redact.New(key), nil }, config.Needs{App: true})
			if err != nil {
				t.Fatal(err)
			}
			r := onHosts(scope, nil)
			r.Secrets = secrets
			if _, err := Rollout(r); err != nil {
				t.Error(err)
			}
		})
	}
}
