package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/fleet"
	"mrsk/internal/inspect"
	"mrsk/internal/observe"
	"mrsk/internal/ui"
	"mrsk/internal/workflow"
)

// look makes a run for commands that show things and bring nothing into containers. They work
// without the secrets, but for those that a login needs, and without a version.
func (in *invocation) look(cmd *cobra.Command) (workflow.Env, error) {
	return in.start(cmd, opening{resolve: onlyKeys})
}

// onlyKeys fills in the keys of SSH alone.
var onlyKeys resolver = (*config.Scope).ResolveLogin

// change runs a workflow that needs no secrets and has no options.
func (in *invocation) change(cmd *cobra.Command, run func(context.Context, workflow.Env) error) error {
	r, err := in.look(cmd)
	if err != nil {
		return err
	}
	return run(cmd.Context(), r)
}

// seen looks at the hosts of the app and returns what was seen on those that answered. The error
// is about the others.
func (in *invocation) seen(ctx context.Context, r workflow.Env) ([]facts.Host, error) {
	return seenOn(ctx, r, r.Scope.AppHosts(), observe.Want{})
}

// seenOn is seen for other hosts than those of the app, and for more facts.
func seenOn(ctx context.Context, r workflow.Env, hosts []string, want observe.Want) ([]facts.Host, error) {
	all, err := r.Observer.Facts(ctx, hosts, want)
	var out []facts.Host
	for _, name := range answered(hosts, err) {
		out = append(out, all[name])
	}
	return out, err
}

// answered are the hosts that err is not about.
func answered(hosts []string, err error) []string {
	var failed *fleet.Error
	if err != nil && !errors.As(err, &failed) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(hosts), func(host string) bool { return err != nil && failed.About(host) })
}

// told shows what the hosts that answered have to say, before the failure of the others.
func told[T any](hosts []T, failed error, show func([]T) error) error {
	if len(hosts) == 0 && failed != nil {
		return failed
	}
	return errors.Join(show(hosts), failed)
}

// sections writes what was asked for of each host.
func sections[T any](in *invocation, kind string, of func(T) (host, text string)) func([]T) error {
	return func(hosts []T) error {
		for _, h := range hosts {
			host, text := of(h)
			if err := in.section(kind, host, text); err != nil {
				return err
			}
		}
		return nil
	}
}

// confirm asks before something that cannot be undone. A "no" is no failure.
func (in *invocation) confirm(ctx context.Context, question string) (bool, error) {
	sure, err := in.ui().Confirm(ctx, question)
	if err == nil && !sure {
		in.ui().Sink()(note("Nothing was done"))
	}
	return sure, err
}

// show writes what was asked for to stdout, without what could steer a terminal: it may come from
// a host.
func (in *invocation) show(text string) error { return in.write(ui.Clean(text)) }

// write writes to stdout byte for byte: what programs read, and what belongs to the user.
func (in *invocation) write(text string) error {
	_, err := io.WriteString(in.ui().Out(), text)
	return err
}

// section writes what was asked for of one host, under a header that -q leaves out.
func (in *invocation) section(kind, host, text string) error {
	return in.rawSection(kind, host, ui.Clean(text))
}

// rawSection is section for the output of programs, which is passed on byte for byte.
func (in *invocation) rawSection(kind, host, text string) error {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if in.globals.quiet {
		return in.write(text)
	}
	return in.write(fmt.Sprintf("%s Host: %s\n%s\n", kind, ui.Clean(host), text))
}

// json writes v to stdout.
func (in *invocation) json(v any) error {
	text, err := inspect.JSON(v)
	if err != nil {
		return err
	}
	return in.write(string(text))
}

// jsonFlag adds --json.
func jsonFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVar(to, "json", false, "print JSON")
}

// yesFlag adds -y.
func yesFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVarP(to, "confirmed", "y", false, "go ahead without asking")
}
