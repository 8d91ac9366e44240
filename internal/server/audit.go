package server

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// AuditRun sets the variables that make the lines of the audit log tell which run wrote them. The time
// that a line tells is counted from here. version is the one that the run brings to hosts, "" if it brings
// none. token is unique to the run and is not written.
func AuditRun(command, version, token string) string {
	run := command
	if version != "" {
		run += ", version " + version
	}
	run += ", run " + docker.Hash(8, token)
	return "_run=" + shell.Quote(run) + " _began=$(date +%s)\n"
}

// bootedVersion begins the text of a line about a version that a host runs from then on.
const bootedVersion = "Booted app version "

// AuditBooted returns the step that adds a line about a version of a role that the host runs from now on.
func AuditBooted(role, version string) plan.Step { return Audit(role, bootedVersion+version) }

const seeAudit = "look at the audit log"

// ObserveAudit asks for the last lines of the app's audit log. A host may have none.
func ObserveAudit(c *config.Project, lines int) []plan.Step {
	show := ShowAudit(c, strconv.Itoa(lines)).Add(shell.Raw("2>/dev/null")).Or(shell.Text(":"))
	return []plan.Step{{Name: seeAudit, Run: show, Captured: true}}
}

// ReadAudit fills in what ObserveAudit printed. It leaves out lines that mrsk has not written.
func ReadAudit(c *config.Project, output func(step string) []byte, h *facts.Host) error {
	for line := range strings.Lines(string(output(seeAudit))) {
		if a, ok := readAudit(strings.TrimRight(line, "\n"), c.Destination); ok {
			h.Audit = append(h.Audit, a)
		}
	}
	return nil
}

var (
	// auditLine is a time, who, and the rest.
	auditLine = regexp.MustCompile(`^\[(\S+)\] \[([^\]]*)\] (.*)$`)
	// auditRole is a role at the beginning of the rest.
	auditRole = regexp.MustCompile(`^\[([^\]]*)\] `)
	// auditEnd is what AuditRun appends.
	auditEnd = regexp.MustCompile(` \(([^(),]*)(?:, version ([^(),]*))?, run ([0-9a-f]{8}), (\d{1,9}) s\)$`)
	// auditUndone is what AuditUndone writes.
	auditUndone = regexp.MustCompile(`^Undone \((\w+), (\w+)\)$`)
)

// SplitAudit returns the time of a line of the audit log, and the line without it. Of a line that mrsk has not written it
// returns the zero time and the whole line.
func SplitAudit(line string) (at time.Time, text string) {
	at, parts := auditParts(line)
	if parts == nil {
		return time.Time{}, line
	}
	return at, line[len("["+parts[1]+"] "):]
}

// auditParts returns the time of a line and what auditLine finds in it, nil if mrsk has not written it.
func auditParts(line string) (at time.Time, parts []string) {
	m := auditLine.FindStringSubmatch(line)
	if m == nil {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, m[1])
	if err != nil {
		return time.Time{}, nil
	}
	return at, m
}

func readAudit(line, destination string) (facts.Audit, bool) {
	at, m := auditParts(line)
	if m == nil {
		return facts.Audit{}, false
	}
	a := facts.Audit{At: at, Who: m[2], Text: m[3]}
	if destination != "" {
		a.Text = strings.TrimPrefix(a.Text, "["+destination+"] ")
	}
	if role := auditRole.FindStringSubmatch(a.Text); role != nil {
		a.Role, a.Text = role[1], a.Text[len(role[0]):]
	}
	if end := auditEnd.FindStringSubmatch(a.Text); end != nil {
		a.Text = strings.TrimSuffix(a.Text, end[0])
		seconds, _ := strconv.Atoi(end[4]) // up to nine digits
		a.Command, a.Version, a.Run, a.Took = end[1], end[2], end[3], time.Duration(seconds)*time.Second
	}
	if version, ok := strings.CutPrefix(a.Text, bootedVersion); ok {
		a.Kind, a.Version = facts.AuditBooted, version
	} else if undo := auditUndone.FindStringSubmatch(a.Text); undo != nil {
		a.Kind, a.Complete, a.Reason = facts.AuditUndone, undo[1] == string(script.Undone), undo[2]
	}
	return a, true
}
