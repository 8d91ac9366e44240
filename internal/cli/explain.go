package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/ui"
)

func explainCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: "explain", Short: "Show the last failed deploy or rollback again", Args: noArgs,
		Long: `Show what the last deploy, setup, rollback or app boot of the app that failed said at its end: what
failed and where, what the hosts ran afterwards, and what to do. It comes from this checkout, and no
host is asked: mrsk status shows what runs now, mrsk history the runs of everybody.`,
		Example: "  mrsk explain\n  mrsk explain -d staging",
		RunE: func(*cobra.Command, []string) error {
			c, err := p.loader.config()
			if err != nil {
				return err
			}
			text, err := os.ReadFile(filepath.Join(p.sys.Dir, p.opener.failureFile(c.Project)))
			if errors.Is(err, fs.ErrNotExist) {
				p.console.ui().Sink()(note("No deploy of %s has failed in this checkout", c.Project.Service))
				return nil
			}
			if err != nil {
				return err
			}
			return p.console.show(string(text))
		},
	}
}

// failureFile is the file with what the last rollout of an app that failed said.
func (o *opener) failureFile(c *config.Project) string {
	return filepath.Join(o.logDir(), "failure."+strings.TrimSuffix(c.Service+"."+fileName(c.Destination), ".")+".txt")
}

// keepFailure writes the screen of a command that rolls out and has failed to a file, which mrsk explain shows.
func (o *opener) keepFailure(err error) {
	if err == nil || o.failed == "" {
		return
	}
	text := fmt.Sprintf("mrsk %s, %s\n\n%s", o.ran, o.sys.Now().UTC().Format(time.RFC1123), ui.Error(err))
	if err := o.writeLog(o.failed, text); err != nil {
		o.console.ui().Sink()(event.Warning{Text: "keep the failure for mrsk explain: " + err.Error()})
	}
}
