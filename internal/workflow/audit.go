package workflow

import (
	"context"

	"mrsk/internal/plan"
	"mrsk/internal/server"
	"mrsk/internal/shell"
)

// AuditLog returns the last 50 lines of each host's audit log. If some hosts fail, it returns the logs
// of the others and the errors of those.
func AuditLog(ctx context.Context, env Env) (map[string]string, error) {
	read := server.ShowAudit(env.Scope.Project, "50").Add(shell.Raw("2>/dev/null")).Or(shell.Text(":"))
	results, err := askOn(ctx, env, env.Scope.Hosts(), plan.Step{Name: "read the audit log", Run: read, Captured: true, VerboseOnly: true})
	text := map[string]string{}
	for host, result := range results {
		text[host] = string(result.Stdout)
	}
	return text, err
}
