package docker

import (
	"strings"
	"time"

	"mrsk/internal/shell"
)

// Logs says which part of a container's log to show, and how.
type Logs struct {
	Since          string // as docker takes it: a time, or a duration such as 5m
	Lines          string // how many of the last lines; "" is all
	Grep           string // pattern of grep that lines must match, "" for all lines
	GrepOptions    []string
	Follow         bool
	SkipTimestamps bool
}

// Of shows the log of a container, both streams as one. Lines that do not match are left out by
// the host, so that they do not travel; that none matches is no error.
func (l Logs) Of(container shell.Word) shell.Line {
	line := Cmd("logs")
	if !l.SkipTimestamps {
		line = line.Lits("--timestamps")
	}
	if l.Follow {
		line = line.Lits("--follow")
	}
	line = option(line, "--since", l.Since)
	line = option(line, "--tail", l.Lines)
	line = line.Add(container, shell.Raw("2>&1"))
	if l.Grep == "" {
		return line
	}
	return line.Pipe(l.grep())
}

func (l Logs) grep() shell.Line {
	grep := shell.Cmd("grep")
	if l.Follow {
		grep = grep.Lits("--line-buffered")
	}
	grep = grep.Lits(l.GrepOptions...).Lits("-e", l.Grep)
	return grep.Or(shell.Text("[ $? -eq 1 ]")).Group()
}

// Newest sets the shell variable _id to the newest running container that filters find, else to
// the newest one of any state; it fails, saying that there is no what, without either.
func Newest(what string, filters ...string) shell.Line {
	running := Cmd("ps", "--quiet").Lits(filters...).Pipe(shell.Text("head -n 1"))
	any := Cmd("ps", "--all", "--quiet").Lits(filters...).Pipe(shell.Text("head -n 1"))
	return shell.Line{}.Add(shell.Join(shell.Raw("_id="), running.Output(), shell.Raw(`; [ -n "$_id" ] || _id=`), any.Output())).
		Then(shell.Text(`[ -n "$_id" ] || { echo `).Add(shell.Lit("there is no "+what), shell.Raw(">&2; exit 1; }")))
}

// Found is the container that Newest found.
func Found() shell.Word { return shell.Raw(`"$_id"`) }

// SplitLog returns the time and the text of a line of a log that docker shows with timestamps. Of other lines, such as
// those between matches of grep, it returns the zero time and the whole line.
func SplitLog(line string) (at time.Time, text string) {
	first, rest, _ := strings.Cut(line, " ")
	at, err := time.Parse(time.RFC3339Nano, first)
	if err != nil {
		return time.Time{}, line
	}
	return at, rest
}
