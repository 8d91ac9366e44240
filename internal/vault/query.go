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

// query is a Request that is being carried out.
type query struct {
	Request
	adapter adapter
	run     Run
	env     []string        // session keys and the like, as NAME=value
	hidden  []redact.String // removed from errors
}

// names returns the names of the secrets, prefixed with From.
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

// hide removes value, such as a session key, from errors.
func (q *query) hide(value string) { q.hidden = append(q.hidden, redact.New(value)) }

// output runs the adapter's program and returns its stdout.
func (q *query) output(ctx context.Context, args ...string) (string, error) {
	return q.do(ctx, Command{Argv: args})
}

// dialog is output for a command that may ask the user a question.
func (q *query) dialog(ctx context.Context, args ...string) (string, error) {
	return q.do(ctx, Command{Argv: args, Dialog: true})
}

// interact is dialog for a command whose stdout is for the user.
func (q *query) interact(ctx context.Context, args ...string) error {
	_, err := q.do(ctx, Command{Argv: args, Dialog: true, ShowStdout: true})
	return err
}

// answer is output for a command that answers yes or no by its exit status. ok is false for no.
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

// failure returns an error with text and the reason. If the program is not installed, the hint says where to
// get it.
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

// loginFailure is failure for a login. The hint says how to log in.
func (q *query) loginFailure(text string, err error) *Error {
	e := q.failure(text, err)
	if e.hint == "" {
		e.hint = q.adapter.login
	}
	return e
}

// failuref returns an error without a reason.
func (q *query) failuref(format string, args ...any) *Error {
	return q.failure(fmt.Sprintf(format, args...), nil)
}

// decode parses JSON that the program printed. Its error quotes neither the output nor the decoder, which
// quotes it: the output contains secrets.
func (q *query) decode(text string, into any) error {
	if json.Unmarshal([]byte(text), into) != nil {
		return q.unexpected()
	}
	return nil
}

func (q *query) unexpected() *Error {
	return q.failuref("%s printed unexpected output", q.adapter.program)
}

// parts splits a name at its slashes.
func parts(name string) []string { return strings.Split(name, "/") }
