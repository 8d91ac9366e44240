package vault

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// onePassword fetches secrets by [op://]vault/item[/section]/field; the default field is the password. Without
// names it fetches all fields of From, which is vault/item.
func onePassword(ctx context.Context, q *query) (Values, error) {
	items, err := opItems(q)
	if err != nil {
		return nil, err
	}
	login, err := opLogin(ctx, q)
	if err != nil {
		return nil, err
	}
	var all Values
	for _, item := range items {
		fields, err := item.read(ctx, q, login)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			all = all.with(f.key(), *f.Value)
		}
	}
	return all, nil
}

// opItem is an item of a vault and the fields to fetch; no fields means all.
type opItem struct {
	vault, item string
	fields      []string // section.field
}

// opItems groups the names by item, so that each item is fetched once.
func opItems(q *query) ([]opItem, error) {
	names := q.names()
	if len(names) == 0 {
		names = []string{q.From}
	}
	var all []opItem
	for _, name := range names {
		way := parts(strings.TrimPrefix(name, "op://"))
		if len(way) < 2 {
			return nil, q.failuref("%s is not of the form vault/item[/section][/field]", name)
		}
		at := slices.IndexFunc(all, func(i opItem) bool { return i.vault == way[0] && i.item == way[1] })
		if at < 0 {
			at = len(all)
			all = append(all, opItem{vault: way[0], item: way[1]})
		}
		if field := opFieldName(way[2:]); len(q.Names) > 0 && !slices.Contains(all[at].fields, field) {
			all[at].fields = append(all[at].fields, field)
		}
	}
	return all, nil
}

func opFieldName(way []string) string {
	if len(way) == 0 {
		return "password"
	}
	return strings.Join(way, ".")
}

// opLogin signs in if necessary, and returns the options for all following commands. With the desktop app there
// is no session: op asks the app each time.
func opLogin(ctx context.Context, q *query) (options []string, err error) {
	_, ok, err := q.answer(ctx, "account", "get", "--account", q.Account)
	if err != nil {
		return nil, q.loginFailure("sign in", err)
	}
	if ok {
		return nil, nil
	}
	out, err := q.dialog(ctx, "signin", "--account", q.Account, "--force", "--raw")
	if err != nil {
		return nil, q.loginFailure("sign in as "+q.Account, err)
	}
	session := strings.TrimSpace(out)
	if session == "" {
		return nil, nil
	}
	q.hide(session)
	if variable := opSessionVariable(ctx, q); variable != "" {
		q.env = []string{variable + "=" + session}
		return nil, nil
	}
	// If op does not know the user, it accepts the session only as an option.
	return []string{"--session", session}, nil
}

// opSessionVariable returns the variable from which op reads the session of the account. It contains the id of
// the user; "" if op does not know the user.
func opSessionVariable(ctx context.Context, q *query) string {
	out, ok, _ := q.answer(ctx, "account", "list", "--format", "json")
	var accounts []struct {
		URL, Email, Shorthand string
		UserUUID              string `json:"user_uuid"`
		AccountUUID           string `json:"account_uuid"`
	}
	if !ok || q.decode(out, &accounts) != nil {
		return ""
	}
	for _, a := range accounts {
		known := []string{a.URL, strings.TrimSuffix(a.URL, ".1password.com"), a.Email, a.Shorthand, a.UserUUID, a.AccountUUID}
		if a.UserUUID != "" && slices.Contains(known, q.Account) {
			return "OP_SESSION_" + a.UserUUID
		}
	}
	return ""
}

type opField struct {
	Value     *string
	Reference string // op://vault/item[/section]/field
}

func (f opField) key() string {
	return strings.TrimSuffix(strings.TrimPrefix(f.Reference, "op://"), "/password")
}

// read fetches the fields of an item that have a value. It is an error if a requested field has none.
func (i opItem) read(ctx context.Context, q *query, login []string) ([]opField, error) {
	args := slices.Concat([]string{"item", "get", i.item, "--vault", i.vault, "--format", "json", "--account", q.Account}, login)
	if len(i.fields) > 0 {
		args = append(args, "--fields", "label="+strings.Join(i.fields, ",label="))
	}
	out, err := q.output(ctx, args...)
	if err != nil {
		return nil, q.failure("read "+i.String(), err)
	}
	fields, err := i.parse(q, out)
	if err != nil {
		return nil, err
	}
	fields = slices.DeleteFunc(fields, func(f opField) bool { return f.Value == nil })
	if slices.ContainsFunc(fields, func(f opField) bool { return f.Reference == "" }) {
		return nil, q.unexpected()
	}
	if len(fields) < len(i.fields) {
		return nil, q.failuref("read %s: there are values for %d of them only", i, len(fields))
	}
	return fields, nil
}

// parse parses an item, a list of fields, or a single field, which op prints without a list.
func (i opItem) parse(q *query, out string) ([]opField, error) {
	if len(i.fields) == 0 {
		var whole struct{ Fields []opField }
		err := q.decode(out, &whole)
		return whole.Fields, err
	}
	if strings.HasPrefix(strings.TrimSpace(out), "[") {
		var fields []opField
		err := q.decode(out, &fields)
		return fields, err
	}
	var field opField
	err := q.decode(out, &field)
	return []opField{field}, err
}

func (i opItem) String() string {
	if len(i.fields) == 0 {
		return fmt.Sprintf("item %s of vault %s", i.item, i.vault)
	}
	return fmt.Sprintf("%s of item %s of vault %s", strings.Join(i.fields, ", "), i.item, i.vault)
}
