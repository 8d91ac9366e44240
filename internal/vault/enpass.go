package vault

import (
	"context"
	"slices"
	"strings"
)

// enpass fetches secrets by title or title/label; a title alone is all labels of it. From is the folder of the
// vault. There is no login: the program asks for the master password unless it is in MASTERPW.
func enpass(ctx context.Context, q *query) (Values, error) {
	if q.From == "" {
		e := q.failuref("the vault is not named")
		e.hint = "add --from with the path of the vault"
		return nil, e
	}
	titles := enpassTitles(q.Names)
	out, err := q.dialog(ctx, slices.Concat([]string{"-json", "-vault", q.From, "show"}, titles)...)
	if err != nil {
		return nil, q.failure("read "+strings.Join(titles, ", "), err)
	}
	var cards []enpassCard
	if err := q.decode(out, &cards); err != nil {
		return nil, err
	}
	return enpassValues(q, cards)
}

func enpassTitles(names []string) []string {
	var titles []string
	for _, name := range names {
		title := name
		if at := strings.LastIndexByte(name, '/'); at > 0 {
			title = name[:at]
		}
		if !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	return titles
}

type enpassCard struct{ Title, Label, Password string }

func (c enpassCard) key() string {
	if c.Label == "" {
		return c.Title
	}
	return c.Title + "/" + c.Label
}

// enpassValues selects the requested secrets: the program also prints those with similar titles.
func enpassValues(q *query, cards []enpassCard) (Values, error) {
	var all, found Values
	for _, c := range cards {
		asked := slices.Contains(q.Names, c.Title) || slices.Contains(q.Names, c.key())
		switch {
		case !asked || c.Title == "" || c.Password == "":
			continue
		case all.has(c.key()):
			return nil, q.failuref("there is more than one %s", c.key())
		}
		all = all.with(c.key(), c.Password)
		found = found.with(c.Title, "").with(c.key(), "")
	}
	return all, q.missing(q.Names, found)
}
