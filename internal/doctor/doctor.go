// Package doctor finds what will keep the app from being deployed or from serving, and says what to do.
// Checks of hosts are pure functions of the configuration and of what the hosts answered; the others look
// at the project's folder.
package doctor

import (
	"cmp"
	"fmt"
	"slices"

	"mrsk/internal/config"
	"mrsk/internal/ui"
)

// Schema is the version of the JSON form of Report. It grows when a field changes its meaning.
const Schema = 1

// Report is what doctor found.
type Report struct {
	Schema   int       `json:"schema"`   // the constant Schema
	Findings []Finding `json:"findings"` // errors first
}

// Finding is one thing that somebody should look at.
type Finding struct {
	ID       ID       `json:"id"`
	Severity Severity `json:"severity"`
	Hosts    []string `json:"hosts"` // on which it was found; empty for the operator's machine
	What     string   `json:"what"`
	Why      string   `json:"why"`  // why it matters
	Next     string   `json:"next"` // what to do, as a command where there is one
}

// Severity says whether something fails because of a finding.
type Severity string

// The severities.
const (
	Error   Severity = "error"   // a deploy fails, or the app does not serve
	Warning Severity = "warning" // it works, with a risk
)

// New makes a report. Equal findings of several hosts become one.
func New(found ...Finding) Report {
	r := Report{Schema: Schema, Findings: []Finding{}}
	for _, f := range found {
		same := func(o Finding) bool { return o.ID == f.ID && o.What == f.What && o.Next == f.Next }
		if at := slices.IndexFunc(r.Findings, same); at >= 0 {
			r.Findings[at].Hosts = append(r.Findings[at].Hosts, f.Hosts...)
			continue
		}
		f.Hosts = append([]string{}, f.Hosts...)
		r.Findings = append(r.Findings, f)
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Severity, b.Severity) })
	return r
}

// Worst is the severity of the worst finding, "" without one.
func (r Report) Worst() Severity {
	if len(r.Findings) == 0 {
		return ""
	}
	return r.Findings[0].Severity
}

// Text is the report for people.
func (r Report) Text() string {
	if len(r.Findings) == 0 {
		return "No problems found.\n"
	}
	text := ""
	for _, f := range r.Findings {
		where := "here"
		if len(f.Hosts) > 0 {
			where = config.Few(f.Hosts)
		}
		mark := map[Severity]string{Error: "✗ ", Warning: "! "}[f.Severity]
		text += ui.Table(nil, [][]string{{mark + where + ": " + f.What + " [" + string(f.ID) + "]"}})
		text += "    " + ui.Table(nil, [][]string{{f.Why}}) + "    " + ui.Table(nil, [][]string{{"→ " + f.Next}})
	}
	return text
}

// found makes a finding of a kind.
func found(id ID, hosts []string, next, what string, args ...any) Finding {
	k := kinds[slices.IndexFunc(kinds, func(k Kind) bool { return k.ID == id })]
	return Finding{ID: id, Severity: k.Severity, Hosts: hosts, What: fmt.Sprintf(what, args...), Why: k.Why, Next: next}
}
