package deploy

import (
	"slices"
	"strings"
)

// hostNotes collects notes about hosts. What is true of several hosts becomes one note that names them.
type hostNotes struct {
	order []hostNote
	hosts map[hostNote][]string
}

// hostNote is the text before and after the names of the hosts.
type hostNote struct{ before, after string }

func (n *hostNotes) add(host string, note hostNote) {
	if n.hosts == nil {
		n.hosts = map[hostNote][]string{}
	}
	if len(n.hosts[note]) == 0 {
		n.order = append(n.order, note)
	}
	n.hosts[note] = append(n.hosts[note], host)
}

// texts returns the notes in the order in which they were added first.
func (n *hostNotes) texts() []string {
	var all []string
	for _, note := range n.order {
		hosts := slices.Compact(slices.Sorted(slices.Values(n.hosts[note])))
		all = append(all, note.before+strings.Join(hosts, ", ")+note.after)
	}
	return all
}
