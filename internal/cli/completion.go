package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/local"
)

// completions says what can follow --destination, --roles and --hosts. It reads files only: no
// host is asked.
func (in *invocation) completions(root *cobra.Command) {
	for flag, complete := range map[string]func() []string{
		"destination": in.destinations,
		"roles":       in.roleChoices,
		"hosts":       in.hostChoices,
	} {
		_ = root.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return behind(typed, complete()), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// versions are the last commits of the checkout, with their subjects: what a rollback can go
// back to is most likely among them, and no host need be asked.
func (in *invocation) versions(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	log, _ := local.Git(cmd.Context(), in.sys.Dir, "log", "--max-count=30", "--format=%H%x09%s")
	var out []string
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, typed) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
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

// destinations are the files beside the configuration: deploy.NAME.yml beside deploy.yml.
func (in *invocation) destinations() []string {
	file := in.globals.configFile
	if !filepath.IsAbs(file) {
		file = filepath.Join(in.sys.Dir, file)
	}
	ext := filepath.Ext(file)
	base := strings.TrimSuffix(file, ext) + "."
	found, _ := filepath.Glob(base + "*" + ext)
	var out []string
	for _, f := range found {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(f, base), ext))
	}
	return out
}

func (in *invocation) roleChoices() []string {
	return in.choices().Roles
}

func (in *invocation) hostChoices() []string {
	return in.choices().Hosts
}

func (in *invocation) choices() config.Choices {
	opts, _ := in.idleOptions(in.globals)
	return config.ReadChoices(opts)
}
