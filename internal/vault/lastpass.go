package vault

import (
	"context"
	"slices"
	"strings"
)

// lastPass fetches passwords by full name, such as group/name.
func lastPass(ctx context.Context, q *query) (Values, error) {
	if err := lastPassLogin(ctx, q); err != nil {
		return nil, err
	}
	names := q.names()
	out, err := q.output(ctx, slices.Concat([]string{"show"}, names, []string{"--json"})...)
	if err != nil {
		return nil, q.failure("read "+strings.Join(names, ", "), err)
	}
	var items []struct{ Fullname, Password string }
	if err := q.decode(out, &items); err != nil {
		return nil, err
	}
	var all Values
	for _, item := range items {
		all = all.with(item.Fullname, item.Password)
	}
	return all, q.missing(names, all)
}

// lastPassLogin logs in unless this account is logged in.
func lastPassLogin(ctx context.Context, q *query) error {
	out, ok, err := q.answer(ctx, "status", "--color", "never")
	if err != nil {
		return q.loginFailure("log in", err)
	}
	if ok && strings.TrimSpace(out) == "Logged in as "+q.Account+"." {
		return nil
	}
	if err := q.interact(ctx, "login", q.Account); err != nil {
		return q.loginFailure("log in as "+q.Account, err)
	}
	return nil
}

// missing returns an error with the names of the secrets that were not found.
func (q *query) missing(names []string, found Values) error {
	lost := slices.DeleteFunc(slices.Clone(names), found.has)
	if len(lost) == 0 {
		return nil
	}
	return q.failuref("there is no %s", strings.Join(lost, ", "))
}
