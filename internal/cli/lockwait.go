package cli

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"mrsk/internal/lock"
)

// lockWait are the options of a run that stands in line while another one holds the lock.
type lockWait struct {
	wait              bool
	timeout, interval int // seconds
}

func (l *lockWait) flags(f *pflag.FlagSet) {
	f.BoolVar(&l.wait, "lock-wait", false, "wait while another run holds the lock")
	f.IntVar(&l.timeout, "lock-wait-timeout", 900, "how long to wait for the lock, in seconds")
	f.IntVar(&l.interval, "lock-wait-interval", 15, "seconds between two attempts to take the lock")
}

func (l *lockWait) check() error {
	if min(l.timeout, l.interval) < 1 || max(l.timeout, l.interval) > longestWait {
		return usageError{err: fmt.Errorf("--lock-wait-timeout and --lock-wait-interval take seconds, 1 at the least and %d at the most", longestWait)}
	}
	return nil
}

// chosen is no wait at all without --lock-wait.
func (l *lockWait) chosen() lock.Wait {
	if !l.wait {
		return lock.Wait{}
	}
	return lock.Wait{Timeout: time.Duration(l.timeout) * time.Second, Interval: time.Duration(l.interval) * time.Second}
}
