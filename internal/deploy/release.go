package deploy

import (
	"mrsk/internal/app"
	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/traefik"
)

// release is the command that runs once before any new container, such as a migration.
func (r Request) release() plan.Phase {
	host := r.Scope.PrimaryHost()
	role, _ := r.Scope.Role(r.Scope.PrimaryRole)
	return plan.Phase{Name: "release", Once: true, Hosts: []plan.Host{{Name: host, Stages: []plan.Stage{{
		Name: "release", Steps: append(r.releaseGround(host), app.Release(app.ReleaseRequest{
			Scope: r.Scope, Secrets: r.Secrets, Role: role, Host: host, Version: r.Version, Token: r.Token,
		})...),
	}}}}}
}

func (r Request) releaseGround(host string) []plan.Step {
	steps := []plan.Step{app.Expect(r.Scope.Project, r.Facts[host])}
	for _, s := range traefik.Network(r.Facts[host]) {
		s.Run = server.Locked(s.Run)
		steps = append(steps, s)
	}
	return append(steps, r.fetch(r.Facts[host])...)
}
