package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"mrsk/internal/deploy"
	"mrsk/internal/event"
	"mrsk/internal/inspect"
	"mrsk/internal/workflow"
)

func (in *invocation) appBootCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "boot", Short: "Run new containers of a version that is on the hosts", Args: noArgs,
		Long: `Run new containers in the place of those that run, with today's env and options, through
the same gates as a deploy. Without --version it is the version that runs now or, where none does,
the one that was deployed last. The beginning of a version will do where only one begins with it.`,
		Example: "  mrsk app boot\n  mrsk app boot --version 6f4d9e1 --roles workers",
		RunE: func(cmd *cobra.Command, _ []string) error {
			asked := in.globals.version != "" || in.sys.Getenv("VERSION") != ""
			r, err := in.openFor(cmd, asked)
			if err != nil {
				return err
			}
			if !asked {
				var why string
				if r.Version, why, err = in.currentVersion(cmd.Context(), r); err != nil {
					return err
				}
				r.Sink(event.Note{Text: "Booting version " + r.Version + ", which " + why})
			}
			r.Confirm = in.consent(yes)
			return r.Boot(cmd.Context())
		},
	}
	yesFlag(c, &yes)
	return c
}

// errNothingRuns is an app that cannot be booted as it is, because nobody knows how it is.
var errNothingRuns = usageError{
	err:  errors.New("no container of the app runs, so there is no version to boot"),
	hint: "mrsk app start starts what ran last; mrsk app boot --version V boots a version that mrsk app images lists",
}

// currentVersion is the version that runs: of the primary role, on the first host that runs it. Where
// none runs it is the one whose image is tagged as deployed last.
func (in *invocation) currentVersion(ctx context.Context, r *workflow.Run) (version, why string, err error) {
	seen, err := in.seen(ctx, r)
	if err != nil {
		return "", "", err // Boot needs all hosts
	}
	for _, role := range r.Scope.Roles {
		for _, h := range seen {
			if v := inspect.RunningVersion(r.Scope, h, role); role.On(h.Name) && v != "" {
				return v, "runs now", nil
			}
		}
	}
	if v := deploy.LastVersion(r.Scope.Project, seen); v != "" {
		return v, "was deployed last", nil
	}
	return "", "", errNothingRuns
}
