package plan

import (
	"fmt"
	"strings"

	"mrsk/internal/ansi"
)

// Change is a difference that a plan makes to what runs now.
type Change struct {
	Kind ChangeKind
	// Role is the role that it is about.
	Role string
	// What is changed: a path below the role in the configuration, such as proxy/hosts, or Version, or Settings.
	What string
	// From and To are the values before and after, "" where they are hidden or there is none. From of Settings is the
	// container.
	From, To string
	Hosts    []string
	// Everywhere tells that Hosts are all hosts of the role.
	Everywhere bool
}

// ChangeKind is how something changes.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
	Unknown ChangeKind = "unknown" // what was there before does not tell
)

// signs begin the lines of changes.
var signs = map[ChangeKind]string{Added: "+", Removed: "-", Changed: "~", Unknown: "?"}

// Version is What of a Change for the version that containers of a role run. It is added where the role starts to run,
// and removed where it ends.
const Version = "version"

// Settings is What of a Change of which it is not known which settings change.
const Settings = "settings"

// String is the change in one line. Much of it may come from labels of containers, which can have any text.
func (c Change) String() string {
	c.Role, c.What, c.From, c.To = line(c.Role), line(c.What), line(c.From), line(c.To)
	text := signs[c.Kind] + " " + c.Role + ": "
	if c.Kind == Unknown {
		text += "the " + c.What + " of " + c.From + " are not known, because another tool or an older mrsk started it"
	} else {
		text += c.difference()
	}
	if !c.Everywhere {
		text += fmt.Sprintf(" (%s)", strings.Join(c.Hosts, ", "))
	}
	return text
}

// difference is what is changed, from what to what.
func (c Change) difference() string {
	text := c.What
	switch {
	case c.What == Version && c.Kind == Added:
		text += " " + c.To + " starts"
	case c.What == Version && c.Kind == Removed:
		text += " " + c.From + " stops"
	case c.What == Version:
		text += " " + c.From + " → " + c.To
	case c.From != "" && c.To != "":
		text += ": " + c.From + " → " + c.To
	case c.From+c.To != "":
		text += ": " + c.From + c.To
	}
	return text
}

// longestText is the length in bytes to which a text of a change is cut.
const longestText = 160

func line(text string) string { return ansi.Line(text, longestText) }
