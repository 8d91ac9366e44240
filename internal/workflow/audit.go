package workflow

import (
	"context"

	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

// AuditLog returns the last 50 lines of each host's audit log. The error is about the hosts that did
// not answer.
func AuditLog(ctx context.Context, env Env) (map[string]string, error) {
	const step = "read the audit log"
	read := server.ShowAudit(env.Scope.Project, "50").Add(shell.Raw("2>/dev/null")).Or(shell.Text(":"))
	results, err := runOn(ctx, env, env.Scope.Hosts(), plan.Step{Name: step, Run: read, Captured: true, VerboseOnly: true})
	text := map[string]string{}
	for host, result := range results {
		text[host] = string(result.Get(step).Stdout)
	}
	return text, err
}
