package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/report"
	"mrsk/internal/textfile"
	"mrsk/internal/ui"
)

// reporter keeps the events of a command for the page of --report. It is safe for use by many goroutines.
type reporter struct {
	path string // as the user typed it, "" for no page
	file string // the same from the root; "" until it is known that it can be written
	run  report.Run

	mu     sync.Mutex
	record *report.Record
}

func newReporter(hide func(string) string) *reporter { return &reporter{record: report.New(hide)} }

// reports adds --report to a command that rolls out.
func reports(p *program, c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&p.opener.page.path, "report", "", "write a page about the run to `FILE`, in HTML, also if it fails")
	return c
}

// checkReport refuses a file of --report that could not be written. Nothing has begun yet.
func (o *opener) checkReport(cmd *cobra.Command) error {
	if o.page.path == "" {
		return nil
	}
	file := o.page.path
	if !filepath.IsAbs(file) {
		file = filepath.Join(o.sys.Dir, file)
	}
	if err := textfile.CheckReplace(file); err != nil {
		return usageError{err: fmt.Errorf("write the report to %s: %w", o.page.path, err), hint: "name a file in a folder that you may write to"}
	}
	o.page.file, o.page.run.Command = file, o.line.name(cmd)
	return nil
}

// about says what the command is about, once that is known.
func (r *reporter) about(c *config.Project, version, performer string) {
	r.run.App, r.run.Version, r.run.Performer = c.Service, version, performer
}

// event keeps e if there is to be a page.
func (r *reporter) event(e event.Event) {
	if r.file == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record.Add(time.Now(), e)
}

// writeReport writes the page of a command that ended with err. A wrong command line has none. That the page cannot be
// written does not fail the command: what it did to hosts is done.
func (o *opener) writeReport(err error) {
	if o.page.file == "" || codeOf(err) == exitUsage {
		return
	}
	if failed := o.page.write(o.watch.began, err, o.runURL()); failed != nil {
		o.tell(event.Warning{Text: fmt.Sprintf("write the report to %s: %v", o.page.path, failed)})
		return
	}
	o.tell(event.Note{Text: "Report: " + o.page.path})
}

// tell shows an event that comes after the record of the command.
func (o *opener) tell(e event.Event) {
	o.console.ui().Sink()(e)
	o.emit(e)
}

func (r *reporter) write(began time.Time, err error, runURL string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	run := r.run
	run.Began, run.Ended, run.Status = began, time.Now(), codeOf(err)
	run.Tool, run.RunURL, run.Failure = toolVersion(), runURL, ui.Error(err)
	if _, failed := rolloutOf(err); failed {
		run.Headline, run.Failure, _ = strings.Cut(run.Failure, "\n")
	} else if end := r.record.End(); end != nil {
		run.Headline = ui.Text(*end)[0]
	}
	page, err := r.record.Page(run)
	if err != nil {
		return err
	}
	return textfile.Replace(r.file, page, modeOf(r.file))
}

// modeOf returns the mode of a file. A new one is for its owner alone, as log files are.
func modeOf(file string) os.FileMode {
	if info, err := os.Stat(file); err == nil {
		return info.Mode().Perm()
	}
	return 0o600
}

// rolloutOf returns how the rollout ended that failed with err.
func rolloutOf(err error) (end event.RolloutEnd, found bool) {
	failed := ui.FailedRollout(nil)
	if errors.As(err, &failed) {
		return failed.Rollout(), true
	}
	return event.RolloutEnd{}, false
}
