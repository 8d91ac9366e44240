package config

import "testing"

func TestAssets_are_for_roles_behind_the_proxy(t *testing.T) {
	t.Parallel()
	c := load(t, `service: app
image: org/app
registry: {username: u, password: [P]}
asset_path: /app/public/assets:ro,z
servers:
  web: [h1]
  admin: {hosts: [h1], proxy: {host: admin.example.com}, asset_path: /srv/assets}
  workers: {hosts: [h1], asset_path: /srv/assets}
`)
	for role, want := range map[string]Assets{
		"web": {"/app/public/assets", "ro,z"}, "admin": {"/srv/assets", ""}, "workers": {},
	} {
		if r, _ := c.Role(role); r.Assets != want {
			t.Errorf("%s has %+v", role, r.Assets)
		}
	}
}
