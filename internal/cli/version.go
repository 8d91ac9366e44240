package cli

import (
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Version is the version of the program. A release build sets it with -ldflags -X; otherwise it
// is what the build recorded.
var Version = ""

// build is what a program of mrsk is made from.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`   // "" if the build recorded none
	Date     string `json:"date"`     // of the commit, as RFC 3339
	Modified bool   `json:"modified"` // files differed from the commit
	Go       string `json:"go"`
	Platform string `json:"platform"` // such as linux/amd64
}

func versionCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Show the version of mrsk itself", Args: noArgs,
		Long: `Show the version of mrsk, its commit and the date of the commit. -v also shows the Go version and the
platform. For the version of the app use mrsk app version.`,
		Example: "  mrsk version\n  mrsk version -v\n  mrsk version --json | jq -r .commit",
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			b := buildOf(info)
			switch {
			case asJSON:
				return p.console.json(b)
			case p.globals.verbose:
				return p.console.show(b.details())
			}
			return p.console.show(b.line() + "\n")
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// buildOf reads what the build recorded; info is nil if it recorded nothing.
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: toolVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// line is the build in one line, the version first.
func (b build) line() string {
	if b.Commit == "" {
		return b.Version
	}
	day, _, _ := strings.Cut(b.Date, "T")
	return b.Version + " (commit " + b.Commit[:min(12, len(b.Commit))] + ", " + day + b.changed() + ")"
}

func (b build) changed() string {
	if b.Modified {
		return ", with changes"
	}
	return ""
}

func (b build) details() string {
	text := "version   " + b.Version + "\n"
	if b.Commit != "" {
		text += "commit    " + b.Commit + b.changed() + "\ndate      " + b.Date + "\n"
	}
	return text + "go        " + b.Go + "\nplatform  " + b.Platform + "\n"
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
