package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"mrsk/internal/facts"
	"mrsk/internal/fleet"
	"mrsk/internal/observe"
	"mrsk/internal/workflow"
)

// observeApp looks at the hosts of the app and returns what was seen on those that answered. The error
// is about the others.
func observeApp(ctx context.Context, r workflow.Env) ([]facts.Host, error) {
	return observeOn(ctx, r, r.Scope.AppHosts(), observe.Want{})
}

// observeOn is observeApp for other hosts than those of the app, and for more facts.
func observeOn(ctx context.Context, r workflow.Env, hosts []string, want observe.Want) ([]facts.Host, error) {
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

// jsonFlag adds --json.
func jsonFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVar(to, "json", false, "print JSON")
}

// yesFlag adds -y.
func yesFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVarP(to, "confirmed", "y", false, "go ahead without asking")
}
