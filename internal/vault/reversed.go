package vault

import (
	"context"
	"slices"
	"strings"
)

// reversed is the test adapter: the value of a secret is its name reversed. LPAREN and RPAREN in a name become
// parentheses, which a name in a secrets file cannot have.
func reversed(_ context.Context, q *query) (Values, error) {
	var all Values
	for _, name := range q.names() {
		text := []rune(strings.NewReplacer("LPAREN", "(", "RPAREN", ")").Replace(name))
		slices.Reverse(text)
		all = all.with(name, string(text))
	}
	return all, nil
}
