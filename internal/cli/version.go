package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the version of the program. A release build sets it with -ldflags -X; otherwise it
// is what the build recorded.
var Version = ""

func versionCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Show the version of mrsk itself", Args: noArgs,
		Long:    "Show the version of mrsk. For the version of the app use mrsk app version.",
		Example: "  mrsk version\n  mrsk version --json",
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return p.console.json(map[string]string{"version": toolVersion(), "go": runtime.Version()})
			}
			return p.console.show(toolVersion() + "\n")
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func toolVersion() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
