// Package server plans the steps for a host itself: the check of its programs, the locks that all apps share,
// the audit log, and the installation of Docker.
package server

import (
	"cmp"
	"fmt"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Prelude returns shell code that sets the variables which the functions for locks and the audit log read.
func Prelude(c *config.Project, performer string) string {
	tag := performer
	if c.Destination != "" {
		tag += "] [" + c.Destination
	}
	return "_app=" + shell.Quote(c.Name()) + " _performer=" + shell.Quote(tag) + "\n"
}

// Audit returns the step that adds a line to the app's audit log on the host.
func Audit(role, text string) plan.Step {
	if role != "" {
		text = "[" + role + "] " + text
	}
	return plan.Step{Name: "write the audit log", Kind: script.Audit, Run: audit.Call(text), Role: role, BestEffort: true, Captured: true, VerboseOnly: true}
}

// Unaudited returns a warning about the first step that could not write the audit log, "" if there is none.
func Unaudited(results script.Results) string {
	for _, r := range results {
		if r.Step.Kind == script.Audit && r.Ran && r.Status != 0 {
			lines := strings.Split(strings.TrimSpace(string(r.Stderr)), "\n")
			cause := cmp.Or(lines[len(lines)-1], fmt.Sprintf("exit status %d", r.Status))
			return unaudited + ": " + cause + "; look at the space there, and at the owner of ~/.mrsk"
		}
	}
	return ""
}

const unaudited = "the audit log could not be written"

// AuditThen runs line after it has added a line to the audit log. A failure to do so is told on stderr.
func AuditThen(role, text string, line shell.Line) shell.Line {
	return Audit(role, text).Run.Or(shell.Text("echo 'warning: " + unaudited + "' >&2")).Then(line)
}

// AuditUndone returns the command that adds the outcome of an undo to the app's audit log, see
// script.Session.
func AuditUndone() shell.Line { return audit.Call().Add(shell.Raw(`"Undone ($1, $2)"`)) }

// ShowAudit returns the command that prints the last lines of the app's audit log.
func ShowAudit(c *config.Project, lines string) shell.Line {
	return shell.Cmd("tail", "-n", lines).Add(shell.Join(shell.Raw(`"$HOME"/.mrsk/`), shell.Lit(c.Name()+"-audit.log")))
}

// Locked returns a command that runs line under the host lock. It protects what all apps of a host share: the
// network and the proxy.
func Locked(line shell.Line) shell.Line { return hostLock.Call().And(line.Group()) }

const (
	seeEngine   = "look at docker"
	seePrograms = "look for programs"
)

// programs are the programs that scripts use on a host, besides a POSIX sh and docker.
var programs = []string{"cat", "chgrp", "chmod", "date", "flock", "grep", "head", "id", "ls", "mkdir", "printf", "rm", "sed", "sleep", "sort", "stat", "tail", "timeout", "tr", "xargs"}

// Observe returns the steps that look for Docker's version and for missing programs.
func Observe() []plan.Step {
	look := "for p in " + strings.Join(programs, " ") + `; do command -v "$p" >/dev/null || printf '%s ' "$p"; done`
	return []plan.Step{
		{Name: seeEngine, Run: docker.Cmd("version", "--format", "{{.Server.Version}} {{.Server.Arch}}"), Captured: true, Cacheable: true},
		{Name: seePrograms, Run: shell.Text(look), Captured: true, Cacheable: true},
	}
}

// Read sets the facts about the host itself. output returns the output of a step by name.
func Read(output func(step string) []byte, h *facts.Host) error {
	words := strings.Fields(string(output(seeEngine)))
	if len(words) == 2 {
		h.Engine = facts.Engine{Version: words[0], Arch: words[1]}
	}
	h.Missing = strings.Fields(string(output(seePrograms)))
	return nil
}
