package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/local"
)

// completions says what can follow --destination, --roles and --hosts. It reads files only: no
// host is asked.
func completions(l *loader, root *cobra.Command) {
	for flag, complete := range map[string]func() []string{
		"destination": l.destinations,
		"roles":       l.roleChoices,
		"hosts":       l.hostChoices,
	} {
		_ = root.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return behind(typed, complete()), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// completionTimeout is how long somebody who has pressed TAB waits.
const completionTimeout = 5 * time.Second

// versions are the last commits of the checkout, with their subjects: what a rollback can go
// back to is most likely among them, and no host need be asked.
func versions(dir string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
		defer cancel()
		log, _ := local.Git(ctx, dir, "log", "--max-count=30", "--format=%H%x09%s")
		var out []string
		for line := range strings.Lines(log) {
			if strings.HasPrefix(line, typed) {
				out = append(out, strings.TrimSpace(line))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// behind completes the last item of a comma list.
func behind(typed string, choices []string) []string {
	before := typed[:strings.LastIndex(typed, ",")+1]
	var out []string
	for _, c := range choices {
		if strings.HasPrefix(c, typed[len(before):]) {
			out = append(out, before+c)
		}
	}
	return out
}
