package cli

import "github.com/spf13/cobra"

func lockGroup(p *program) *cobra.Command {
	c := group("lock", "Lock the app against changes, or see who works on it",
		lockAcquireCommand(p),
		spelledOut(lockReleaseCommand(p)),
		lockStatusCommand(p),
	)
	c.Long = `Lock the app against changes, or see who works on it.

Every command that changes something holds a lock on its hosts while it runs. That lock ends with
the command, even if it is killed. The commands below manage another lock, which lasts until
someone releases it.`
	return c
}
