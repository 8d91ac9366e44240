package vault

import (
	"context"
	"slices"
	"strings"
)

// doppler fetches secrets by name in From, which is project/config, or by project/config/name. A service token
// needs no project and config.
func doppler(ctx context.Context, q *query) (Values, error) {
	options, names, err := dopplerNames(q)
	if err != nil {
		return nil, err
	}
	if err := dopplerLogin(ctx, q); err != nil {
		return nil, err
	}
	out, err := q.output(ctx, slices.Concat([]string{"secrets", "get"}, names, []string{"--json"}, options)...)
	if err != nil {
		return nil, q.failure("read "+strings.Join(names, ", "), err)
	}
	var got map[string]struct{ Computed *string }
	if err := q.decode(out, &got); err != nil {
		return nil, err
	}
	var all Values
	for _, name := range names {
		if value := got[name].Computed; value != nil {
			all = all.with(name, *value)
		}
	}
	return all, q.missing(names, all)
}

// dopplerNames splits project and config from the names. They must be the same for all names, because the keys
// of the values are the names alone.
func dopplerNames(q *query) (options, names []string, err error) {
	token := strings.HasPrefix(q.Getenv("DOPPLER_TOKEN"), "dp.st")
	in := ""
	for _, name := range q.names() {
		way := parts(name)
		last := len(way) - 1
		names = append(names, way[last])
		switch place := strings.Join(way[:last], "/"); {
		case token:
		case last != 2:
			e := q.failuref("%s does not say project and config", name)
			e.hint = "add --from project/config"
			return nil, nil, e
		case in != "" && in != place:
			return nil, nil, q.failuref("%s is not in %s: fetch them one by one", name, in)
		default:
			in = place
			options = []string{"-p", way[0], "-c", way[1]}
		}
	}
	return options, names, nil
}

func dopplerLogin(ctx context.Context, q *query) error {
	_, ok, err := q.answer(ctx, "me", "--json")
	if err != nil {
		return q.loginFailure("log in", err)
	}
	if ok {
		return nil
	}
	if err := q.interact(ctx, "login", "-y"); err != nil {
		return q.loginFailure("log in", err)
	}
	return nil
}
