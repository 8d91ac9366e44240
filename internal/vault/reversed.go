package vault

import (
	"context"
	"slices"
	"strings"
)

// reversed is the adapter for trying things out: a secret is its own name backwards. LPAREN and
// RPAREN in a name make parentheses in the value, which a secrets file could not have in a name.
func reversed(_ context.Context, q *query) (Values, error) {
	var all Values
	for _, name := range q.names() {
		text := []rune(strings.NewReplacer("LPAREN", "(", "RPAREN", ")").Replace(name))
		slices.Reverse(text)
		all = all.with(name, string(text))
	}
	return all, nil
}
