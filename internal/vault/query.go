package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/local"
	"mrsk/internal/redact"
)

// query is a Request under way.
type query struct {
	Request
	adapter adapter
	run     Run
	env     []string // what opens the vault
	hidden  []redact.String
}

// names are the secrets with what they are in before them.
func (q *query) names() []string {
	if q.From == "" {
		return q.Names
	}
	var all []string
	for _, name := range q.Names {
		all = append(all, q.From+"/"+name)
	}
	return all
}

// hide keeps what opens the vault out of errors.
func (q *query) hide(value string) { q.hidden = append(q.hidden, redact.New(value)) }

// output runs the adapter's program and returns what it prints.
func (q *query) output(ctx context.Context, args ...string) (string, error) {
	return q.do(ctx, Command{Argv: args})
}

// dialog is output of a command that may ask a person something.
func (q *query) dialog(ctx context.Context, args ...string) (string, error) {
	return q.do(ctx, Command{Argv: args, Dialog: true})
}

// tell is dialog for a command that prints only what people are to read.
func (q *query) tell(ctx context.Context, args ...string) error {
	_, err := q.do(ctx, Command{Argv: args, Dialog: true, Told: true})
	return err
}

// answer is output of a command that may say no: then it is not ok, which is no error.
func (q *query) answer(ctx context.Context, args ...string) (text string, ok bool, err error) {
	text, err = q.output(ctx, args...)
	var exit *local.ExitError
	if errors.As(err, &exit) {
		return "", false, nil
	}
	return text, err == nil, err
}

func (q *query) do(ctx context.Context, c Command) (string, error) {
	c.Argv = slices.Concat([]string{q.adapter.program}, c.Argv)
	c.Env = slices.Clone(q.env)
	return q.run(ctx, c)
}

// failure is an error that says text, and why. Programs that are not there have no other hint
// than where to get them.
func (q *query) failure(text string, err error) *Error {
	e := &Error{Product: q.adapter.product, Text: text, Err: err}
	if err == nil {
		return e
	}
	e.Text += ": " + redact.Hide(err.Error(), q.hidden...)
	var missing *local.MissingError
	if errors.As(err, &missing) {
		e.hint = q.adapter.install
	}
	return e
}

// closed is a failure to get in.
func (q *query) closed(text string, err error) *Error {
	e := q.failure(text, err)
	if e.hint == "" {
		e.hint = q.adapter.login
	}
	return e
}

// failuref is a failure without a further reason.
func (q *query) failuref(format string, args ...any) *Error {
	return q.failure(fmt.Sprintf(format, args...), nil)
}

// decode reads JSON that the program printed. What it printed is in no error, nor what the
// decoder has to say about it, which quotes it.
func (q *query) decode(text string, into any) error {
	if json.Unmarshal([]byte(text), into) != nil {
		return q.unexpected()
	}
	return nil
}

func (q *query) unexpected() *Error {
	return q.failuref("%s printed something else than was expected", q.adapter.program)
}

// parts are what is between the slashes of a name.
func parts(name string) []string { return strings.Split(name, "/") }
