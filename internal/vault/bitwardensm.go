package vault

import (
	"context"
	"strings"
)

// bitwardenSecretsManager fetches secrets by id, or all secrets by the name "all", or those of a project by
// "project/all" with the id of the project. The keys of the values are the names of the secrets.
func bitwardenSecretsManager(ctx context.Context, q *query) (Values, error) {
	if _, err := q.output(ctx, "project", "list"); err != nil {
		return nil, q.loginFailure("log in", err)
	}
	names := q.names()
	if len(names) == 1 && names[0] == "all" {
		return bwsList(ctx, q, "secret", "list")
	}
	if project, all := strings.CutSuffix(names[0], "/all"); all && len(names) == 1 {
		return bwsList(ctx, q, "secret", "list", project)
	}
	var all Values
	for _, name := range names {
		id := name[strings.LastIndexByte(name, '/')+1:] // ids are unique over all projects
		out, err := q.output(ctx, "secret", "get", id)
		if err != nil {
			return nil, q.failure("read secret "+id, err)
		}
		var s bwsSecret
		if err := q.decode(out, &s); err != nil {
			return nil, err
		}
		if s.Key == "" {
			return nil, q.unexpected()
		}
		all = all.with(s.Key, s.Value)
	}
	return all, nil
}

type bwsSecret struct{ Key, Value string }

func bwsList(ctx context.Context, q *query, args ...string) (Values, error) {
	out, err := q.output(ctx, args...)
	if err != nil {
		return nil, q.failure("read all secrets", err)
	}
	var secrets []bwsSecret
	if err := q.decode(out, &secrets); err != nil {
		return nil, err
	}
	var all Values
	for _, s := range secrets {
		all = all.with(s.Key, s.Value)
	}
	return all, nil
}
