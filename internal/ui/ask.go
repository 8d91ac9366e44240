package ui

import (
	"context"
	"errors"
	"strings"
)

// ErrNoAnswer is the error of Ask when the input ends before an answer.
var ErrNoAnswer = errors.New("the input ended before the question was answered")

// Ask asks a question on stderr and returns the answer, without spaces around it. It asks again, with the reason,
// until check accepts the answer. Callers look first whether somebody can answer. It fails with ErrNoAnswer at the
// end of the input, and with the cause when ctx ends first.
func (u *UI) Ask(ctx context.Context, question string, check func(string) error) (string, error) {
	for {
		u.ask(Clean(question) + " ")
		line, err := u.answer(ctx)
		u.answered()
		if err != nil {
			return "", err
		}
		answer := strings.TrimSpace(line)
		wrong := check(answer)
		switch {
		case !strings.HasSuffix(line, "\n"):
			return "", ErrNoAnswer
		case wrong == nil:
			return answer, nil
		}
		u.ask(Clean(wrong.Error()) + "\n")
	}
}
