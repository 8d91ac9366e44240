package inspect

import (
	"fmt"
	"time"

	"mrsk/internal/facts"
	"mrsk/internal/lock"
)

// Lock is a lock of the app on some hosts.
type Lock struct {
	Kind    string    `json:"kind"` // "run": as long as a command works; "freeze": until it is released
	Hosts   []string  `json:"hosts"`
	Who     string    `json:"who"`
	Since   time.Time `json:"since,omitzero"`
	Version string    `json:"version,omitempty"`
	Command string    `json:"command,omitempty"`
	Run     string    `json:"run,omitempty"`
	Message string    `json:"message,omitempty"`
	holder  string
}

// The kinds of locks.
const (
	KindRun    = "run"
	KindFreeze = "freeze"
)

// Locks are the locks on hosts, those of one owner together, in the order of hosts.
func Locks(hosts []facts.Host) []Lock {
	out := []Lock{}
	for _, h := range hosts {
		holder, freezer := lock.Status(h)
		out = add(out, KindRun, h.Name, holder)
		out = add(out, KindFreeze, h.Name, freezer)
	}
	return out
}

func add(all []Lock, kind, host string, r *lock.Record) []Lock {
	if r == nil {
		return all
	}
	for i := range all {
		if all[i].Kind == kind && all[i].holder == r.Holder {
			all[i].Hosts = append(all[i].Hosts, host)
			return all
		}
	}
	return append(all, Lock{
		Kind: kind, Hosts: []string{host}, Who: r.Who, Since: r.Since.UTC(), Version: r.Version,
		Command: r.Command, Run: r.Run, Message: r.Message, holder: r.Holder,
	})
}

// Text is the lock in words.
func (l Lock) Text() string {
	text := ""
	field := func(name, value string) {
		if value != "" {
			text += fmt.Sprintf("%-9s%s\n", name+":", value)
		}
	}
	field("Who", l.Who)
	if !l.Since.IsZero() {
		field("Since", l.Since.Format(time.RFC3339))
	}
	field("Version", l.Version)
	field("Command", l.Command)
	field("Run", l.Run)
	field("Message", l.Message)
	return text
}
