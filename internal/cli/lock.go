package cli

import "github.com/spf13/cobra"

func lockGroup(p *program) *cobra.Command {
	c := group("lock", "Keep everybody from changing the app, or see who does",
		lockAcquireCommand(p),
		spelledOut(lockReleaseCommand(p)),
		lockStatusCommand(p),
	)
	c.Long = `Keep everybody from changing the app, or see who does.

Every command that changes something holds a lock on its hosts for as long as it runs. That lock
ends with the command, even when it is killed, and needs no care. These commands manage the other
kind: a lock that lasts until somebody releases it.`
	return c
}
