package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/ui"
)

// HistorySchema is the version of the JSON form of History. It grows when a field changes its meaning.
const HistorySchema = 1

// History is what has become of the app, newest first.
type History struct {
	Schema int       `json:"schema"` // HistorySchema
	Runs   []PastRun `json:"runs"`
}

// PastRun is a run of mrsk that brought a version to hosts, or failed to.
type PastRun struct {
	Time    time.Time  `json:"time"`    // of its last line in the audit logs
	Command string     `json:"command"` // such as deploy or rollback; "boot" if the log does not tell
	Version string     `json:"version"` // "" if the log does not tell
	Outcome RunOutcome `json:"outcome"`
	// Reason of a run that was undone: failed, ordered (another host failed, or someone interrupted it),
	// lost (the connection) or silent (the operator's machine).
	Reason  string   `json:"reason,omitempty"`
	Who     string   `json:"who"`
	Seconds int      `json:"seconds"`         // on the host that took longest; 0 if the log does not tell
	Hosts   []string `json:"hosts"`           // that run the version since
	Undone  []string `json:"undone"`          // hosts that went back
	Run     string   `json:"run,omitempty"`   // the same on all hosts
	Roles   []string `json:"roles,omitempty"` // that got the version
}

// RunOutcome is how a run ended.
type RunOutcome string

// The outcomes.
const (
	RunDone   RunOutcome = "done"
	RunUndone RunOutcome = "undone" // all hosts went back
	RunBroken RunOutcome = "broken" // an undo failed, or only some hosts went back
)

// sameRun is how far apart lines of one run may be, where the log does not tell the run.
const sameRun = 10 * time.Minute

// HistoryOf makes one list of the audit logs of hosts. The hosts of a run stand in the order that is given.
func HistoryOf(hosts []facts.Host) History {
	type line struct {
		facts.Audit
		host string
	}
	var lines []line
	for _, h := range hosts {
		for _, a := range h.Audit {
			if a.Kind == facts.AuditBooted || a.Kind == facts.AuditUndone {
				lines = append(lines, line{a, h.Name})
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.At.Compare(b.At) })
	history := History{Schema: HistorySchema, Runs: []PastRun{}}
	for _, l := range lines {
		at := slices.IndexFunc(history.Runs, func(r PastRun) bool { return r.has(l.Audit) })
		if at < 0 {
			at = len(history.Runs)
			history.Runs = append(history.Runs, PastRun{Command: cmp.Or(l.Command, "boot"), Version: l.Version, Outcome: RunDone, Who: l.Who, Run: l.Run, Hosts: []string{}, Undone: []string{}})
		}
		history.Runs[at].add(l.host, l.Audit)
	}
	for _, r := range history.Runs {
		order := func(a, b string) int { return place(hosts, a) - place(hosts, b) }
		slices.SortFunc(r.Hosts, order)
		slices.SortFunc(r.Undone, order)
	}
	slices.Reverse(history.Runs)
	slices.SortStableFunc(history.Runs, func(a, b PastRun) int { return b.Time.Compare(a.Time) })
	return history
}

func place(hosts []facts.Host, name string) int {
	return slices.IndexFunc(hosts, func(h facts.Host) bool { return h.Name == name })
}

// has reports whether a line is of the run.
func (r PastRun) has(a facts.Audit) bool {
	if a.Run != "" || r.Run != "" {
		return a.Run == r.Run
	}
	return a.Who == r.Who && a.At.Sub(r.Time) < sameRun && a.Version == r.Version
}

// add takes in a line.
func (r *PastRun) add(host string, a facts.Audit) {
	r.Time, r.Seconds = a.At, max(r.Seconds, int(a.Took.Seconds()))
	if a.Kind == facts.AuditBooted {
		r.Hosts = with(r.Hosts, host)
		if a.Role != "" {
			r.Roles = with(r.Roles, a.Role)
		}
	} else {
		r.Undone = with(r.Undone, host)
		if r.Reason == "" || r.Reason == "ordered" {
			r.Reason = a.Reason
		}
	}
	switch {
	case r.Outcome == RunBroken || a.Kind == facts.AuditUndone && !a.Complete || len(r.Hosts) > 0 && len(r.Undone) > 0:
		r.Outcome = RunBroken
	case len(r.Undone) > 0:
		r.Outcome = RunUndone
	}
}

func with(all []string, one string) []string {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// Last keeps the newest n runs.
func (h History) Last(n int) History {
	h.Runs = h.Runs[:min(n, len(h.Runs))]
	return h
}

// Text is the history as a table.
func (h History) Text() string {
	if len(h.Runs) == 0 {
		return "no deploys in the audit logs\n"
	}
	var rows [][]string
	for _, r := range h.Runs {
		rows = append(rows, []string{r.Time.UTC().Format("2006-01-02 15:04"), r.Command, r.Version, r.outcome(), r.took(), r.Who, r.hosts()})
	}
	return ui.Table([]string{"TIME (UTC)", "COMMAND", "VERSION", "OUTCOME", "TOOK", "WHO", "HOSTS"}, rows)
}

func (r PastRun) outcome() string {
	reason := map[string]string{
		"ordered": "interrupted", "lost": "connection lost", "silent": "operator's machine silent", "failed": "failed",
	}[r.Reason]
	if reason == "" {
		return string(r.Outcome)
	}
	return reason + ", " + string(r.Outcome)
}

func (r PastRun) took() string {
	if r.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf("%d s", r.Seconds)
}

func (r PastRun) hosts() string {
	switch {
	case len(r.Undone) == 0:
		return config.Few(r.Hosts)
	case len(r.Hosts) == 0:
		return config.Few(r.Undone)
	}
	return config.Few(r.Hosts) + "; undone on " + config.Few(r.Undone)
}
