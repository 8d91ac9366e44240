package ui

import (
	"errors"
	"strings"
	"testing"
)

func TestAsk_asks_until_the_answer_is_right(t *testing.T) {
	t.Parallel()
	var screen strings.Builder
	u := New(Options{In: strings.NewReader(" no\n right \n"), Err: &screen})
	right := func(text string) error {
		if text != "right" {
			return errors.New(text + " is wrong")
		}
		return nil
	}
	if got, err := u.Ask(t.Context(), "What?", right); got != "right" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if want := "What? no is wrong\nWhat? "; screen.String() != want {
		t.Errorf("the screen has %q, want %q", screen.String(), want)
	}
	if _, err := u.Ask(t.Context(), "What?", right); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("at the end of the input: %v", err)
	}
	if u.asking {
		t.Error("the question is still open")
	}
}
