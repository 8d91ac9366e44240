package docker

import "mrsk/internal/shell"

// Followed shows the log of the newest running container that filters find, and when that has
// ended, as it does in a deploy, the whole log of the one that comes after it, for ever. What is
// waited for is told on stderr.
func (l Logs) Followed(what string, filters ...string) shell.Line {
	l.Follow = true
	next := l
	next.Lines = ""
	running := Cmd("ps", "--quiet").Lits(filters...)
	find := shell.Line{}.Add(shell.Join(shell.Raw("_ids="), running.Output(), shell.Raw(" || exit 1; _id=${_ids%%[!0-9a-f]*}")))
	wait := shell.Cmd("echo", "waiting for a "+what).Add(shell.Raw(">&2"))
	return shell.Text("_seen='' _told=''\nwhile :; do").
		Then(find).
		Then(shell.Text(`if [ -n "$_id" ] && [ "$_id" != "$_seen" ]; then`)).
		Then(shell.Text(`if [ -z "$_seen" ]; then`)).Then(l.Of(Found())).
		Then(shell.Text("else")).Then(next.Of(Found())).
		Then(shell.Text("fi\n_seen=$_id _told=''\nelse\n[ -n \"$_told\" ] ||").Add(wait.Inline())).
		Then(shell.Text("_told=yes\nsleep 1\nfi\ndone"))
}
