// Package server is about a host as such, whatever runs on it: what scripts need of it, the
// locks that its users share, the audit log, and making it ready for Docker.
package server

import (
	"strings"

	"mrsk/internal/docker"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/shell"
)

// Prelude sets the variables that the shell functions for locks and the audit log of an app read.
func Prelude(c *config.Project, performer string) string {
	tag := performer
	if c.Destination != "" {
		tag += "] [" + c.Destination
	}
	return "_app=" + shell.Quote(c.Name()) + " _performer=" + shell.Quote(tag) + "\n"
}

// Audit adds a line to the app's audit log on the host.
func Audit(role, text string) plan.Step {
	if role != "" {
		text = "[" + role + "] " + text
	}
	return plan.Step{Name: "write the audit log", Run: audit.Call(text), Role: role, BestEffort: true, Captured: true, VerboseOnly: true}
}

// AuditUndone adds the outcome of an undo to the app's audit log: see script.Session.
func AuditUndone() shell.Line { return audit.Call().Add(shell.Raw(`"Undone ($1, $2)"`)) }

// ShowAudit prints the last lines of the app's audit log.
func ShowAudit(c *config.Project, lines string) shell.Line {
	return shell.Cmd("tail", "-n", lines).Add(shell.Join(shell.Raw(`"$HOME"/.mrsk/`), shell.Lit(c.Name()+"-audit.log")))
}

// Locked runs a line while nobody else changes what the apps of the host share.
func Locked(line shell.Line) shell.Line { return hostLock.Call().And(line.Group()) }

const (
	seeEngine   = "look at docker"
	seePrograms = "look for programs"
)

// programs are what scripts need of a host, besides a POSIX sh and docker.
var programs = []string{"cat", "chgrp", "chmod", "date", "flock", "grep", "head", "id", "ls", "mkdir", "printf", "rm", "sed", "sleep", "sort", "stat", "tail", "timeout", "tr", "xargs"}

// Observe are the steps that fetch what is known of the host itself.
func Observe() []plan.Step {
	look := "for p in " + strings.Join(programs, " ") + `; do command -v "$p" >/dev/null || printf '%s ' "$p"; done`
	return []plan.Step{
		{Name: seeEngine, Run: docker.Cmd("version", "--format", "{{.Server.Version}} {{.Server.Arch}}"), Captured: true, Cacheable: true},
		{Name: seePrograms, Run: shell.Text(look), Captured: true, Cacheable: true},
	}
}

// Read fills in what is known of the host itself.
func Read(output func(step string) []byte, h *facts.Host) error {
	words := strings.Fields(string(output(seeEngine)))
	if len(words) == 2 {
		h.Engine = facts.Engine{Version: words[0], Arch: words[1]}
	}
	h.Missing = strings.Fields(string(output(seePrograms)))
	return nil
}
