package vault

import (
	"context"
	"slices"
	"strings"
)

// bitwarden fetches secrets by item or item/field, where field is a custom field. For an item alone it returns the
// password, or all custom fields if there is no password.
func bitwarden(ctx context.Context, q *query) (Values, error) {
	if err := bitwardenUnlock(ctx, q); err != nil {
		return nil, err
	}
	var all Values
	for _, item := range bitwardenItems(q.names()) {
		out, err := q.output(ctx, "get", "item", item.name)
		if err != nil {
			return nil, q.failure("read item "+item.name, err)
		}
		if err := q.decode(out, &item); err != nil {
			return nil, err
		}
		if all, err = item.add(q, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// bitwardenUnlock logs in and unlocks the vault if necessary, and syncs it.
func bitwardenUnlock(ctx context.Context, q *query) error {
	state, err := bitwardenState(ctx, q)
	if err != nil {
		return err
	}
	if state == "unauthenticated" {
		// It prints the key of the session, which is not for the screen.
		if _, err := q.dialog(ctx, "login", q.Account); err != nil {
			return q.loginFailure("log in as "+q.Account, err)
		}
		if state, err = bitwardenState(ctx, q); err != nil {
			return err
		}
	}
	if state == "locked" {
		session, err := q.dialog(ctx, "unlock", "--raw")
		if err != nil {
			return q.loginFailure("unlock the vault", err)
		}
		bitwardenOpen(q, strings.TrimSpace(session))
		if state, err = bitwardenState(ctx, q); err != nil {
			return err
		}
	}
	if state != "unlocked" {
		return q.loginFailure("unlock the vault: it is still "+state, nil)
	}
	if _, err := q.output(ctx, "sync"); err != nil {
		return q.failure("bring the vault up to date", err)
	}
	return nil
}

// bitwardenOpen adds the session key to the environment of all following commands.
func bitwardenOpen(q *query, session string) {
	if session == "" {
		return // one that was inherited may do
	}
	q.hide(session)
	q.env = []string{"BW_SESSION=" + session}
}

// bitwardenState returns unauthenticated, locked or unlocked.
func bitwardenState(ctx context.Context, q *query) (string, error) {
	out, err := q.output(ctx, "status")
	if err != nil {
		return "", q.loginFailure("ask for the state of the vault", err)
	}
	var state struct{ Status string }
	err = q.decode(out, &state)
	return state.Status, err
}

// bitwardenItem is an item and the fields to return; "" is the item itself.
type bitwardenItem struct {
	name   string
	wanted []string

	Login  struct{ Password *string }
	Fields []bitwardenField
}

type bitwardenField struct {
	Name  string
	Value *string
}

// bitwardenItems groups the names by item, so that each item is fetched once.
func bitwardenItems(names []string) []bitwardenItem {
	var all []bitwardenItem
	for _, name := range names {
		item, field, _ := strings.Cut(name, "/")
		at := slices.IndexFunc(all, func(i bitwardenItem) bool { return i.name == item })
		if at < 0 {
			at = len(all)
			all = append(all, bitwardenItem{name: item})
		}
		all[at].wanted = append(all[at].wanted, field)
	}
	return all
}

// add appends the values of an item that has been fetched.
func (i bitwardenItem) add(q *query, all Values) (Values, error) {
	for _, field := range i.wanted {
		value := i.field(field)
		switch {
		case field != "" && value == nil:
			return nil, q.failuref("item %s has no field %s with a value", i.name, field)
		case field != "":
			all = all.with(i.name+"/"+field, *value)
		case i.Login.Password != nil:
			all = all.with(i.name, *i.Login.Password)
		case len(i.Fields) > 0:
			all = i.addFields(all)
		default:
			return nil, q.failuref("item %s has neither a password nor fields", i.name)
		}
	}
	return all, nil
}

func (i bitwardenItem) addFields(all Values) Values {
	for _, f := range i.Fields {
		if f.Value != nil {
			all = all.with(i.name+"/"+f.Name, *f.Value)
		}
	}
	return all
}

func (i bitwardenItem) field(name string) *string {
	for _, f := range i.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}
